import { type SkinnyWorld, sipKey, sipMedia } from './skinny-world.fixture.ts';
import { fingerprintOf } from './stream-choice.ts';

/** Ends of the SIP door, which answer everything at once. */
export class SipEnds {
  readonly #world: SkinnyWorld;
  readonly legs: string[] = [];
  readonly #keys = new Map<string, ReturnType<typeof sipKey>>();
  #heard = 0;
  #calls = 0;

  constructor(world: SkinnyWorld) {
    this.#world = world;
  }

  /** Of the keys that they send with. */
  get keys(): readonly string[] {
    return [...this.#keys.values()].map((key) => fingerprintOf(key) ?? '');
  }

  /** The keys themselves. */
  get keyOctets(): readonly Uint8Array[] {
    return [...this.#keys.values()].flatMap(({ keys }) =>
      keys.map(({ material }) => material.reveal().subarray(0, 16)),
    );
  }

  /** An end makes a key once and keeps it, as many SIP phones do. */
  #media(leg: string, tag = 1, suite = 'AES_CM_128_HMAC_SHA1_80' as const, hold = false) {
    const key = this.#keys.get(leg) ?? sipKey(suite, tag);
    this.#keys.set(leg, key);
    return sipMedia([{ ...key, tag }], {
      direction: hold ? 'sendonly' : 'sendrecv',
      port: 7000 + 2 * this.legs.indexOf(leg),
    });
  }

  react(): void {
    const { told } = this.#world;
    while (this.#heard < told.length) {
      const output = told[this.#heard++];
      if (output === undefined) return;
      const { leg } = output;
      const offer = 'offer' in output ? output.offer : undefined;
      const [line] = offer?.streams ?? [];
      const key = line?.keys.find(({ suite }) => suite?.name === 'AES_CM_128_HMAC_SHA1_80');
      const answer = () => ({
        ...this.#media(leg, key?.tag ?? 1),
        streams: this.#media(leg, key?.tag ?? 1).streams.map((stream) =>
          key === undefined ? { ...stream, transport: 'RTP/AVP' as const, keys: [] } : stream,
        ),
      });
      switch (output.kind) {
        case 'place':
          this.legs.push(leg);
          this.#world.say({ kind: 'ringing', leg });
          this.#world.say({ kind: 'answered', leg, media: output.offer === undefined ? this.#media(leg) : answer() });
          break;
        case 'accept-with-offer':
        case 'offer':
          this.#world.say({ kind: 'answer', leg, answer: answer() });
          break;
        case 'request-offer':
          this.#world.say({ kind: 'offer', leg, offer: this.#media(leg) });
          break;
        case 'refuse':
        case 'cancel':
        case 'release':
          this.legs.splice(this.legs.indexOf(leg), 1);
          break;
        default:
      }
    }
  }

  call(destination: string, late: boolean): void {
    const leg = `sip${this.#calls++}`;
    this.legs.push(leg);
    const caller = { number: '2001', anonymous: false };
    const protection = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' } as const;
    const call = { leg, device: 'SIP1', line: '2001', destination, protection, caller };
    this.#world.say({ kind: 'incoming', ...call, ...(late ? {} : { offer: this.#media(leg) }) });
  }

  hangUp(at: number): void {
    const leg = this.legs[at % Math.max(1, this.legs.length)];
    if (leg === undefined) return;
    this.legs.splice(this.legs.indexOf(leg), 1);
    this.#world.say({ kind: 'released', leg });
  }

  hold(at: number, hold: boolean): void {
    const leg = this.legs[at % Math.max(1, this.legs.length)];
    if (leg !== undefined) this.#world.say({ kind: 'offer', leg, offer: this.#media(leg, 1, undefined, hold) });
  }
}
