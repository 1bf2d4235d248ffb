import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ctl,
  encode,
  encryptedFor,
  heldConfiguration,
  heldLists,
  identity,
  itl,
  lsc,
  mic,
  names,
  signed,
  xml,
} from './cluster.fixture.ts';
import type { BootInput, BootOutput } from './messages.ts';
import { type ModelFile, type ModelList, modelJudge, modelOctets } from './model-judge.fixture.ts';
import { PhoneBoot } from './phone-boot.ts';
import { device, wallStart } from './scripted-network.fixture.ts';
import { blankState } from './state.ts';

const evil = xml({ deviceSecurityMode: 'non-secure', managers: [{ host: 'mallory' }], versionStamp: 'evil' });
const evilList = (kind: 'CTL' | 'ITL'): ModelList => ({
  kind,
  signer: 'mallory',
  made: 999,
  records: ['SAST mallory', 'TFTP mallory', 'CCM mallory', 'TVS mallory', 'CAPF mallory'],
});
const { stub, file } = encryptedFor(lsc);
const released: ModelList = { ...ctl, made: 300, records: ['SAST token-a', 'TFTP cm', 'CCM -'] };

/** Everything that anybody could answer a request for a file with: true, false, old and broken. */
const contents: readonly Uint8Array[] = [
  modelOctets(ctl),
  modelOctets({ ...ctl, made: 200 }),
  modelOctets({ ...ctl, made: 1 }),
  modelOctets(itl),
  modelOctets({ ...itl, made: 200 }),
  modelOctets(evilList('CTL')),
  modelOctets(evilList('ITL')),
  modelOctets({ ...ctl, made: 900, forged: true, records: ['CCM -', 'SAST mallory'] }),
  signed(xml()),
  signed(xml({ capf: { authentication: 'null-string', servers: [{ host: 'cm1', port: 3804 }] } })),
  signed(evil, { signer: 'mallory' }),
  signed(evil, { forged: true }),
  signed(evil, { name: 'SEP00AABBCCDDEE.cnf.xml.sgn' }),
  stub,
  file,
  encode(evil),
  encode('<Default/>'),
  new Uint8Array(),
  encode('nonsense'),
];

const fetchAnswer = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ kind: 'found' as const, content: signed(xml()) }) },
  { weight: 4, arbitrary: fc.constantFrom(...contents).map((content) => ({ kind: 'found' as const, content })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ kind: 'not-found' as const }, { kind: 'failed' as const, reason: 'no answer' }),
  },
);

/**
 * An answer to whatever the phone asked last, to an earlier question, or of a kind that it did not ask for; and what
 * else can happen.
 */
const move = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      fetched: fetchAnswer,
      enrolled: fc.constantFrom('installed', 'installed', 'deleted', 'declined', 'failed'),
      vouches: fc.boolean(),
      /** How many questions ago it was asked. */
      late: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2),
      /** Whether it is of the kind that was asked for. */
      as: fc.constantFrom('asked', 'asked', 'asked', 'asked', 'asked', 'fetch', 'enrol', 'ask-tvs'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reset' as const, 'time' as const) }) },
);

type Move = typeof move extends fc.Arbitrary<infer Value> ? Value : never;
type Question = Extract<BootOutput, { readonly id: number }>;

function inputOf(step: Move, asked: Question): BootInput | undefined {
  if (step.kind === 'reset') return { kind: 'reset' };
  if (step.kind !== 'answer') return undefined;
  const id = asked.id - step.late;
  switch (step.as === 'asked' ? asked.kind : step.as) {
    case 'fetch':
      return { kind: 'fetched', id, answer: step.fetched };
    case 'ask-tvs': {
      // A TVS that phones believe does not vouch for an attacker; whether it knows a new certificate is open.
      const voucher = { outcome: 'valid', certificate: encode('cm'), roles: [3], timeToLive: 60 } as const;
      return { kind: 'tvs-answered', id, answer: step.vouches ? voucher : { outcome: 'invalid' } };
    }
    default: {
      const outcome = step.enrolled as 'installed' | 'deleted' | 'declined' | 'failed';
      if (outcome === 'installed') return { kind: 'enrolled', id, result: { outcome, ...identity('new') } };
      if (outcome === 'deleted') return { kind: 'enrolled', id, result: { outcome } };
      return { kind: 'enrolled', id, result: { outcome, reason: 'so' } };
    }
  }
}

