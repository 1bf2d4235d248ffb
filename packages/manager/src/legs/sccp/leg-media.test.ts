import { CallControl, type CallControlOutput, type LegProtection, type MediaDescription } from '@trustline/callcontrol';
import { beforeEach, describe, expect, test } from 'vitest';
import { formatsOf } from './audio-formats.ts';
import { LegMedia, type MediaOrder } from './leg-media.ts';
import { PairedKeys } from './paired-keys.ts';
import { fingerprintOf, freshKey } from './stream-choice.ts';

const suites = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const;
const byTls: LegProtection = { protocol: 'sccp', signalling: 'tls-mutual', proof: 'certificate' };

let seed = 1;
const random = (length: number) =>
  Uint8Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 24;
  });

/** A Skinny phone that opens what it is told to, at another port each time. */
class Phone {
  readonly orders: MediaOrder[] = [];
  readonly media: LegMedia;
  readonly leg: string;
  #port = 20_000;
  #receiving: Extract<MediaOrder, { kind: 'open-receive-channel' }> | undefined;
  sending: Extract<MediaOrder, { kind: 'start-media-transmission' }> | undefined;
  opened = 0;
  at = { address: '', port: 0 };

  constructor(
    world: TwoEnds,
    leg: string,
    address: string,
    paired: PairedKeys,
    keys: readonly (typeof suites)[number][],
  ) {
    this.leg = leg;
    let channel = 100;
    this.media = new LegMedia({
      leg,
      phone: { formats: formatsOf([4, 2, 6, 12]), takesIpv6: true, telephoneEvents: true, suites: keys },
      random,
      paired,
      nextChannel: () => channel++,
      order: (order) => {
        this.orders.push(order);
        if (order.kind === 'open-receive-channel') {
          this.#receiving = order;
          this.opened += 1;
          this.#port += 2;
          this.at = { address, port: this.#port };
          const { at } = this;
          world.later.push(() => this.media.channelOpened(world.now, order.channel, at));
        } else if (order.kind === 'close-receive-channel') this.#receiving = undefined;
        else if (order.kind === 'start-media-transmission') this.sending = order;
        else this.sending = undefined;
      },
      say: (input) => world.later.push(() => world.control.handle(world.now, input)),
      call: () => undefined,
      failed: (cause) => world.failures.push(cause),
    });
  }

  get receiveKey() {
    return this.#receiving?.key && fingerprintOf(this.#receiving.key);
  }

  get sendKey() {
    return this.sending?.key && fingerprintOf(this.sending.key);
  }
}

/** Call control between `a` and `b`; each a Skinny phone, or an end of the test's own. */
class TwoEnds {
  readonly later: (() => void)[] = [];
  readonly failures: string[] = [];
  readonly control: CallControl;
  readonly phones = new Map<string, Phone>();
  readonly told: CallControlOutput[] = [];
  now = 0;
  called = '';

  constructor(protection = byTls) {
    const mode = protection === byTls ? 'encrypted' : 'non-secure';
    const device = (name: string) => ({ name, kind: 'phone', securityMode: mode, lines: [name] }) as const;
    this.control = new CallControl(
      {
        directory: {
          device,
          line: (number) => ({ number, devices: [number] }),
          route: (number) => ({ kind: 'line', line: number, policy: 'prefer' }),
          huntGroup: () => undefined,
          pickUpLines: () => [],
          registration: () => protection,
        },
        random,
        wallTime: () => '2026-01-01T00:00:00.000Z',
      },
      { suites: [...suites] },
    );
    this.protection = protection;
  }
  readonly protection: LegProtection;

  call(offer?: MediaDescription): void {
    const { protection } = this;
    const caller = { number: 'a', anonymous: false };
    const call = { leg: 'a', device: 'a', line: 'a', destination: 'b', protection, caller };
    this.control.handle(this.now, { kind: 'incoming', ...call, ...(offer && { offer }) });
  }

  /** Lets everything happen until nothing does; what is told to an end of the test's own is kept. */
  settle(answer?: (output: CallControlOutput) => void): void {
    for (let steps = 0; ; steps += 1) {
      if (steps > 500) throw new Error(`no end: ${this.told.slice(-8).map(({ kind }) => kind)}`);
      const output = this.control.poll();
      if (output === undefined) {
        const next = this.later.shift();
        if (next === undefined) return;
        next();
        continue;
      }
      if (output.kind === 'place') this.called = output.leg;
      if (!('leg' in output)) continue;
      const phone = output.leg === 'a' ? this.phones.get('a') : this.phones.get('b');
      this.told.push(output);
      if (phone === undefined) answer?.(output);
      else this.#toPhone(phone.media, output);
    }
  }

  #toPhone(media: LegMedia, output: CallControlOutput): void {
    switch (output.kind) {
      case 'offer':
        expect(media.takeOffer(this.now, output.offer, 'answer')).toBeUndefined();
        return;
      case 'accept-with-offer':
        expect(media.takeOffer(this.now, output.offer, 'answer')).toBeUndefined();
        return;
      case 'answer':
      case 'accept':
        media.takeAnswer(this.now, output.answer);
        return;
      case 'refuse-offer':
        media.offerRefused(this.now, output.cause);
        return;
      case 'request-offer':
        media.makeOffer(this.now, 'offer');
        return;
      default:
    }
  }

