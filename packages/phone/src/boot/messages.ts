import type { Redacted } from '@trustline/base';
import type { DefaultConfiguration, PhoneConfiguration, ServerAddress } from '@trustline/provisioning';
import type { FileSigner, PhoneService, TvsVoucher } from './judge.ts';
import type { PhoneState } from './state.ts';

/** What became of asking for a file, by HTTP first and by TFTP else. */
export type FetchAnswer =
  | { readonly kind: 'found'; readonly content: Uint8Array }
  | { readonly kind: 'not-found' }
  /** The server is there and gives no file. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nobody answered, or the file broke off. */
  | { readonly kind: 'failed'; readonly reason: string };

export type TvsAnswer =
  | ({ readonly outcome: 'valid' /** Seconds. */; readonly timeToLive: number } & TvsVoucher)
  | { readonly outcome: 'invalid' }
  | { readonly outcome: 'failed'; readonly reason: string };

export type TvsQuestion =
  /** Whose certificate is this? Of a file that was signed by somebody unknown. */
  | { readonly kind: 'query'; readonly signer: FileSigner }
  /** Is this certificate (DER) believed? Of a server that no list names. */
  | { readonly kind: 'verify'; readonly certificate: Uint8Array };

/** How the phone proves itself to CAPF. */
export type EnrolmentProof = 'string' | 'null-string' | 'LSC' | 'MIC';

/** Why the phone goes to CAPF. */
export type EnrolmentReason =
  /** The configuration says that an operation is pending. */
  | 'operation-pending'
  /** It has to register by TLS and has no LSC. */
  | 'certificate-missing'
  /** Its configuration is encrypted to another certificate than the one that it has. */
  | 'public-key-mismatch'
  /** Its configuration did not open with its key. */
  | 'decryption-failed';

export type EnrolmentResult =
  | { readonly outcome: 'installed'; readonly certificate: Uint8Array; readonly privateKey: Redacted<Uint8Array> }
  | { readonly outcome: 'deleted' | 'fetched' }
  | { readonly outcome: 'no-action' | 'declined' | 'unknown-device' | 'failed'; readonly reason: string }
  /** After so many milliseconds; the certificate is then there for the key that the phone has kept, or not yet. */
  | { readonly outcome: 'retry-later'; readonly reason: string; readonly after: number };

/** Answers carry the `id` of what they answer; one that nobody waits for any more is passed over. */
export type BootInput =
  | { readonly kind: 'fetched'; readonly id: number; readonly answer: FetchAnswer }
  | { readonly kind: 'tvs-answered'; readonly id: number; readonly answer: TvsAnswer }
  | { readonly kind: 'enrolled'; readonly id: number; readonly result: EnrolmentResult }
  /** The phone has made a key for CAPF, of which nothing has left it yet; PKCS#8 DER. */
  | { readonly kind: 'key-made'; readonly privateKey: Redacted<Uint8Array> }
  /** A server showed its certificate (DER) in a TLS handshake; `server-judged` with this `handshake` answers. */
  | {
      readonly kind: 'server-presented';
      readonly handshake: string;
      readonly service: PhoneService;
      readonly certificate: Uint8Array;
    }
  /** The manager, or a person, wants the phone to boot again. */
  | { readonly kind: 'reset' }
  /** A person deletes the trust lists in the settings of the phone, which then boots again. */
  | { readonly kind: 'erase-trust-lists' };

export interface RegisterOutput {
  readonly kind: 'register';
  readonly device: string;
  /** In the order in which they are to be tried. */
  readonly managers: readonly ServerAddress[];
  readonly protocol: 'SIP' | 'SCCP';
  readonly transport: 'tls' | 'tcp' | 'udp';
  /** What holds: `non-secure` where the cluster left mixed mode, whatever the configuration says. */
  readonly securityMode: 'non-secure' | 'authenticated' | 'encrypted';
  /** The certificate to show, for TLS. */
  readonly identity: 'LSC' | 'MIC' | undefined;
  readonly configuration: PhoneConfiguration | DefaultConfiguration;
}

/** A step, in the words that a phone shows or logs, and in ours. Neither holds a secret. */
export interface BootLog {
  readonly kind: 'log';
  readonly level: 'information' | 'warning' | 'alarm';
  readonly phone: string;
  readonly ours: string;
}

/** What a phone lacks that cannot register. */
export type WaitingCause =
  /** No configuration that it may use, neither a new one nor the last one. */
  | 'no-configuration'
  /** It must use TLS and has neither LSC nor MIC. */
  | 'no-certificate'
  /** It must use TLS, and no list that it holds names a call manager. */
  | 'no-trust-list'
  /** Its configuration names no call manager. */
  | 'no-managers';

export type BootOutput =
  | { readonly kind: 'fetch'; readonly id: number; readonly name: string }
  /** No servers: the phone knows none by configuration, and the server of its files may be one. */
  | {
      readonly kind: 'ask-tvs';
      readonly id: number;
      readonly servers: readonly ServerAddress[];
      readonly question: TvsQuestion;
    }
  | {
      readonly kind: 'enrol';
      readonly id: number;
      readonly servers: readonly ServerAddress[];
      readonly proof: EnrolmentProof;
      readonly reason: EnrolmentReason;
    }
  | { readonly kind: 'server-judged'; readonly handshake: string; readonly accepted: boolean; readonly reason: string }
  /** To be written before anything that follows is carried out, so that a phone never forgets whom it believes. */
  | { readonly kind: 'save'; readonly state: PhoneState }
  | RegisterOutput
  /** The phone cannot register as things are, and begins again by itself; the log before it says it in words. */
  | { readonly kind: 'waiting'; readonly cause: WaitingCause }
  /** Nothing more happens until `reset`. */
  | { readonly kind: 'stopped'; readonly reason: string }
  | BootLog;
