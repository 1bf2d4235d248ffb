import type { KeyReading } from '@trustline/callcontrol';
import type { SecurityPolicy } from '@trustline/evidence';
import type { AudioFormat, SrtpKeyForm, SrtpSuite } from '@trustline/h323';

/** The gatekeeper that a gateway is behind (H.225.0 §7.7): it is asked whether a call may be, and where to. */
export interface GatekeeperSettings {
  readonly address: string;
  /** Of RAS, by UDP. */
  readonly port: number;
  /** Where one program has several zones: which. */
  readonly identifier?: string;
  /** What we are registered as (h323-ID). */
  readonly alias: string;
  /** Beginnings of numbers that it is told to be ours. */
  readonly prefixes: readonly string[];
}

/** What is known of one gateway. */
export interface GatewaySettings {
  /** Its name as a device. */
  readonly device: string;
  /** Where its call signalling comes from; the first is called. */
  readonly addresses: readonly string[];
  /** Where it listens for call signalling. */
  readonly port: number;
  /** Our address towards it; that of the route where it is absent. */
  readonly localAddress?: string;
  /** Where its media are, if elsewhere than its signalling: for people and for the tunnel alone. */
  readonly mediaAddress?: string;
  /** Of its own leg: `require` lets no call pass that is not proven and encrypted. */
  readonly policy: SecurityPolicy;
  /** Its signalling is to go by IPsec, and is proven connection by connection. */
  readonly isProtected: boolean;
  /** `legacy` is IKEv1 with AES-128, SHA-1 and group 2, for gateways of 2013: weak, and shown so. */
  readonly ipsecProfile: 'standard' | 'legacy';
  /** Under `legacy`, in place of certificates: a file on the manager's machine whose first line is the key. */
  readonly preSharedKeyFile?: string;
  readonly tunnelling: boolean;
  /** Fast connect, where media may be clear. */
  readonly fastStart: boolean;
  /** Whose key protects what; `auto` until a call has shown it. */
  readonly keyReading: KeyReading;
  readonly keyForm: SrtpKeyForm;
  /** Calls at once. */
  readonly channels: number;
  /** The most wanted first. */
  readonly codecs: readonly AudioFormat['name'][];
  readonly suites: readonly SrtpSuite[];
  /** Absent where the two speak as peers. Its calls go to `addresses` alone, whatever the gatekeeper says. */
  readonly gatekeeper?: GatekeeperSettings;
}

export const defaultGatewaySettings: Omit<GatewaySettings, 'device' | 'addresses'> = {
  port: 1720,
  policy: 'require',
  isProtected: true,
  ipsecProfile: 'standard',
  tunnelling: true,
  fastStart: false,
  keyReading: 'sender',
  keyForm: 'direct',
  channels: 30,
  codecs: ['g711Ulaw64k', 'g711Alaw64k', 'g722-64k', 'g729'],
  suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
};
