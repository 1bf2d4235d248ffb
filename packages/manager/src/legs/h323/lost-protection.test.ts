/** The tunnel of a gateway goes in a call, and comes back or not: what the phone at the other end is told of it. */
import { headerValue } from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { expect, test } from 'vitest';
import { cryptoLine, description, Simulation } from '../../simulation.fixture.ts';
import { phoneTexts } from '../sccp/phone-texts.ts';
import { lab } from './gateway-lab.fixture.ts';
import { FarGateway, H323Wire } from './gateway-world.fixture.ts';
import { ManagerEnd } from './manager-end.fixture.ts';

/** A SIP phone talks to the public network. */
function sipTalks() {
  const wire = new H323Wire();
  const target = { kind: 'trunk', devices: ['gw1'], discardAccessCode: false, prefix: '' } as const;
  const world: Simulation = new Simulation(new VirtualClock(1_000), new SeededRandom(7).bytes, {
    entries: [{ pattern: '9XXX', target }],
    h245Ports: { listen: (call) => wire.listen(manager, call), stop: (call) => wire.stopListening(manager, call) },
  });
  const manager: ManagerEnd = new ManagerEnd(world);
  wire.join(manager);
  new FarGateway(wire, 10, {});
  const settle = () => {
    do world.pump();
    while (wire.carry(world.time.now));
  };
  const phone = world.phone('SEP000000000001', '1001');
  phone.register();
  phone.call('9123', description([cryptoLine(1)]));
  settle();
  const tunnel = (change: 'lost' | 'returned' | 'given-up') => {
    world.core.onH323(world.time.now, (legs) => {
      if (change === 'given-up') legs.protectionGivenUp(world.time.now, 'gw1');
      else legs.protectionChanged(world.time.now, 'gw1', change === 'returned');
    });
    settle();
  };
  const shown = () => phone.requests('UPDATE').map((request) => headerValue(request, 'Call-Info') ?? '');
  return { world, phone, tunnel, shown };
}

test('a SIP phone is told beside the level that it is gone, and that it is back', () => {
  const { tunnel, shown, world } = sipTalks();
  tunnel('lost');
  expect(shown().at(-1)).toMatch(/; security=Encrypted; until="gw1"; notice="IPsec to gw1 is gone"$/);
  tunnel('returned');
  expect(shown().at(-1)).toMatch(/; security=Encrypted; until="gw1"; notice="IPsec to gw1 is back"$/);
  expect(world.core.calls()).toMatchObject([{ level: 'encrypted' }]);
});

test('a SIP phone hears in the BYE why it ended, in the words of the record', () => {
  const { tunnel, phone, world } = sipTalks();
  tunnel('lost');
  tunnel('given-up');
  const [bye] = phone.requests('BYE');
  expect(bye && headerValue(bye, 'Reason')).toBe('Q.850;cause=38;text="IPsec to gw1 did not come back"');
  expect(bye && headerValue(bye, 'Warning')).toMatch(/^399 \S+ "IPsec to gw1 did not come back"$/);
  expect(world.records).toMatchObject([
    {
      level: 'encrypted',
      reason: 'protection-gone',
      cause: 'IPsec to gw1 did not come back',
      endedBy: 'manager',
      protection: [
        { state: 'lost', cause: 'IPsec to gw1 is gone' },
        { state: 'given-up', cause: 'IPsec to gw1 did not come back' },
      ],
    },
  ]);
});

/** A Skinny phone talks to the public network. */
function skinnyTalks() {
  const { world, door } = lab();
  world.farSide = 'gw1';
  const phone = world.phone('SEP1', ['1001']);
  phone.offHook();
  phone.dial('9123');
  const tunnel = (change: 'lost' | 'returned' | 'given-up') =>
    door.act((now) => {
      if (change === 'given-up') door.legs.protectionGivenUp(now, 'gw1');
      else door.legs.protectionChanged(now, 'gw1', change === 'returned');
    });
  const reads = () => [...phone.calls.values()].map(({ state, lock, prompt }) => [state, lock, prompt]);
  return { phone, tunnel, reads };
}

test('a Skinny phone reads that it is gone and that it is back, and its lock stays', () => {
  const { phone, tunnel, reads } = skinnyTalks();
  expect(reads()).toEqual([['Connected', 'Encrypted', 'Encrypted up to gw1']]);
  tunnel('lost');
  expect(reads()).toEqual([['Connected', 'Encrypted', 'IPsec to gw1 is gone']]);
  tunnel('returned');
  expect(reads()).toEqual([['Connected', 'Encrypted', 'Encrypted up to gw1']]);
  expect(phone.notice).toBe('IPsec to gw1 is back');
});

test('a Skinny phone reads why it ended, in the words of the record', () => {
  const { tunnel, reads } = skinnyTalks();
  tunnel('lost');
  tunnel('given-up');
  expect(reads()).toEqual([['Congestion', 'Encrypted', 'IPsec to gw1 did not come back']]);
});

test('in every language a phone has words for it', () => {
  for (const { protectionGone, protectionBack, protectionNotBack } of Object.values(phoneTexts)) {
    for (const words of [protectionGone, protectionBack, protectionNotBack]) expect(words).toMatch(/^IPsec .*\{\}/);
  }
});
