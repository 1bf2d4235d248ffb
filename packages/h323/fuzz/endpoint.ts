import type { EndpointEvent, EndpointOptions } from '../src/endpoint/call-endpoint.ts';
import { Party } from '../src/endpoint/pair.fixture.ts';

type Said = ReturnType<Party['sent']>[number];

const policies = ['require', 'prefer', 'forbid'] as const;
const ackKeys = ['own', 'echo', 'none'] as const;
/** As many operations as one input may have. */
const LONGEST = 400;

/** Whole calls in several settings, and some that go wrong in the middle. */
export function corpus(): Uint8Array[] {
  const call = [0x00, 0x04, 0x10, 0x04, 0x11, 0x04, 0x12, 0x04];
  const held = [...call, 0x05, 0x04, 0x06, 0x04, 0x07, 0x04, 0x15, 0x04, 0x16, 0x04, 0x09, 0x04];
  const settings = [0x00, 0x01, 0x14, 0x24, 0x40, 0x55, 0x9a, 0xe8];
  const broken = [
    [...call, 0x0c, 0x06, 0x04],
    [...call, 0x0d, 0x04],
    [0x00, 0x1b, 0x04, 0x10, 0x2b, 0x04],
    [...call, 0x09, 0x19, 0x04],
    [...call, 0x0e, 0x06, 0x4f, 0x04],
  ];
  // The proof ends with each of the messages by which channels are opened.
  const unproven = Array.from({ length: 32 }, (_, i) => {
    const steps = Array.from({ length: i >>> 1 }, () => 0x0a);
    return Uint8Array.of(0, 3, 0x00, 0x04, 0x10, ...steps, (i & 1) === 0 ? 0x4c : 0x5c, 0x04);
  });
  return [
    ...unproven,
    ...settings.map((setting) => Uint8Array.of(setting, 3, ...held)),
    ...broken.map((ops) => Uint8Array.of(0x14, 3, ...ops)),
  ];
}

/**
 * Two endpoints and the connections between them. The first octets say how they are set, each other one what happens next:
 * a command to one of them, messages that arrive, are spoilt or come twice, a connection or a proof that is lost, time. It
 * holds after each: no key is in what leaves without proof, nothing is clear where it must be protected, and a call that is
 * released says nothing more. In the end nothing is left of it.
 */
export function fuzz(data: Uint8Array): void {
  const play = new Play(data[0] ?? 0, data[1] ?? 0);
  for (const octet of data.subarray(2, LONGEST)) play.step(octet);
  play.end();
}

class Play {
  readonly #parties: readonly [Party, Party];
  /** What is under way to each. */
  readonly #under: readonly [Said[], Said[]] = [[], []];
  readonly #proven: [boolean, boolean];
  readonly #seen: [number, number] = [0, 0];
  #now = 0;
  #placed = false;
  /** Nothing was spoilt or lost, so both must agree. */
  #clean = true;

  constructor(first: number, second: number) {
    const options = (high: number): Partial<EndpointOptions> => ({
      policy: policies[(first >>> high) % 3] ?? 'require',
      tunnelling: ((first >>> (high + 2)) & 1) === 1,
      fastConnect: (second & (4 << high)) !== 0,
      ackKey: ackKeys[second % 3] ?? 'own',
    });
    this.#proven = [(second & 1) === 1, (second & 2) === 2];
    this.#parties = [new Party(1, this.#proven[0], options(0)), new Party(2, this.#proven[1], options(4))];
  }

