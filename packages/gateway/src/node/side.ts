import type { CallRequest, LegCommand, LegEvent } from '../calls/leg.ts';
import type { AudioEnd } from './audio-end.ts';

/** What can be said of a leg for a record: where it goes, and how far it is protected. */
export interface LegAccount {
  /** `port 0/1:7`, `cm1`, `carrier-a`. */
  readonly text: string;
  readonly kind: 'h323' | 'port' | 'trunk';
  /** Of its media: the crypto suite, `clear`, or undefined where they were never there or are no packets. */
  readonly media: string | undefined;
  /** What its signalling is proven to be inside of, or over. */
  readonly signalling: 'ipsec' | 'tls' | 'clear' | 'line';
}

/** One side of the gateway: begins legs there, does what they are told, and tells what they say. */
export interface GatewaySide {
  place(leg: string, request: CallRequest): void;
  command(leg: string, command: LegCommand): void;
  /** Undefined for a leg that is over, or has no audio yet. */
  audioOf(leg: string): AudioEnd | undefined;
  accountOf(leg: string): LegAccount;
  stop(): void | Promise<void>;
}

/** What a side tells. */
export interface SidePorts {
  /** Somebody calls; the name of the leg from now on. */
  offered(request: CallRequest): string;
  heard(leg: string, event: LegEvent): void;
  /** For the log: what is not about one call. */
  notice(level: 'info' | 'warning', text: string): void;
}
