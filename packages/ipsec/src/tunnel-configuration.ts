import type { Redacted } from '@trustline/base';
import { IpsecError } from './error.ts';
import type { ProtectedPeer } from './proof.ts';
import { familyOf } from './selector.ts';
import { type ViciFields, type ViciMessage, viciMessage } from './vici/message.ts';

/** Where ESP is done: in the kernel, or in the daemon itself where the kernel has none (plug-in kernel-libipsec). */
export type EspStack = 'kernel' | 'kernel-libipsec';

/** One tunnel, between one address of ours and one of a gateway. */
export interface TunnelConfiguration {
  /** The name of the gateway; that of the connection too. Letters, digits, hyphens, underscores and dots. */
  readonly name: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Transport needs ESP in the kernel. */
  readonly mode: 'tunnel' | 'transport';
  readonly authentication: TunnelAuthentication;
  /**
   * `standard` is IKEv2 with AES-GCM and elliptic curves. `legacy` is IKEv1 main mode with AES-128-CBC, SHA-1 and group
   * 2, for gateways of 2013, and is weak by RFC 8247: it is shown as such.
   */
  readonly profile: 'standard' | 'legacy';
  /** What is protected at each end, in the syntax of strongSwan; the whole addresses where it is not said. */
  readonly selectors?: { readonly local: readonly string[]; readonly remote: readonly string[] };
}

/** What the far end has to show beside its identity; DER. */
export type RemotePin =
  /** This very certificate, no other of the same authority. */
  | { readonly kind: 'certificate'; readonly certificate: Uint8Array }
  /** Any certificate that this authority issued for the identity. */
  | { readonly kind: 'authority'; readonly authority: Uint8Array };

export type TunnelAuthentication =
  | {
      readonly kind: 'certificate';
      readonly localIdentity: string;
      /** DER. */
      readonly localCertificate: Uint8Array;
      readonly remoteIdentity: string;
      readonly remote: RemotePin;
    }
  | {
      /** Under `legacy` only. */
      readonly kind: 'pre-shared-key';
      readonly localIdentity: string;
      readonly remoteIdentity: string;
      readonly key: Redacted<Uint8Array>;
    };

/** The name of the one child of each connection. */
export const CHILD_NAME = 'signalling';

/** Proposals (RFC 8247, RFC 8221); under `legacy` those of IOS 12.4 to 15, which no default list holds any more [R]. */
const proposals = {
  standard: {
    ike: ['aes256gcm16-prfsha384-ecp384', 'aes128gcm16-prfsha256-ecp256', 'aes128gcm16-prfsha256-x25519'],
    esp: ['aes256gcm16-ecp384', 'aes128gcm16-ecp256', 'aes128gcm16-x25519'],
  },
  legacy: { ike: ['aes128-sha1-modp1024'], esp: ['aes128-sha1'] },
} as const;

/** Sent when nothing was heard for so long; with the daemon's retransmissions a dead peer is found within 10 s. */
const DEAD_PEER_DELAY = '3s';

/** The message of `load-conn`. Throws `ipsec.setting` for what cannot be protected as it is written. */
export function connectionMessage(tunnel: TunnelConfiguration, stack: EspStack): ViciMessage {
  checkTunnel(tunnel, stack);
  const { ike, esp } = proposals[tunnel.profile];
  const { authentication } = tunnel;
  const child: ViciFields = {
    mode: tunnel.mode,
    local_ts: tunnel.selectors?.local ?? [wholeAddress(tunnel.localAddress)],
    remote_ts: tunnel.selectors?.remote ?? [wholeAddress(tunnel.remoteAddress)],
    esp_proposals: esp,
    rekey_time: '1h',
    dpd_action: 'none',
    close_action: 'none',
    // Keeps the route into the tunnel while there is no association, so that nothing leaves in the clear [R].
    start_action: 'trap',
  };
  return viciMessage({
    [tunnel.name]: {
      version: tunnel.profile === 'legacy' ? 1 : 2,
      aggressive: false,
      local_addrs: [tunnel.localAddress],
      remote_addrs: [tunnel.remoteAddress],
      proposals: ike,
      encap: stack === 'kernel-libipsec',
      mobike: false,
      // A second association from a gateway that restarted takes the place of the first.
      unique: 'replace',
      dpd_delay: DEAD_PEER_DELAY,
      ...(tunnel.profile === 'legacy' ? { dpd_timeout: '9s' } : {}),
      rekey_time: '4h',
      // The retry loop is ours: it is told about, backs off, and never gives up.
      keyingtries: 1,
      local: authenticationFields(authentication, authentication.localIdentity, 'local'),
      remote: authenticationFields(authentication, authentication.remoteIdentity, 'remote'),
      children: { [CHILD_NAME]: child },
    },
  });
}