/** Plays the moves against a phone, and hands every output to the check with the state at that moment. */
function play(boot: PhoneBoot, moves: readonly Move[], check: (output: BootOutput, boot: PhoneBoot) => void): void {
  let now = 0;
  let asked: Question | undefined;
  const drain = () => {
    for (let output = boot.poll(); output !== undefined; output = boot.poll()) {
      if ('id' in output) asked = output;
      check(output, boot);
    }
  };
  boot.start();
  drain();
  for (const step of moves) {
    now += 1;
    const input = asked === undefined ? undefined : inputOf(step, asked);
    if (input !== undefined) boot.handle(now, input);
    else {
      now = Math.max(now, boot.nextDeadline() ?? now);
      boot.handleTime(now);
    }
    drain();
  }
}

/** Written by whom the phone has reason to believe: read from the model, not from what the phone made of it. */
function isGenuine(octets: Uint8Array | undefined): boolean {
  if (octets === undefined) return true;
  const value = JSON.parse(new TextDecoder().decode(octets)) as ModelList | ModelFile;
  return value.forged !== true && value.signer !== 'mallory';
}

test('whatever the network answers, in whatever order: a phone that holds a CTL uses no list or configuration that was not verified, and never registers in the clear when its mode is encrypted', () => {
  const held = fc.record({
    lsc: fc.constantFrom(lsc, undefined),
    mic: fc.constantFrom(mic, undefined),
    configuration: fc.constantFrom(heldConfiguration(), heldConfiguration({ encrypted: true }), undefined),
  });
  let registered = 0;
  fc.assert(
    fc.property(held, fc.array(move, { maxLength: 40 }), (state, moves) => {
      const boot = new PhoneBoot({
        device,
        state: { ...blankState, ...state, lists: heldLists },
        judge: modelJudge,
        wallClock: (now) => wallStart + now,
      });
      play(boot, moves, (output, { state: kept }) => {
        expect(isGenuine(kept.lists.ctl) && isGenuine(kept.lists.itl)).toBe(true);
        expect(kept.lists.ctl).toBeDefined();
        expect(kept.configuration?.verified ?? true).toBe(true);
        if (output.kind === 'fetch') expect(output.name).not.toBe(names.plain);
        if (output.kind !== 'register') return;
        registered += 1;
        expect(output.configuration.kind === 'full' && output.configuration.versionStamp).not.toBe('evil');
        expect(output).toMatchObject({ transport: 'tls', securityMode: 'encrypted' });
        expect(output.identity).toBeDefined();
      });
    }),
    { numRuns: 2_000 },
  );
  expect(registered).toBeGreaterThan(100); // or nothing was looked at
});

test('a phone from the box that has taken a CTL is as strict from there on, and TLS ends only by a CTL that says so', () => {
  const serves = (content: Uint8Array): Move => ({
    kind: 'answer',
    fetched: { kind: 'found', content },
    enrolled: 'failed',
    vouches: false,
    late: 0,
    as: 'asked',
  });
  let byTls = 0;
  let inTheClear = 0;
  const times = fc.array(move, { maxLength: 30 });
  fc.assert(
    fc.property(times, fc.option(times, { nil: undefined }), (moves, later) => {
      const boot = new PhoneBoot({
        device,
        state: { ...blankState, lsc },
        judge: modelJudge,
        wallClock: (now) => wallStart + now,
      });
      const release: Move[] = later === undefined ? [] : [{ kind: 'reset' }, serves(modelOctets(released)), ...later];
      play(boot, [serves(modelOctets(ctl)), ...moves, ...release], (output, { state: kept }) => {
        expect(isGenuine(kept.lists.ctl) && isGenuine(kept.lists.itl)).toBe(true);
        expect(kept.configuration?.verified ?? true).toBe(true);
        if (output.kind !== 'register') return;
        const isReleased = modelJudge.callManagers(kept.lists) === 'non-secure';
        expect(output.transport).toBe(isReleased ? 'tcp' : 'tls');
        if (isReleased) inTheClear += 1;
        else byTls += 1;
      });
    }),
    { numRuns: 2_000 },
  );
  expect(byTls).toBeGreaterThan(20); // or nothing was looked at
  expect(inTheClear).toBeGreaterThan(5);
});
