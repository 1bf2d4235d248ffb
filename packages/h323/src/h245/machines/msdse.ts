import type { MasterSlaveDetermination, MasterSlaveDeterminationAck } from '../../generated/h245.types.ts';
import { SignallingEntity } from './signalling-entity.ts';

export type Role = 'master' | 'slave';

export type DeterminationEvent =
  | { readonly kind: 'determined'; readonly role: Role }
  /** `numbers`: too often the same ones; the others are what the peer did, or did not. */
  | {
      readonly kind: 'failed';
      readonly because: 'no-answer' | 'numbers' | 'released' | 'out-of-turn' | 'contradiction';
    };

export interface DeterminationOptions {
  /** H.323 table 1: 50 a terminal, 60 a gateway, 120 a gatekeeper, 190 an MCU. */
  readonly terminalType: number;
  /** A new random number of 24 bits each time. */
  readonly drawNumber: () => number;
}

/** T106 and N100, as OPAL has them; H.323 gives none. */
const T106 = 30_000;
const N100 = 3;
const RANGE = 2 ** 24;

/** Master-slave determination (H.245 §8.2, Annex C.2): who decides when both want what cannot be had together. */
export class MasterSlaveDeterminationEntity extends SignallingEntity<DeterminationEvent> {
  readonly #options: DeterminationOptions;
  #state: 'idle' | 'outgoing-awaiting-response' | 'incoming-awaiting-response' = 'idle';
  #number: number;
  #tries = 0;
  #role: Role = 'slave';

  constructor(options: DeterminationOptions) {
    super();
    this.#options = options;
    this.#number = options.drawNumber();
  }

  /** DETERMINE.request; nothing where it is being determined. */
  determine(now: number): void {
    if (this.#state !== 'idle') return;
    this.#tries = 0;
    this.#state = 'outgoing-awaiting-response';
    this.#ask(now);
  }

  receiveRequest(now: number, request: MasterSlaveDetermination): void {
    if (this.#state === 'incoming-awaiting-response') {
      this.#fail('out-of-turn');
      return;
    }
    const role = this.#compare(request);
    if (role !== undefined) {
      this.#role = role;
      this.#state = 'incoming-awaiting-response';
      this.#acknowledge();
      this.start(now + T106);
    } else if (this.#state === 'outgoing-awaiting-response') {
      this.#askAgain(now);
    } else {
      this.respond({ kind: 'masterSlaveDeterminationReject', value: { cause: { kind: 'identicalNumbers' } } });
    }
  }

  receiveAck(_now: number, { decision }: MasterSlaveDeterminationAck): void {
    if (this.#state === 'idle') return;
    // The decision is the role of whoever receives it.
    if (this.#state === 'outgoing-awaiting-response') {
      this.#role = decision.kind;
      this.#acknowledge();
    } else if (decision.kind !== this.#role) {
      this.#fail('contradiction');
      return;
    }
    this.#end({ kind: 'determined', role: this.#role });
  }

  /** Both drew the same number, says the peer. */
  receiveReject(now: number): void {
    if (this.#state === 'outgoing-awaiting-response') this.#askAgain(now);
    else if (this.#state === 'incoming-awaiting-response') this.#fail('out-of-turn');
  }

  receiveRelease(_now: number): void {
    if (this.#state !== 'idle') this.#fail('released');
  }

  protected override expired(_now: number): void {
    if (this.#state === 'outgoing-awaiting-response') {
      this.indicate({ kind: 'masterSlaveDeterminationRelease', value: {} });
    }
    this.#fail('no-answer');
  }

  #ask(now: number): void {
    this.#tries += 1;
    const { terminalType } = this.#options;
    this.request({
      kind: 'masterSlaveDetermination',
      value: { terminalType, statusDeterminationNumber: this.#number },
    });
    this.start(now + T106);
  }

  #askAgain(now: number): void {
    if (this.#tries >= N100) {
      this.#fail('numbers');
      return;
    }
    this.#number = this.#options.drawNumber();
    this.#ask(now);
  }

  /** The larger type is master; among equal ones the numbers say it, modulo 2^24 (H.245 §C.2.3.3). */
  #compare({ terminalType, statusDeterminationNumber }: MasterSlaveDetermination): Role | undefined {
    const own = this.#options.terminalType;
    if (terminalType !== own) return own > terminalType ? 'master' : 'slave';
    const distance = (statusDeterminationNumber - this.#number + RANGE) % RANGE;
    if (distance === 0 || distance === RANGE / 2) return undefined;
    return distance < RANGE / 2 ? 'master' : 'slave';
  }

  #acknowledge(): void {
    const theirs: Role = this.#role === 'master' ? 'slave' : 'master';
    this.respond({ kind: 'masterSlaveDeterminationAck', value: { decision: { kind: theirs } } });
  }

  #fail(because: Extract<DeterminationEvent, { kind: 'failed' }>['because']): void {
    this.#end({ kind: 'failed', because });
  }

  #end(event: DeterminationEvent): void {
    this.#state = 'idle';
    this.stop();
    this.tell(event);
  }
}