function authenticationFields(
  authentication: TunnelAuthentication,
  identity: string,
  end: 'local' | 'remote',
): ViciFields {
  if (authentication.kind === 'pre-shared-key') return { auth: 'psk', id: identity };
  const { localCertificate, remote } = authentication;
  if (end === 'local') return { auth: 'pubkey', id: identity, certs: [localCertificate] };
  const pin = remote.kind === 'certificate' ? { certs: [remote.certificate] } : { cacerts: [remote.authority] };
  return { auth: 'pubkey', id: identity, ...pin };
}

/** The message of `load-shared`, or undefined where certificates are used. It holds the key: it must not be logged. */
export function sharedKeyMessage({ name, authentication }: TunnelConfiguration): ViciMessage | undefined {
  if (authentication.kind !== 'pre-shared-key') return undefined;
  // Both owners are named: a key without owners would prove anybody to be this gateway.
  return viciMessage({
    id: name,
    type: 'IKE',
    data: authentication.key.reveal(),
    owners: [authentication.localIdentity, authentication.remoteIdentity],
  });
}

/** What the proof has to find for a tunnel. */
export function protectedPeer({ name, mode, authentication }: TunnelConfiguration): ProtectedPeer {
  return { connection: name, mode, remoteIdentity: authentication.remoteIdentity };
}

function checkTunnel(
  { name, localAddress, remoteAddress, mode, profile, authentication }: TunnelConfiguration,
  stack: EspStack,
): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) {
    throw unusable(
      `"${name}" cannot be the name of a protected gateway`,
      'use letters, digits, hyphens, underscores and dots',
    );
  }
  const [local, remote] = [familyOf(localAddress), familyOf(remoteAddress)];
  if (local === undefined || remote === undefined) {
    const wrong = local === undefined ? localAddress : remoteAddress;
    throw unusable(`"${wrong}" is no IP address`, `give the addresses of both ends of the tunnel to ${name}`);
  }
  if (local !== remote) {
    throw unusable(
      `${localAddress} and ${remoteAddress} are of two families`,
      'give both ends by IPv4 or both by IPv6',
    );
  }
  if (mode === 'transport' && stack === 'kernel-libipsec') {
    throw unusable(`${name} wants transport mode, which needs ESP in the kernel`, 'use tunnel mode at both ends');
  }
  if (authentication.kind === 'pre-shared-key' && profile !== 'legacy') {
    throw unusable(`${name} has a pre-shared key without the legacy profile`, 'use certificates, or `profile: legacy`');
  }
  if (/[%*]/.test(authentication.remoteIdentity) || authentication.remoteIdentity === '') {
    throw unusable(
      `"${authentication.remoteIdentity}" is not the identity of one gateway`,
      'name exactly one identity',
    );
  }
}

function unusable(message: string, nextStep: string): IpsecError {
  return new IpsecError('ipsec.setting', message, { nextStep });
}

function wholeAddress(address: string): string {
  return `${address}/${familyOf(address) === 'ipv6' ? 128 : 32}`;
}
