import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { watchLegs } from '../fuzz/calls.ts';
import { type LegCell, type LegInput, legTable } from './leg-table.ts';
import { audio, keyOf, only, phone, ScriptedWorld } from './scripted.fixture.ts';

/** What legs said and did in random calls. */
function moves(count: number): ReadonlySet<string> {
  const seen = new Set<string>();
  const octets = fc.uint8Array({ minLength: 400, maxLength: 400 });
  for (const data of fc.sample(octets, { numRuns: count, seed: 1 })) {
    watchLegs(data, (said, { role, state }, after) => {
      seen.add(`${role} ${state} ${said} -> ${after}`);
    });
  }
  return seen;
}

/** What only a phone out of its mind says: the caller of a call that is not answered yet. */
function outOfTurn(): ReadonlySet<string> {
  const seen = new Set<string>();
  const said: readonly LegInput[] = [
    { kind: 'progress', leg: 'a', answer: audio([keyOf(5)]) },
    { kind: 'answer', leg: 'a', answer: audio([keyOf(5)]) },
    { kind: 'offer', leg: 'a', offer: audio([keyOf(5)]) },
    { kind: 'offer-requested', leg: 'a' },
  ];
  const world = new ScriptedWorld([phone('SEPA', '1001'), phone('SEPB', '1002')]);
  const { leg } = only(world.call('1002', audio([keyOf(1)])), 'place');
  const caller = () => world.control.calls()[0]?.legs.find(({ role }) => role === 'calling')?.state;
  for (const state of ['trying', 'ringing']) {
    if (state === 'ringing') world.handle({ kind: 'ringing', leg });
    for (const input of said) {
      world.handle(input);
      seen.add(`calling ${state} ${input.kind} -> ${caller()}`);
    }
  }
  return seen;
}

/** A called that was offered anew before its answer, and answers that without a key. */
function badEarlyAnswers(): ReadonlySet<string> {
  return new Set(
    ['trying', 'ringing'].map((state) => {
      const world = new ScriptedWorld([phone('SEPA', '1001'), phone('SEPB', '1002')]);
      const { leg } = only(world.call('1002', audio([keyOf(1)])), 'place');
      if (state === 'ringing') world.handle({ kind: 'ringing', leg });
      world.handle({ kind: 'progress', leg, answer: audio([keyOf(2)]), takesOffers: true });
      world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(3)]) });
      world.handle({ kind: 'answer', leg, answer: audio([]) });
      return `called ${state} answer -> ${world.control.calls().length === 0 ? 'ended' : state}`;
    }),
  );
}

/** One whose partner transferred it into a conference and hung up, and that offers that without a key. */
function badOfferForConference(): ReadonlySet<string> {
  const conference = { kind: 'conference', name: 'closed' } as const;
  const plan = [{ pattern: '5000', target: conference, policy: 'require' } as const];
  const relay = { allocate: () => ({ side: 1, address: '198.51.100.1', port: 20_000 }) };
  const world = new ScriptedWorld([phone('SEPA', '1001'), phone('SEPB', '1002')], plan, {}, {}, relay);
  const { leg } = only(world.call('1002', audio([keyOf(1)])), 'place');
  world.handle({ kind: 'answered', leg, media: audio([keyOf(2)]) });
  world.handle({ kind: 'transfer', leg: 'a', to: { kind: 'number', number: '5000' } });
  world.handle({ kind: 'released', leg: 'a' });
  const [transferred] = world.control.calls().flatMap(({ legs }) => legs.filter((one) => one.leg === leg));
  world.handle({ kind: 'offer', leg, offer: audio([], { transport: 'RTP/SAVP' }) });
  const after = world.control.calls().length === 0 ? 'ended' : 'connected';
  return new Set([`${transferred?.role} ${transferred?.state} offer -> ${after}`]);
}

const cells = Object.entries(legTable).flatMap(([role, states]) =>
  Object.entries(states).flatMap(([state, row]) =>
    Object.entries(row).map(([said, cell]: [string, LegCell]) => ({
      at: `${role} ${state} ${said}`,
      state,
      cell,
    })),
  ),
);
/** What the table says may come of each cell. */
const allowed = new Set(
  cells.flatMap(({ at, state, cell }) => (cell === 'race' ? [state] : cell).map((after) => `${at} -> ${after}`)),
);

describe('the table of legs', () => {
  const seen = new Set([...moves(1_500), ...outOfTurn(), ...badEarlyAnswers(), ...badOfferForConference()]);

  test('says of everything that happens in random calls that it may', () => {
    expect([...seen].filter((move) => !allowed.has(move))).toEqual([]);
  });

  test('holds nothing that never happens', () => {
    expect([...allowed].filter((move) => !seen.has(move))).toEqual([]);
  });
});
