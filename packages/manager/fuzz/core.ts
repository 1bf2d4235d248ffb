import { type SipMessage, withHeader } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { cryptoLine, description, octets, type SimulatedPhone, Simulation } from '../src/simulation.fixture.ts';

/** Longer than anything of a call lives once all have hung up. */
const longEnough = 500_000;

const descriptions: readonly ((seed: number) => string)[] = [
  (seed) => description([cryptoLine(seed)]),
  (seed) => description([cryptoLine(seed), cryptoLine(seed + 1, 'AES_CM_128_HMAC_SHA1_32', 2)]),
  (seed) => description([cryptoLine(seed)], { transport: 'RTP/AVP' }),
  (seed) => description([cryptoLine(seed)], { direction: 'sendonly' }),
  () => description([]),
  () => description([], { transport: 'RTP/SAVP' }),
  () => description(['1 AES_CM_128_HMAC_SHA1_80 inline:short']),
  () => 'no description',
];

/**
 * Reads `data` as moves of three phones on one manager: every command of a session at any time, connections that break
 * and come back, devices that are removed, messages that are lost, doubled, altered or sent by somebody else. Nothing
 * may throw; under `require` no phone is ever told of clear media; and once all have hung up every table is empty.
 */
export function fuzz(data: Uint8Array): void {
  const game = new Game();
  for (let at = 0; at + 1 < data.length; at += 2) game.move(data[at] ?? 0, data[at + 1] ?? 0);
  game.finish();
}

/** Long games to begin with: an empty one never gets to a call. */
export function corpus(): readonly Uint8Array[] {
  return Array.from({ length: 30 }, (_, seed) => new SeededRandom(seed + 1).bytes(600));
}

class Game {
  readonly #clock = new VirtualClock(1_000);
  readonly #lab: Simulation;
  readonly #phones: readonly [SimulatedPhone, SimulatedPhone, SimulatedPhone];
  #heard: SipMessage[] = [];
  #seed = 1_000;
  /** What happens to the next message that a phone sends. */
  #mischief = 0;

  constructor() {
    const options = { policy: 'require', callsPerSecond: 20, lostDevicePatience: 4_000 } as const;
    this.#lab = new Simulation(this.#clock, new SeededRandom(1).bytes, options);
    const transports = ['tls', 'tls', 'udp'] as const;
    const [a, b, c] = transports.map((transport, at) =>
      this.#lab.phone(`SEP00000000000${at}`, `100${at}`, { transport }),
    );
    if (a === undefined || b === undefined || c === undefined) throw new Error('three phones');
    this.#phones = [a, b, c];
    for (const phone of this.#phones) {
      phone.alter = (message) => this.#altered(message);
      phone.register();
    }
  }

  move(operation: number, value: number): void {
    const lab = this.#lab;
    const phone = this.#phones[operation % 3] ?? this.#phones[0];
    // The call of the moment more often than an old one, and a good description more often than another.
    const session =
      (value & 3) === 0 ? phone.sessions[value % Math.max(1, phone.sessions.length)] : phone.sessions.at(-1);
    this.#seed += 2;
    const sdp = descriptions[Math.max(0, (value % 16) - 8)]?.((value & 32) === 0 ? this.#seed : value) ?? '';
    const bytes = octets(sdp);
    const method = (value & 8) === 0 ? 'INVITE' : 'UPDATE';
    switch (Math.floor(operation / 3) % 18) {
      case 0:
      case 1:
        phone.call(`100${value % 4}`, (value & 192) === 0 ? undefined : sdp);
        return;
      case 2:
        lab.act((now) => session?.ring(now, 180 + (value & 3), (value & 4) === 0 ? {} : { earlyAnswer: bytes }));
        return;
      case 3:
      case 4:
        lab.act((now) => session?.accept(now, bytes));
        return;
      case 5:
        lab.act((now) => session?.reject(now, 300 + (value % 400)));
        return;
      case 6:
        lab.act((now) => session?.cancel(now));
        return;
      case 7:
        lab.act((now) => session?.bye(now));
        return;
      case 8:
        lab.act((now) => session?.reoffer(now, bytes, { method }));
        return;
      case 9:
        lab.act((now) => session?.answerOffer(now, bytes));
        return;
      case 10:
        lab.act((now) => session?.requestOffer(now));
        return;
      case 11:
        lab.act((now) => session?.rejectOffer(now, 400 + (value % 200)));
        return;
      case 12:
        if (!lab.isConnected(phone.flow.id)) this.#comeBack(phone);
        else if ((value & 1) === 0) lab.disconnect(phone.flow.id);
        return;
      case 13:
        phone.register((value & 1) === 0 ? 600 : 0);
        return;
      case 14:
        this.#mischief = value;
        return;
      case 15:
        this.#overhear(phone, value);
        return;
      case 16:
        if (value < 4) lab.act((now) => lab.core.removeDevice(now, phone.name));
        return;
      default:
        this.#clock.advance(value < 200 ? value : value * value);
    }
  }

  finish(): void {
    this.#mischief = 0;
    for (const phone of this.#phones) {
      if (!this.#lab.isConnected(phone.flow.id)) this.#comeBack(phone);
      for (const session of phone.sessions) this.#lab.act((now) => session.bye(now));
    }
    // A phone whose BYE was lost believes that its call is over: only the end of its connection tells the manager.
    for (const phone of this.#phones) this.#lab.disconnect(phone.flow.id);
    this.#clock.advance(longEnough);
    const left = Object.entries(this.#lab.core.tableSizes).filter(([, size]) => size > 0);
    if (left.length > 0 || this.#lab.core.calls().length > 0) throw new Error(`left behind: ${left.join(' ')}`);
    for (const { received } of this.#phones) received.forEach(expectNothingClear);
  }

  #comeBack(phone: SimulatedPhone): void {
    phone.connect();
    for (const session of phone.sessions) session.moveTo(this.#clock.now, phone.flow);
    phone.register();
  }

  /** A phone repeats, over its own connection, something that it or another one has said. */
  #overhear(phone: SimulatedPhone, value: number): void {
    const message = this.#heard[value % Math.max(1, this.#heard.length)];
    if (message !== undefined) this.#lab.inject(phone, message);
  }

  #altered(message: SipMessage): readonly SipMessage[] {
    this.#heard = [...this.#heard.slice(-40), message];
    const mischief = this.#mischief;
    this.#mischief = 0;
    switch (mischief % 9) {
      case 1:
        return [];
      case 2:
        return [message, message];
      case 3:
        return [{ ...message, body: octets(descriptions[mischief % descriptions.length]?.(mischief) ?? '') }];
      case 4:
        return [withHeader(message, 'To', '<sip:1001@cm.example>;tag=other')];
      case 5:
        return [message.kind === 'response' ? { ...message, status: 100 + 2 * (mischief >> 1) } : message];
      case 6:
        return [message, withHeader(message, 'To', '<sip:1001@cm.example>;tag=fork')];
      case 7:
        return [withHeader(message, 'From', '<sip:1002@cm.example>;tag=other')];
      case 8:
        return [withHeader(message, 'Require', '100rel')];
      default:
        return [message];
    }
  }
}

/** What the manager writes under `require`: streams with a key (in AVP too where that was offered), or refused. */
function expectNothingClear(message: SipMessage): void {
  const [, ...streams] = new TextDecoder().decode(message.body).split(/^m=/m);
  for (const stream of streams) {
    if (stream.startsWith('audio 0 ') || stream.includes('a=crypto:')) continue;
    throw new Error(`the manager told of clear media: ${stream}`);
  }
}