  get level() {
    return this.control.calls()[0]?.level;
  }
}

let paired: PairedKeys;
beforeEach(() => {
  paired = new PairedKeys();
});

function skinnyPair(protection = byTls) {
  const world = new TwoEnds(protection);
  const keys = protection === byTls ? suites : [];
  const a = new Phone(world, 'a', '192.0.2.1', paired, keys);
  world.phones.set('a', a);
  world.call();
  world.settle();
  const b = new Phone(world, world.called, '192.0.2.2', paired, keys);
  world.phones.set('b', b);
  b.media.makeOffer(0, 'answered');
  world.settle();
  return { world, a, b };
}

/** Each hears the other: at the address and with the key that the other sends with. */
function expectTalking(a: Phone, b: Phone) {
  expect(a.sending).toMatchObject(b.at);
  expect(b.sending).toMatchObject(a.at);
  expect([a.receiveKey, b.receiveKey]).toEqual([b.sendKey, a.sendKey]);
  expect(a.receiveKey === undefined || a.receiveKey !== b.receiveKey).toBe(true);
}

describe('two Skinny phones', () => {
  test('each receives with what the other sends with, two keys, and no channel is opened twice', () => {
    const { world, a, b } = skinnyPair();
    expectTalking(a, b);
    expect([a.opened, b.opened]).toEqual([1, 1]);
    expect(a.sendKey).toBeDefined();
    expect(world.level).toBe('encrypted');
    expect(world.failures).toEqual([]);
  });

  test('in the clear no key is made', () => {
    const { world, a, b } = skinnyPair({ protocol: 'sccp', signalling: 'none', proof: 'none' });
    expectTalking(a, b);
    expect(a.sendKey).toBeUndefined();
    expect(world.level).toBe('non-secure');
  });

  test.each(['a', 'b'])('hold by %s closes all channels; resumed, both send with fresh keys (RFC 3711 §9.1)', (who) => {
    const { world, a, b } = skinnyPair();
    const holder = who === 'a' ? a : b;
    const before = [a.sendKey, b.sendKey];
    holder.media.hold(world.now);
    world.settle();
    expect([a.sending, b.sending, a.receiveKey, b.receiveKey]).toEqual([undefined, undefined, undefined, undefined]);
    expect(world.level).toBe('encrypted');
    const opened = [a.opened, b.opened];
    holder.media.resume(world.now);
    world.settle();
    expectTalking(a, b);
    expect(before).not.toContain(a.sendKey);
    expect(before).not.toContain(b.sendKey);
    expect([a.opened, b.opened]).toEqual(opened.map((count) => count + 1));
    expect(world.level).toBe('encrypted');
  });

  test('both hold: each hears the other once both have resumed', () => {
    const { world, a, b } = skinnyPair();
    a.media.hold(world.now);
    world.settle();
    b.media.hold(world.now);
    world.settle();
    a.media.resume(world.now);
    world.settle();
    expect([a.sending, b.sending]).toEqual([undefined, undefined]);
    b.media.resume(world.now);
    world.settle();
    expectTalking(a, b);
  });

  test('hold before the channel is open: the call is answered as held, and resumes', () => {
    const world = new TwoEnds();
    const a = new Phone(world, 'a', '192.0.2.1', paired, suites);
    world.phones.set('a', a);
    world.call();
    world.settle();
    const b = new Phone(world, world.called, '192.0.2.2', paired, suites);
    world.phones.set('b', b);
    b.media.makeOffer(0, 'answered');
    b.media.hold(world.now);
    world.settle();
    expect([a.sending, b.sending]).toEqual([undefined, undefined]);
    b.media.resume(world.now);
    world.settle();
    expectTalking(a, b);
  });

  test('resumed before the other end has answered the hold', () => {
    const { world, a, b } = skinnyPair();
    a.media.hold(world.now);
    a.media.resume(world.now);
    world.settle();
    expectTalking(a, b);
  });

  test('a channel that does not open in time ends the leg', () => {
    const { world, a } = skinnyPair();
    a.media.hold(world.now);
    world.settle();
    a.media.resume(world.now);
    world.later.length = 0;
    expect(a.media.deadline).toBe(world.now + 5_000);
    a.media.handleTime(world.now + 5_000);
    expect(world.failures).toEqual(['no-user-responding']);
  });

  test('an acknowledgement of a channel that was closed meanwhile, or that never was, says nothing', () => {
    const { world, a, b } = skinnyPair();
    a.media.channelOpened(0, 100, { address: '203.0.113.9', port: 9 });
    a.media.channelOpened(0, 4711, undefined);
    world.settle();
    expectTalking(a, b);
    expect(world.failures).toEqual([]);
  });

  test('glare: an offer that was refused so is made again a little later', () => {
    const { world, a, b } = skinnyPair();
    a.media.hold(world.now);
    b.media.hold(world.now);
    world.settle();
    const deadlines = [a, b].map(({ media }) => media.deadline);
    expect(deadlines.filter((at) => at !== undefined)).toHaveLength(1);
    world.now = 2_000;
    for (const { media } of [a, b]) media.handleTime(world.now);
    world.settle();
    for (const { media } of [a, b]) media.resume(world.now);
    world.settle();
    world.now = 10_000;
    for (const { media } of [a, b]) media.handleTime(world.now);
    world.settle();
    expectTalking(a, b);
  });

  test('once the legs are gone nothing is open, and nothing waits', () => {
    const { a, b } = skinnyPair();
    for (const phone of [a, b]) {
      phone.media.end();
      expect([phone.sending, phone.receiveKey, phone.media.deadline]).toEqual([undefined, undefined, undefined]);
    }
    expect(paired.size).toBe(0);
  });
});

