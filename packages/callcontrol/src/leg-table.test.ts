import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { membersOf, watchLegs } from '../fuzz/calls.ts';
import { conferenceTable } from './conference-state.ts';
import { effectOf, legOutputs, type OutputCell } from './leg-outputs.ts';
import { type LegCell, type LegInput, legTable } from './leg-table.ts';
import { relaySideTable } from './relay-state.ts';
import { audio, keyOf, only, phone, ScriptedWorld } from './scripted.fixture.ts';

/** What legs said and did in random calls, and what came of it. */
function moves(count: number) {
  const seen = new Set<string>();
  const [outputs, sides, members] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const tables = { side: (cell: string) => sides.add(cell), conference: (move: string) => members.add(move) };
  const octets = fc.uint8Array({ minLength: 400, maxLength: 400 });
  for (const data of fc.sample(octets, { numRuns: count, seed: 1 })) {
    watchLegs(
      data,
      (said, { role, state }, after, told, others) => {
        const at = `${role} ${state} ${said}`;
        seen.add(`${at} -> ${after}`);
        for (const kind of told) outputs.add(`${at} is told ${kind}`);
        for (const kind of others) outputs.add(`${at} ${effectOf[kind]}`);
      },
      tables,
    );
  }
  return { states: seen, outputs, sides, members };
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

/** What becomes of somebody who is transferred into a conference and asked for an offer: rare in random calls. */
function transferredIntoConference(): ReadonlySet<string> {
  const plan = [{ pattern: '5000', target: { kind: 'conference', name: 'open' } } as const];
  const offer = audio([keyOf(9)]);
  const said: readonly ((leg: string) => LegInput)[] = [
    (leg) => ({ kind: 'offer', leg, offer }),
    (leg) => ({ kind: 'offer', leg, offer: audio([keyOf(9)], { formats: [] }) }),
    (leg) => ({ kind: 'offer-refused', leg, cause: 'not-acceptable-here' }),
    (leg) => ({ kind: 'released', leg }),
    (leg) => ({ kind: 'cancelled', leg }),
  ];
  const seen = new Set<string>();
  for (const [at, input] of [...said, ...said.slice(1, 2)].entries()) {
    const relay = { allocate: () => ({ side: 1, address: '198.51.100.1', port: 20_000 }) };
    const world = new ScriptedWorld([phone('SEPA', '1001'), phone('SEPB', '1002')], plan, {}, {}, relay);
    const { leg } = only(world.call('1002', audio([keyOf(1)])), 'place');
    world.handle({ kind: 'answered', leg, media: audio([keyOf(2)]) });
    world.handle({ kind: 'transfer', leg: 'a', to: { kind: 'number', number: '5000' } });
    if (at === said.length) world.handle({ kind: 'released', leg: 'a' }); // nobody is left to go back to
    const before = membersOf(world.control.calls()).get(leg) ?? 'outside';
    world.handle(input(leg));
    const calls = world.control.calls();
    const isThere = calls.some(({ legs }) => legs.some((one) => one.leg === leg));
    seen.add(`${before} ${input(leg).kind} -> ${membersOf(calls).get(leg) ?? (isThere ? 'outside' : 'gone')}`);
  }
  return seen;
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

/** What the table of outputs says may come of each cell. */
const allowedOutputs = new Set(
  Object.entries(legOutputs).flatMap(([role, states]) =>
    Object.entries(states).flatMap(([state, row]) =>
      Object.entries(row).flatMap(([said, { told, others }]: [string, OutputCell]) => [
        ...told.map((kind) => `${role} ${state} ${said} is told ${kind}`),
        ...others.map((effect) => `${role} ${state} ${said} ${effect}`),
      ]),
    ),
  ),
);

const random = moves(1_500);

describe('the table of outputs', () => {
  test('names everything that comes of what a leg says', () => {
    expect([...random.outputs].filter((output) => !allowedOutputs.has(output))).toEqual([]);
  });

  test('names nothing that never does, and nothing of what is passed over', () => {
    expect([...allowedOutputs].filter((output) => !random.outputs.has(output))).toEqual([]);
    const races = cells.filter(({ cell }) => cell === 'race').map(({ at }) => at);
    const named = (race: string) => [...allowedOutputs].some((output) => output.startsWith(`${race} `));
    expect(races.filter(named)).toEqual([]);
  });
});

describe('the table of conferences', () => {
  const happened = [...random.members, ...transferredIntoConference()].filter((move) => {
    const [before, , , after] = move.split(' ');
    return before !== after;
  });
  const named = Object.entries(conferenceTable).flatMap(([before, row]) =>
    Object.entries(row).flatMap(([said, states]) => states.map((after) => `${before} ${said} -> ${after}`)),
  );

  test('names every way into one and out of it', () => {
    expect(happened.filter((move) => !named.includes(move))).toEqual([]);
  });

  test('names none that is never taken', () => {
    expect(named.filter((move) => !happened.includes(move))).toEqual([]);
  });
});

describe('the table of sides of the relay', () => {
  test('names nothing that is never said of a side; what must not be said ends the random calls', () => {
    const named = Object.entries(relaySideTable).flatMap(([state, row]) =>
      Object.entries(row).flatMap(([said, after]) => (after === 'never' ? [] : [`${state} ${said}`])),
    );
    expect(named.filter((cell) => !random.sides.has(cell))).toEqual([]);
  });
});

describe('the table of legs', () => {
  const seen = new Set([...random.states, ...outOfTurn(), ...badEarlyAnswers(), ...badOfferForConference()]);

  test('says of everything that happens in random calls that it may', () => {
    expect([...seen].filter((move) => !allowed.has(move))).toEqual([]);
  });

  test('holds nothing that never happens', () => {
    expect([...allowed].filter((move) => !seen.has(move))).toEqual([]);
  });
});