  step(octet: number): void {
    const side = ((octet >>> 4) & 1) as 0 | 1;
    const party = this.#parties[side];
    const { endpoint } = party;
    switch (octet & 0x0f) {
      case 0:
        if (side === 1) endpoint?.proceed(this.#now);
        else if (!this.#placed) {
          this.#placed = true;
          party.place('2000', this.#now);
        }
        break;
      case 1:
        endpoint?.alert(this.#now, { inBand: (octet & 0x20) !== 0, callWaiting: (octet & 0x40) !== 0 });
        break;
      case 2:
        endpoint?.connect(this.#now);
        break;
      case 3:
        if ((octet & 0x20) === 0) endpoint?.progress(this.#now);
        else endpoint?.acknowledge(this.#now);
        break;
      case 4:
        this.#carry(Number.POSITIVE_INFINITY);
        break;
      case 5:
        endpoint?.hold(this.#now);
        break;
      case 6:
        endpoint?.resume(this.#now);
        break;
      case 7:
        endpoint?.sendDigits('1#');
        break;
      case 8:
        if ((octet & 0x20) === 0) endpoint?.transfer('3000');
        else endpoint?.closeTransmit(this.#now);
        break;
      case 9:
        endpoint?.release(16);
        break;
      case 10:
        this.#carry(1);
        break;
      case 11:
        this.#spoil(side, octet);
        break;
      case 12:
        this.#clean = false;
        // What it is about to answer was decided while there was another proof.
        if ((octet & 0x40) !== 0) this.#deliver(side, 1);
        this.#proven[side] = (octet & 0x20) !== 0;
        party.prove(this.#proven[side]);
        break;
      case 13:
        this.#lose();
        break;
      case 14:
        this.#clean = false;
        for (const { endpoint: one } of this.#parties) {
          one?.h245Closed('outgoing');
          one?.h245Closed('incoming');
        }
        break;
      default:
        this.#now += [100, 5_000, 15_000, 200_000][octet >>> 6] ?? 0;
        this.#clean = false;
        for (const one of this.#parties) {
          one.connection.handleTimeout(this.#now);
          one.endpoint?.handleTimeout(this.#now);
        }
    }
    this.#listen();
  }

  end(): void {
    this.#carry(Number.POSITIVE_INFINITY);
    this.#listen();
    if (this.#clean) this.#agree();
    for (const party of this.#parties) party.endpoint?.release(16);
    this.#lose();
    this.#listen();
    for (const party of this.#parties) {
      if (party.connection.size > 0) throw new Error('a call is left');
      if ((party.connection.nextDeadline() ?? party.endpoint?.nextDeadline()) !== undefined)
        throw new Error('a timer is left');
    }
  }

  /** What both sent is put under way, and what they were told is judged. */
  #listen(): void {
    this.#parties.forEach((party, side) => {
      const sent = party.sent(this.#now);
      if (this.#proven[side] === false && sent.some(({ octets }) => this.#holdsKey(octets))) {
        throw new Error('a key left without proof');
      }
      this.#under[1 - side]?.push(...sent);
      const seen = this.#seen[side] ?? 0;
      for (const event of party.events.slice(seen)) judge(party, event);
      if (party.events.slice(0, -1).some(({ kind }) => kind === 'released'))
        throw new Error('a released call says more');
      this.#seen[side] = party.events.length;
    });
    if (this.#under.some(({ length }) => length > 1_000)) throw new Error('the two never stop talking');
    this.#join();
  }

  #holdsKey(octets: Uint8Array): boolean {
    const whole = Buffer.from(octets);
    return this.#parties.some(({ keys }) => keys.some((key) => whole.includes(Buffer.from(key))));
  }

  #join(): void {
    this.#parties.forEach((party, side) => {
      if (!party.wantsH245) return;
      party.wantsH245 = false;
      party.endpoint?.h245Opened(this.#now, 'outgoing');
      this.#parties[1 - side]?.endpoint?.h245Opened(this.#now, 'incoming');
      this.#listen();
    });
  }

  #carry(most: number): void {
    for (let rounds = 0; rounds < 200; rounds++) {
      let carried = 0;
      this.#parties.forEach((_, side) => {
        carried += this.#deliver(side as 0 | 1, most);
      });
      this.#listen();
      if (carried === 0 || most !== Number.POSITIVE_INFINITY) return;
    }
    throw new Error('the two never stop talking');
  }

  #deliver(side: 0 | 1, most: number): number {
    const arrived = this.#under[side].splice(0, most);
    for (const { by, octets } of arrived) {
      this.#parties[side].receive(
        this.#now,
        by === 'outgoing' ? 'incoming' : by === 'incoming' ? 'outgoing' : by,
        octets,
      );
    }
    return arrived.length;
  }

  /** The next message to one is changed in one octet, or comes twice. */
  #spoil(side: 0 | 1, octet: number): void {
    const [said] = this.#under[side];
    if (said === undefined) return;
    this.#clean = false;
    if ((octet & 0x20) !== 0) {
      this.#under[side].unshift({ by: said.by, octets: said.octets.slice() });
      return;
    }
    const at = (octet * 37 + this.#seen[side] * 11) % said.octets.byteLength;
    const octets = said.octets.slice();
    octets[at] = (octets[at] ?? 0) ^ (1 << (octet >>> 6));
    this.#under[side][0] = { by: said.by, octets };
    // What cannot be read is dropped where it arrives.
    try {
      this.#parties[side].receive(
        this.#now,
        said.by === 'outgoing' ? 'incoming' : said.by === 'incoming' ? 'outgoing' : said.by,
        octets,
      );
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'H323Error') throw error;
    }
    this.#under[side].shift();
  }

  #lose(): void {
    this.#clean = false;
    for (const waiting of this.#under) waiting.length = 0;
    for (const { connection } of this.#parties) connection.lost();
  }

  /** What one sends is protected by a key that the other tries, or is clear at both. */
  #agree(): void {
    this.#parties.forEach((party, side) => {
      const sends = openNow(party.events, 'transmit');
      const other = this.#parties[1 - side];
      if (sends?.direction !== 'transmit' || other === undefined || ended(party) || ended(other)) return;
      const receives = openNow(other.events, 'receive');
      if (receives?.direction !== 'receive') throw new Error('one sends what the other does not receive');
      const key = sends.protection?.key.key.reveal();
      const known = receives.keys.some(({ key: one }) => key !== undefined && Buffer.compare(one.reveal(), key) === 0);
      if (key === undefined ? receives.keys.length > 0 : !known) throw new Error('the two have other keys');
    });
  }
}

function judge(party: Party, event: EndpointEvent): void {
  if (event.kind !== 'media-opened') return;
  const isClear = event.direction === 'transmit' ? event.protection === undefined : event.keys.length === 0;
  if (party.options.policy === 'require' && isClear) throw new Error('clear media where they must be protected');
  if (party.options.policy === 'forbid' && !isClear) throw new Error('protected media where they must be clear');
}

type Opened = Extract<EndpointEvent, { kind: 'media-opened' }>;

function openNow(events: readonly EndpointEvent[], direction: 'transmit' | 'receive'): Opened | undefined {
  const last = events.findLast(
    (event) => (event.kind === 'media-opened' || event.kind === 'media-closed') && event.direction === direction,
  );
  return last?.kind === 'media-opened' ? last : undefined;
}

function ended(party: Party): boolean {
  return party.events.some(({ kind }) => kind === 'released');
}
