import type { CaptureFile } from '@trustline/capture/node';
import type { SdesSuiteName } from '@trustline/keying';
import type { ServiceControlAction } from '@trustline/provisioning';
import { SipError, type SipFlow } from '@trustline/sip';
import type { TlsFacts } from '@trustline/sip/node';
import type { DirectionKeys, SrtpCryptoProvider } from '@trustline/srtp';
import type { CallEvent } from '../call/phone-call.ts';
import type { MediaSecurity } from '../call/security.ts';
import { type PhoneServer, serverText } from '../core/phone-server.ts';
import { PhoneError } from '../error.ts';
import type { PhoneKey } from '../skinny/phone-keys.ts';
import type { MediaDatagram } from './call-audio.ts';
import type { ProvenManager } from './connector.ts';
import type { PhoneConnection } from './credentials.ts';
import type { RunningCall, ShownMedia } from './running-call.ts';
import type { AudioSink, AudioSource } from './wav-file.ts';

/** Keys of both directions, for those who were given them on purpose: copies, to be cleared by their receiver. */
export interface CallKeys {
  readonly send: DirectionKeys;
  readonly receive: DirectionKeys;
}

/** How a phone registers and calls, whatever its protocol. */
export interface SoftphoneOptions {
  readonly line: string;
  readonly connection: PhoneConnection;
  /** Default `require`; `clear` sends what is said in the clear, and must be asked for by name. */
  readonly security?: MediaSecurity;
  readonly suites?: readonly SdesSuiteName[];
  readonly onEvent?: (event: PhoneEvent) => void;
  /** Sees every datagram of every call at its sockets, as it was on the wire. */
  readonly onDatagram?: (call: RunningCall, datagram: MediaDatagram) => void;
  /** Hands out the keys of a call each time they change: whoever holds them hears it. Never set by the command line. */
  readonly onKeys?: (call: RunningCall, keys: CallKeys) => void;
  /** What SRTP computes with; Node's own by default. Another one is for tests that break it on purpose. */
  readonly crypto?: SrtpCryptoProvider;
  /** Every datagram of every call is written here; the caller closes it. */
  readonly capture?: CaptureFile;
}

export type PhoneEvent =
  | {
      readonly kind: 'connected';
      readonly flow: Omit<SipFlow, 'id'>;
      readonly tls: TlsFacts | undefined;
      readonly manager: ProvenManager | undefined;
    }
  /** It is tried again by itself. */
  | { readonly kind: 'connection-failed'; readonly error: SipError | PhoneError }
  | { readonly kind: 'disconnected' | 'unregistered' }
  /** Seconds until it is said again; undefined where the connection itself is the registration (Skinny). */
  | { readonly kind: 'registered'; readonly expires: number | undefined }
  /** What its keys are for, and what is behind their lamps: all once it is registered, then what changes. Skinny alone. */
  | { readonly kind: 'keys'; readonly keys: readonly PhoneKey[] }
  | {
      readonly kind: 'registration-failed';
      /** Of SIP; Skinny has words alone. */
      readonly status: number | undefined;
      readonly reason: string;
      /** What whoever has the phone can do about it. */
      readonly nextStep: string | undefined;
      /** Tried again by itself then; undefined: the manager has said no. */
      readonly retryAt: number | undefined;
    }
  /** The manager wants the phone to fetch its files again. */
  | { readonly kind: 'service-control'; readonly action: ServiceControlAction }
  | { readonly kind: 'incoming'; readonly call: RunningCall }
  | { readonly kind: 'call'; readonly call: RunningCall; readonly event: PhoneCallEvent };

/** What happens in a call, without its keys. */
export type PhoneCallEvent =
  | Exclude<CallEvent, { readonly kind: 'media' }>
  | { readonly kind: 'media'; readonly media: ShownMedia | undefined };

export interface CallOptions {
  /** What is said; silence by default. */
  readonly source?: AudioSource | undefined;
  /** Takes what is heard; it is closed with the call. */
  readonly sink?: AudioSink | undefined;
}

export interface PlacingOptions extends CallOptions {
  /** A call that may be joined with the new one (`join`): it is put on hold. */
  readonly consultingFor?: RunningCall | undefined;
}

/** What every phone of this package can, whatever protocol it registers by. */
export interface Softphone {
  readonly isRegistered: boolean;
  readonly calls: readonly RunningCall[];
  /** Resolves when the phone is registered; rejects when a try has failed, with the reason. */
  registered(): Promise<void>;
  /** Calls a number. @throws {PhoneError} phone.not-connected, rtp.no-ports */
  call(number: string, options?: PlacingOptions): Promise<RunningCall>;
  /** Answers a call that came in; false where it cannot be any more. @throws {PhoneError} rtp.no-ports */
  answer(call: RunningCall, options?: CallOptions): Promise<boolean>;
  /** Hangs up, takes the registration back, and closes everything. */
  stop(): Promise<void>;
}

/** How long `stop` waits for its goodbyes to be answered, in milliseconds. */
export const GOODBYE_PATIENCE = 2_000;

export function notConnected(): PhoneError {
  return new PhoneError('phone.not-connected', 'The phone is not connected to its call manager', {
    nextStep: 'Wait until it is registered; it connects again by itself.',
  });
}

/** The manager took the connection and closed it before it had said anything. */
export function closedWithoutAWord(server: PhoneServer): PhoneError {
  return new PhoneError(
    'phone.closed-without-a-word',
    `The manager at ${serverText(server)} closed the connection without a word`,
    {
      nextStep:
        'It does so when it refuses a certificate: `trustline events` there names the reason. Renew it by: trustline device credentials NAME --out FOLDER --force; a device that was removed is added first: trustline device add NAME',
    },
  );
}

/** Why no connection came of a try: what it said itself, or that its certificate or key is none. */
export function connectionFailure(cause: unknown): SipError | PhoneError {
  if (cause instanceof SipError || cause instanceof PhoneError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new PhoneError('phone.credentials-malformed', `The phone's credentials cannot be used: ${text}`, {
    nextStep: 'Write them again where the manager runs: trustline device credentials NAME --out FOLDER --force',
    cause,
  });
}

/** Waits for something, and no longer than so many milliseconds. */
export async function within(milliseconds: number, what: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([what, patience]);
  clearTimeout(timer);
}
