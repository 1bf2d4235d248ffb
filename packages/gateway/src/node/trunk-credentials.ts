import { rootCertificates, type SecureContextOptions } from 'node:tls';
import { Redacted } from '@trustline/base';
import { type Certificate, decodeCertificatesPem, judgeServerCertificate, readCertificate } from '@trustline/pki';
import type { TlsJudge } from '@trustline/sip/node';
import type { GatewayConfiguration } from '../configuration/schema.ts';
import { GatewayError } from '../error.ts';
import { readDocumentFile } from './document-file.ts';

export type ConfiguredTrunk = GatewayConfiguration['trunks'][number];

/** The carrier, as its certificate proved it. */
export interface ProvenCarrier {
  readonly subject: string;
}

/** What a carrier is believed by and told, read from the files that its document names. */
export interface TrunkCredentials {
  readonly secureContext: SecureContextOptions;
  /** RFC 5922 §7: the certificate has to be for the carrier's domain. */
  readonly judge: TlsJudge<ProvenCarrier>;
  readonly password: Redacted<string> | undefined;
}

/** @throws {GatewayError} gateway.file-unreadable, gateway.trunk-unusable */
export function readTrunkCredentials(trunk: ConfiguredTrunk, domain: string, folder: string): TrunkCredentials {
  const { name, transport, srtp, certificate, key, authorities, register } = trunk;
  if (srtp === 'require' && transport !== 'tls') {
    throw new GatewayError(
      'gateway.trunk-unusable',
      `${name} requires SRTP and has no TLS: its keys would go in the clear`,
      {
        nextStep: 'Use transport: tls, or another srtp.',
      },
    );
  }
  const bundle: Certificate[] = [];
  if (transport === 'tls') {
    const texts = authorities === undefined ? [...rootCertificates] : [readDocumentFile(folder, authorities)];
    for (const text of texts) {
      try {
        bundle.push(...decodeCertificatesPem(text).map(readCertificate));
      } catch (cause) {
        // One of the system's that is of no use is of none; a file that is named has to be right.
        if (authorities !== undefined) throw unreadable(authorities, cause);
      }
    }
  }
  return {
    secureContext: {
      ...(certificate === undefined ? {} : { cert: readDocumentFile(folder, certificate) }),
      ...(key === undefined ? {} : { key: readDocumentFile(folder, key, true) }),
      ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
    },
    judge: (chain) => {
      const judgement = judgeServerCertificate(bundle, chain, domain, Date.now());
      return judgement.accepted
        ? { accepted: true, peer: { subject: judgement.subject } }
        : { accepted: false, reason: judgement.reason };
    },
    password:
      register === undefined
        ? undefined
        : new Redacted(readDocumentFile(folder, register.passwordFile, true).split(/\r?\n/)[0] ?? ''),
  };
}

function unreadable(path: string, cause: unknown): GatewayError {
  return new GatewayError('gateway.file-unreadable', `${path} cannot be read`, {
    nextStep: 'Check that it is there, that it may be read, and what is in it.',
    cause,
  });
}
