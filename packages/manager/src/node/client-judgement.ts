import { judgeDeviceCertificate } from '@trustline/pki';
import type { SipHostPort } from '@trustline/sip';
import type { TlsJudgement } from '@trustline/sip/node';
import type { DeviceDirectory } from '../device-directory.ts';
import { authorityOf } from '../legs/sip/authority.ts';
import type { TlsPeer } from '../legs/sip/gate.ts';
import type { ManagerContext } from './parts.ts';
import { noteShownMic } from './phone-proofs.ts';

/**
 * Judges a TLS client from its certificate alone, resumed connections too: dates, issuer, revocation, and that it is a
 * device of this cluster that may use TLS. Notes a MIC, where policy lets one register. The reason of a refusal is a sentence for the operator; the client gets none.
 */
export function judgeClient(
  context: Pick<ManagerContext, 'cluster' | 'clock' | 'store' | 'log'>,
  directory: DeviceDirectory,
  chain: readonly Uint8Array[],
  remote: SipHostPort,
  legacy: boolean,
  protocol: 'sip' | 'sccp' = 'sip',
): TlsJudgement<TlsPeer> {
  const { cluster, clock } = context;
  const judgment = judgeDeviceCertificate(cluster.trust, chain, clock.now(), { legacy });
  if (!judgment.accepted) {
    const whose = judgment.subject === undefined ? '' : `the certificate ${judgment.subject}: `;
    return { accepted: false, reason: `${whose}${judgment.reason}` };
  }
  const device = directory.device(judgment.device);
  if (device === undefined) {
    const reason = `the certificate is of ${judgment.device}, which is no device of this cluster`;
    return { accepted: false, reason: `${reason}; add it with: trustline device add ${judgment.device}` };
  }
  if (cluster.trust.securityMode() === 'non-secure') {
    const reason = `the cluster is non-secure, and ${device.name} may not use TLS before a CTL of mixed mode is published`;
    return { accepted: false, reason: `${reason}; trustline trust status says more` };
  }
  if (device.securityMode === 'non-secure') {
    return {
      accepted: false,
      reason: `${device.name} is a non-secure device and may not use TLS; it uses port ${protocol === 'sip' ? 5060 : 2000}`,
    };
  }
  if (judgment.means === 'MIC') noteShownMic(context, device.name, chain[0] as Uint8Array);
  return {
    accepted: true,
    peer: {
      device: device.name,
      chain,
      notAfter: judgment.notAfter,
      protection: {
        protocol,
        signalling: 'tls-mutual',
        proof: 'certificate',
        provenIdentity: judgment.subject,
        remoteAddress: authorityOf(remote),
      },
    },
  };
}
