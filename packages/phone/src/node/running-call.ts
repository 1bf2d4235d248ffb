import type { SecurityLevel } from '@trustline/evidence';
import type { AudioStatistics, DtmfDigit } from '@trustline/rtp';
import type { SrtpProfileName } from '@trustline/srtp';
import type { EndedCall } from '../call/ending.ts';
import type { TransferProgress } from '../call/phone-call.ts';
import type { CallAudio } from './call-audio.ts';

/** What is agreed for the audio, as it may be shown. */
export interface ShownMedia {
  readonly codec: 'PCMA' | 'PCMU';
  /** The crypto suite; `clear` is said, never meant by leaving something out. */
  readonly suite: SrtpProfileName | 'clear';
  /** Where our RTP goes. */
  readonly remote: { readonly host: string; readonly port: number };
}

export type CallState = 'calling' | 'ringing' | 'incoming' | 'established' | 'ended';

/** What a running call can do; the phone does it. */
export interface CallCommands {
  hold(holding: boolean): boolean;
  renewKeys(): boolean;
  transfer(number: string): boolean;
  join(other: RunningCall): boolean;
  /** Sends digits by signalling, for a far end that takes none in the media; absent where the protocol has none. */
  press?(digits: string): boolean;
  hangUp(): boolean;
  refuse(status: number): boolean;
}

/** One call of a {@link Phone}, to be watched and steered. */
export class RunningCall {
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly number: string;
  readonly displayName: string | undefined;
  readonly established: Promise<void>;
  readonly ended: Promise<EndedCall>;
  readonly #commands: CallCommands;
  readonly #established = Promise.withResolvers<void>();
  #transferred = Promise.withResolvers<boolean>();
  readonly #ended = Promise.withResolvers<EndedCall>();
  readonly #digits: DtmfDigit[] = [];
  #state: CallState;
  #level: SecurityLevel | undefined;
  #media: ShownMedia | undefined;
  #lastMedia: ShownMedia | undefined;
  #audio: CallAudio | undefined;
  #last: AudioStatistics | undefined;

  constructor(
    id: string,
    direction: RunningCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
    commands: CallCommands,
  ) {
    this.id = id;
    this.direction = direction;
    this.number = far.number;
    this.displayName = far.displayName;
    this.#state = direction === 'outgoing' ? 'calling' : 'incoming';
    this.#commands = commands;
    /** Resolves when the call is answered; never where it is not. */
    this.established = this.#established.promise;
    this.ended = this.#ended.promise;
  }

  /** Resolves when a transfer is decided: whether the far end talks to somebody else now. */
  get transferred(): Promise<boolean> {
    return this.#transferred.promise;
  }

  get state(): CallState {
    return this.#state;
  }

  /** How secure the whole call is; undefined before anything is known. */
  get level(): SecurityLevel | undefined {
    return this.#level;
  }

  get media(): ShownMedia | undefined {
    return this.#media;
  }

  /** What was agreed last: on hold, and after the end too. */
  get lastMedia(): ShownMedia | undefined {
    return this.#lastMedia;
  }

  /** Digits heard so far. */
  get digits(): string {
    return this.#digits.join('');
  }

  /** Whether digits are still being sent. */
  get sendsDigits(): boolean {
    return this.#audio?.stream.sendsDigits ?? false;
  }

  /** The audio's sockets; undefined before the call has any. */
  get mediaAddress(): { readonly address: string; readonly port: number } | undefined {
    const ports = this.#audio?.ports;
    return ports === undefined ? undefined : { address: ports.address, port: ports.port };
  }

  /** Of the audio, the last of it after the end; undefined where there never was any. */
  statistics(): AudioStatistics | undefined {
    return this.#state === 'ended' ? this.#last : this.#audio?.statistics();
  }

  /** Sends digits `0-9*#A-D`; false where the far end takes none. */
  sendDigits(digits: string): boolean {
    if (this.#state !== 'established') return false;
    return this.#audio?.stream.sendDigits(digits) === true || this.#commands.press?.(digits) === true;
  }

  hold(): boolean {
    return this.#commands.hold(true);
  }

  resume(): boolean {
    return this.#commands.hold(false);
  }

  /** Has the far end talk to a number in our place; `transfer` events of the phone say how it goes. */
  transfer(number: string): boolean {
    this.#transferred = Promise.withResolvers();
    return this.#commands.transfer(number);
  }

  /** Has the far end talk to whom another call of ours is with, or rings: both calls end when they are joined. */
  join(other: RunningCall): boolean {
    this.#transferred = Promise.withResolvers();
    return this.#commands.join(other);
  }

  /** Makes new keys for what we send. */
  renewKeys(): boolean {
    return this.#commands.renewKeys();
  }

  hangUp(): boolean {
    return this.#commands.hangUp();
  }

  /** Refuses a call that came in; 486 (busy) by default. */
  refuse(status = 486): boolean {
    return this.#commands.refuse(status);
  }

  /** @internal */
  note(
    change:
      | { readonly kind: 'audio'; readonly audio: CallAudio }
      | { readonly kind: 'media'; readonly media: ShownMedia | undefined }
      | { readonly kind: 'level'; readonly level: SecurityLevel }
      | { readonly kind: 'digit'; readonly digit: DtmfDigit }
      | { readonly kind: 'ringing' | 'established' }
      | { readonly kind: 'transfer'; readonly state: TransferProgress }
      | ({ readonly kind: 'ended' } & EndedCall),
  ): void {
    switch (change.kind) {
      case 'audio':
        this.#audio = change.audio;
        return;
      case 'media':
        this.#media = change.media;
        this.#lastMedia = change.media ?? this.#lastMedia;
        return;
      case 'level':
        this.#level = change.level;
        return;
      case 'digit':
        this.#digits.push(change.digit);
        return;
      case 'ringing':
        if (this.#state === 'calling') this.#state = 'ringing';
        return;
      case 'established':
        this.#state = 'established';
        this.#established.resolve();
        return;
      case 'transfer': {
        const { state } = change;
        if (state === 'done' || state === 'failed') this.#transferred.resolve(state === 'done');
        return;
      }
      case 'ended': {
        const { kind: _, ...ended } = change;
        this.#last = this.#audio?.statistics();
        this.#state = 'ended';
        this.#audio?.close();
        this.#ended.resolve(ended);
      }
    }
  }
}
