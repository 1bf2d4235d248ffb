import { createPrivateKey, X509Certificate } from 'node:crypto';
import { IpsecHelper, IpsecNode, type ProtectedTunnel, type ProtectionEvent } from '@trustline/ipsec/node';
import type { GatewayConfiguration } from '../configuration/schema.ts';
import { readDocumentFile } from './document-file.ts';
import type { CallManager } from './h323-side.ts';

type IpsecSettings = NonNullable<GatewayConfiguration['ipsec']>;

export interface GatewayIpsecPorts {
  notice(level: 'info' | 'warning', text: string): void;
  /** Keys stop, may go again, or the calls of a call manager are to end. */
  held(manager: string, is: 'gone' | 'back' | 'given-up'): void;
}

/** IPsec of a gateway that runs. */
export interface GatewayIpsec {
  readonly node: IpsecNode;
  stop(): Promise<void>;
}

/**
 * Loads the tunnels of the call managers, which then initiate them. A helper that is not there is waited for; until then
 * nothing is proven.
 *
 * @param managers with their addresses, not names
 * @throws {GatewayError} gateway.file-unreadable
 * @throws {IpsecError} for a tunnel that cannot be as it is written
 */
export async function startGatewayIpsec(
  settings: IpsecSettings,
  own: string,
  managers: readonly CallManager[],
  folder: string,
  ports: GatewayIpsecPorts,
): Promise<GatewayIpsec> {
  const stack = settings.stack === 'kernel' ? 'kernel' : 'kernel-libipsec';
  const helper =
    settings.helper === 'own'
      ? await IpsecHelper.start({
          folder: settings.folder,
          stateFile: settings.stateFile,
          stack,
          table: settings.table,
          say: (sentence) => ports.notice('warning', sentence),
        })
      : undefined;
  const certificate = (file: string) => new Uint8Array(new X509Certificate(readDocumentFile(folder, file)).raw);
  const authority = certificate(settings.authority);
  const key = createPrivateKey(readDocumentFile(folder, settings.key, true)).export({ type: 'pkcs8', format: 'der' });
  const tunnels = managers.flatMap(({ name, address, ipsec }): ProtectedTunnel[] => {
    if (ipsec === undefined) return [];
    const remote =
      ipsec.certificate === undefined
        ? ({ kind: 'authority', authority } as const)
        : ({ kind: 'certificate', certificate: certificate(ipsec.certificate) } as const);
    return [
      {
        tunnel: {
          name,
          localAddress: ipsec.local ?? own,
          remoteAddress: address,
          mode: 'tunnel',
          profile: 'standard',
          authentication: {
            kind: 'certificate',
            localIdentity: settings.localIdentity,
            localCertificate: certificate(settings.certificate),
            remoteIdentity: ipsec.identity ?? address,
            remote,
          },
        },
      },
    ];
  });
  const node = await IpsecNode.start(
    {
      folder: settings.folder,
      stack,
      credentials: { privateKey: new Uint8Array(key), authorities: [authority] },
      initiates: false,
      mediaPatience: settings.mediaSeconds * 1_000,
      onEvent: (event) => ports.notice(...wordsOf(event)),
      onHold: (manager, { kind }) =>
        ports.held(manager, kind === 'given-up' ? 'given-up' : kind === 'returned' ? 'back' : 'gone'),
    },
    tunnels,
  );
  await node.answerProbes();
  return {
    node,
    async stop() {
      await node.stop();
      await helper?.stop();
    },
  };
}

function wordsOf(event: ProtectionEvent): ['info' | 'warning', string] {
  switch (event.kind) {
    case 'ipsec-up':
      return [
        'info',
        `IPsec to ${event.connection} is up: it proved to be ${event.remoteIdentity}; ESP by ${event.encryption}`,
      ];
    case 'ipsec-down':
    case 'ipsec-failed':
      return ['warning', `IPsec to ${event.connection} is not up: ${event.reason}`];
    case 'ipsec-rekeyed':
      return ['info', `IPsec to ${event.connection} has new keys`];
    case 'ipsec-unreachable':
      return ['warning', `IPsec cannot be seen to: ${event.reason}; ${event.nextStep ?? 'start the helper'}`];
    case 'ipsec-guard-lost':
      return ['warning', `the guard against signalling in the clear is not in place: ${event.problem}`];
    case 'ipsec-guard-restored':
      return ['info', 'the guard against signalling in the clear is in place again'];
    case 'ipsec-clear-packets':
      return ['warning', `packets went around the tunnel of ${event.connection} and were dropped`];
  }
}
