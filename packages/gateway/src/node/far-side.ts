import type { SimulatedNetworkEvent, SimulatedPublicNetwork } from '../simulated-network/simulated-network.ts';
import type { VoicePort } from '../voice-port.ts';

/** Presentation indicators of Q.951. */
const ALLOWED = 0;
const RESTRICTED = 1;
/** What the caller says in a call that stands: a tone that is told from silence and from speech (Hz). */
const CALLER_TONE = 440;

/** A call that somebody behind the far end of a line makes to the gateway. */
export interface FarCallRequest {
  readonly number: string;
  readonly calling?: string;
  /** The caller withholds his number. */
  readonly isAnonymous?: boolean;
}

/** Such a call as it goes on. */
export interface FarCall {
  /** The channel that carries it, as the far side numbers it. */
  readonly channel: number | undefined;
  sendKeys(keys: string): void;
  hangUp(): void;
}

/** What stands behind the far end of a line and can be told to call: only a simulation can. */
export class FarSide {
  readonly #port: VoicePort;
  readonly #network: SimulatedPublicNetwork;
  readonly #wake: () => void;
  readonly #hearing = new Map<number, (event: SimulatedNetworkEvent) => void>();

  /**
   * @param port the far end of the line, which `network` has
   * @param wake carries what commands to it have made
   */
  constructor(port: VoicePort, network: SimulatedPublicNetwork, wake: () => void) {
    this.#port = port;
    this.#network = network;
    this.#wake = wake;
  }

  /** A telephone line has no number of its own to call: what is wanted is dialled once the gateway has taken it. */
  get dialsAfterwards(): boolean {
    return this.#port.kind === 'fxs';
  }

  /** The place of its clock: whatever has happened at the far end is told to whom it is for. */
  activity(now: number): void {
    this.#network.handleTime(now);
    for (let event = this.#network.poll(now); event !== undefined; event = this.#network.poll(now)) {
      this.#hearing.get(event.call)?.(event);
      if (event.kind === 'released') this.#hearing.delete(event.call);
    }
  }

  /** @param heard told what becomes of the call; never before this returns */
  place(
    { number, calling, isAnonymous = false }: FarCallRequest,
    heard: (event: SimulatedNetworkEvent) => void,
  ): FarCall {
    const digits = (text: string) => ({ typeOfNumber: 0, numberingPlan: 1, digits: text });
    const presentation = { indicator: isAnonymous ? RESTRICTED : ALLOWED, screening: 3 } as const;
    const call = this.#network.place(
      performance.now(),
      {
        called: digits(number),
        complete: true,
        ...(calling === undefined ? {} : { calling: { number: { ...digits(calling), presentation } } }),
      },
      { kind: 'tone', frequency: CALLER_TONE },
    );
    this.#hearing.set(call, heard);
    queueMicrotask(this.#wake);
    const channel = () => this.#port.channelOf(call);
    return {
      get channel() {
        return channel();
      },
      sendKeys: (keys) => {
        this.#port.sendKeys(performance.now(), call, keys);
        this.#wake();
      },
      hangUp: () => {
        this.#network.hangUp(performance.now(), call);
        this.#wake();
      },
    };
  }
}
