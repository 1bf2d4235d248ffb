import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Redacted } from '@trustline/base';
import type { RemotePin, TunnelAuthentication } from '@trustline/ipsec';
import { IpsecError } from '@trustline/ipsec';
import type { ProtectedTunnel } from '@trustline/ipsec/node';
import { type Identity, readPassphrase } from '@trustline/pki/node';
import type { GatewayTunnel } from '../../configuration/ipsec-schema.ts';

/** What is known of us and of this machine when a tunnel is made of its settings. */
export interface TunnelSurroundings {
  readonly own: Identity;
  /** What we prove to be, where a tunnel says nothing else. */
  readonly localIdentity: string;
  /** DER of the authority of this cluster. */
  readonly authority: Uint8Array;
  /** The folder that paths of the settings are relative to. */
  readonly base: string;
}

/**
 * A tunnel as the daemon needs it, of the settings of a gateway.
 *
 * @throws {IpsecError} ipsec.setting, naming the file that cannot be used
 * @throws {PkiError} pki.key-file-exposed and its like for a file of a key
 */
export async function tunnelOf(settings: GatewayTunnel, surroundings: TunnelSurroundings): Promise<ProtectedTunnel> {
  const { gateway, local, remote, mode, profile, selectors, mediaPorts } = settings;
  return {
    tunnel: {
      name: gateway,
      localAddress: local,
      remoteAddress: remote,
      mode,
      profile,
      authentication: await authenticationOf(settings, surroundings),
      ...(selectors === undefined ? {} : { selectors }),
    },
    ...(mediaPorts === undefined ? {} : { mediaPorts }),
  };
}

async function authenticationOf(
  { local, remote, identity = remote, localIdentity, preSharedKeyFile, ...pins }: GatewayTunnel,
  surroundings: TunnelSurroundings,
): Promise<TunnelAuthentication> {
  if (preSharedKeyFile !== undefined) {
    const path = resolve(surroundings.base, preSharedKeyFile);
    const key = await readPassphrase({ kind: 'file', path }, {});
    if (key === undefined) throw unusable(path, 'it holds no key');
    return {
      kind: 'pre-shared-key',
      localIdentity: localIdentity ?? local,
      remoteIdentity: identity,
      key: new Redacted(new TextEncoder().encode(key.reveal())),
    };
  }
  return {
    kind: 'certificate',
    localIdentity: localIdentity ?? surroundings.localIdentity,
    localCertificate: surroundings.own.certificate.der,
    remoteIdentity: identity,
    remote: await pinOf(pins, surroundings),
  };
}

async function pinOf(
  { certificateFile, authorityFile }: Pick<GatewayTunnel, 'certificateFile' | 'authorityFile'>,
  { authority, base }: TunnelSurroundings,
): Promise<RemotePin> {
  if (certificateFile !== undefined) {
    return { kind: 'certificate', certificate: await readCertificateFile(resolve(base, certificateFile)) };
  }
  if (authorityFile !== undefined) {
    return { kind: 'authority', authority: await readCertificateFile(resolve(base, authorityFile)) };
  }
  return { kind: 'authority', authority };
}

/** DER of a file of one certificate, PEM or DER. */
async function readCertificateFile(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(new X509Certificate(await readFile(path)).raw);
  } catch (cause) {
    throw unusable(path, 'it holds no certificate that can be read', cause);
  }
}

function unusable(path: string, what: string, cause?: unknown): IpsecError {
  return new IpsecError('ipsec.setting', `${path} cannot be used: ${what}`, {
    nextStep: 'name the file of the certificate or key of the gateway, relative to the configuration',
    ...(cause === undefined ? {} : { cause }),
  });
}