describe('a Skinny phone and an end that makes its own keys', () => {
  const strangersKey = (suite: (typeof suites)[number], tag = 1) => freshKey(random, suite, tag);
  const described = (
    keys: readonly ReturnType<typeof strangersKey>[],
    changes: Partial<MediaDescription['streams'][number]> = {},
  ): MediaDescription => ({
    attributes: [],
    streams: [
      {
        type: 'audio',
        address: '198.51.100.7',
        port: 7000,
        transport: keys.length > 0 ? 'RTP/SAVP' : 'RTP/AVP',
        direction: 'sendrecv',
        formats: [
          { payloadType: 96, encoding: 'opus', clockRate: 48_000, channels: 2 },
          { payloadType: 8, encoding: 'PCMA', clockRate: 8_000, channels: 1 },
          { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
        ],
        keys,
        attributes: [{ name: 'ptime', value: '30' }],
        ...changes,
      },
    ],
  });

  test('a Skinny caller: the key of the answer goes into OpenReceiveChannel, its own into the ACK', () => {
    const world = new TwoEnds();
    const a = new Phone(world, 'a', '192.0.2.1', paired, suites);
    world.phones.set('a', a);
    world.call();
    world.settle();
    const offered = described([strangersKey(suites[0])]);
    world.control.handle(0, { kind: 'answered', leg: world.called, media: offered });
    let answered: MediaDescription | undefined;
    world.settle((output) => {
      if (output.kind === 'answer') answered = output.answer;
    });
    expect(a.opened).toBe(1);
    expect(a.receiveKey).toBe(fingerprintOf(offered.streams[0]?.keys[0] as never));
    expect(a.sending).toMatchObject({
      address: '198.51.100.7',
      port: 7000,
      packetTime: 30,
      format: { encoding: 'PCMA' },
    });
    expect(answered?.streams[0]).toMatchObject({ ...a.at, transport: 'RTP/SAVP' });
    expect(answered?.streams[0]?.keys.map(fingerprintOf)).toEqual([a.sendKey]);
    expect(world.level).toBe('encrypted');
  });

  test('called without an offer: the channel is opened again with the key that the caller answers with', () => {
    const world = new TwoEnds();
    world.call();
    world.settle();
    const b = new Phone(world, world.called, '192.0.2.2', paired, suites);
    world.phones.set('b', b);
    b.media.makeOffer(0, 'answered');
    const key = strangersKey(suites[1], 2);
    const told: MediaDescription[] = [];
    world.settle((output) => {
      if (output.kind === 'accept-with-offer') {
        world.control.handle(0, {
          kind: 'answer',
          leg: 'a',
          answer: described([key], { formats: output.offer.streams[0]?.formats ?? [] }),
        });
      } else if (output.kind === 'offer') {
        told.push(output.offer);
        world.control.handle(0, {
          kind: 'answer',
          leg: 'a',
          answer: described([{ ...key, tag: output.offer.streams[0]?.keys[0]?.tag ?? 0 }], {
            formats: output.offer.streams[0]?.formats ?? [],
          }),
        });
      }
    });
    expect(b.opened).toBe(2);
    expect(b.receiveKey).toBe(fingerprintOf(key));
    expect(b.sending?.key?.suite?.name).toBe(suites[1]);
    // It receives elsewhere now, and the caller has been told so.
    expect(told.at(-1)?.streams[0]).toMatchObject(b.at);
    expect(world.level).toBe('encrypted');
    expect(world.failures).toEqual([]);
  });

  test('a key that the slots of Skinny cannot hold (MKI, a suite that is not there) is none it can have', () => {
    const world = new TwoEnds();
    const b = new Phone(world, 'b', '192.0.2.2', paired, suites);
    const [one] = [strangersKey(suites[0])];
    const withMki = { ...one, keys: one.keys.map((key) => ({ ...key, mki: { value: 1, length: 1 } })) };
    expect(b.media.takeOffer(0, described([withMki as never]), 'answered')).toBe('not-acceptable-here');
    expect(b.media.takeOffer(0, described([strangersKey('AEAD_AES_256_GCM' as never)]), 'answered')).toBe(
      'not-acceptable-here',
    );
    expect(b.media.takeOffer(0, described([], { formats: [] }), 'answered')).toBe('incompatible-destination');
    expect(b.orders).toEqual([]);
  });
});
