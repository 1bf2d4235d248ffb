import { forEachSeed } from '@trustline/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AccessPair, bearer } from '../access-pair.fixture.ts';
import type { IsdnCall } from './isdn-call.ts';
import { causeOf } from './messages.ts';

const seeds = process.env['TRUSTLINE_FULL'] === '1' ? 300 : 25;
const called = { typeOfNumber: 0, numberingPlan: 1, digits: '5551234' };
const runs = process.env['TRUSTLINE_FULL'] === '1' ? 1_000 : 60;

/** What must hold on both sides when nothing is under way any more. */
function expectAgreement(pair: AccessPair): void {
  for (let channel = 1; channel <= 31; channel += 1) {
    if (channel === 16) continue;
    const ours = pair.user.access.layer.callOn(channel);
    const theirs = pair.exchange.access.layer.callOn(channel);
    expect([channel, ours?.reference.value, ours?.sentSetup]).toEqual([
      channel,
      theirs?.reference.value,
      theirs === undefined ? undefined : !theirs.sentSetup,
    ]);
    expect(ours?.state).toBe(theirs?.state);
  }
  for (const end of [pair.user, pair.exchange]) {
    const released = end.events.filter(({ kind }) => kind === 'released').map(({ call }) => call);
    expect(new Set(released).size).toBe(released.length);
    const last = new Map(end.events.map((event) => [event.call, event.kind]));
    for (const call of released) expect(last.get(call)).toBe('released');
  }
}

test('a wire that loses and delays frames: both sides agree on every channel, and every call ends on both', () => {
  forEachSeed(seeds, (random, seed) => {
    const pair = new AccessPair({ hunt: 'ascending', restartAtStart: true }, seed);
    const calls = new Set<IsdnCall>();
    for (const end of [pair.user, pair.exchange]) {
      end.react = (event, call, now) => {
        if (event.kind === 'setup') {
          calls.add(call);
          if (event.complete) call.proceed(now);
          else call.wantDigits(now);
          if (random.chance(0.2)) call.clear(now, causeOf(17, 0));
          else if (random.chance(0.5)) call.alert(now, random.chance(0.5));
        } else if (event.kind === 'released') calls.delete(call);
        else if (event.kind === 'disconnected') call.clear(now, causeOf(16, 0));
      };
    }
    pair.start();
    // HDLC loses and never repeats or reorders.
    pair.network.conditions = { loss: 0.15, duplication: 0, minimumDelay: 5, maximumDelay: 5 };
    for (let step = 0; step < 60; step += 1) {
      const end = random.chance(0.5) ? pair.user : pair.exchange;
      const known = [...calls];
      const call = known[random.below(known.length)];
      const now = pair.clock.now;
      const action = random.below(7);
      if (action < 2 || call === undefined) {
        const terms = { bearer, called, complete: random.chance(0.7) };
        const placed = end.access.layer.call(now, terms);
        if (placed !== undefined) calls.add(placed);
      } else if (action === 2) call.connect(now);
      else if (action === 3) call.sendDigits(now, '1', random.chance(0.5));
      else if (action === 4) call.clear(now, causeOf(16, 0), random.chance(0.3));
      else if (action === 5) call.enquire(now);
      else if (random.chance(0.1))
        end.access.layer.restart(now, random.chance(0.3) ? 'interface' : 1 + random.below(15));
      pair.run(random.below(1_500));
    }
    pair.network.conditions = { loss: 0, duplication: 0, minimumDelay: 5, maximumDelay: 5 };
    // Longer than every timer.
    pair.run(600_000);
    expectAgreement(pair);
    for (const end of [pair.user, pair.exchange]) {
      for (let channel = 1; channel <= 31; channel += 1)
        end.access.layer.callOn(channel)?.clear(pair.clock.now, causeOf(16, 0));
    }
    pair.run(120_000);
    expect([pair.user.access.layer.callCount, pair.exchange.access.layer.callCount]).toEqual([0, 0]);
    expect([pair.user.access.layer.freeChannels, pair.exchange.access.layer.freeChannels]).toEqual([30, 30]);
  });
});

test('any messages at any time leave an access on which calls can be made', () => {
  const element = fc.tuple(
    fc.constantFrom(0x04, 0x08, 0x14, 0x18, 0x1e, 0x2c, 0x70, 0x79, 0xa1),
    fc.uint8Array({ maxLength: 4 }),
  );
  const message = fc
    .tuple(
      fc.constantFrom(0, 1, 2, 0x8001, 0x8002),
      fc.constantFrom(0x01, 0x02, 0x03, 0x05, 0x07, 0x0d, 0x0f, 0x45, 0x46, 0x4d, 0x4e, 0x5a, 0x75, 0x7b, 0x7d, 0x33),
      fc.array(element, { maxLength: 4 }),
    )
    .map(([reference, type, elements]) =>
      Uint8Array.of(
        ...[8, 2, reference >> 8, reference & 0xff, type],
        ...elements.flatMap(([id, octets]) => (id >= 0x80 ? [id] : [id, octets.length, ...octets])),
      ),
    );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 30 }), fc.boolean(), (messages, toUser) => {
      const pair = new AccessPair({ firstCallReference: 1 }).start();
      const end = toUser ? pair.user : pair.exchange;
      pair.call(end, '1');
      for (const octets of messages) {
        pair.inject(end, octets);
        pair.run(20);
      }
      pair.run(600_000);
      for (const side of [pair.user, pair.exchange]) side.access.layer.restart(pair.clock.now, 'interface');
      pair.run(1_000);
      expect([pair.user.access.layer.callCount, pair.exchange.access.layer.callCount]).toEqual([0, 0]);
      pair.exchange.react = (event, call, now) => {
        if (event.kind === 'setup') call.connect(now);
      };
      const call = pair.call(pair.user, '2');
      pair.run(100);
      expect(call.state).toBe(10);
    }),
    { numRuns: runs },
  );
});
