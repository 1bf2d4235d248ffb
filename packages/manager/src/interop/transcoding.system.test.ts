import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallAnswer } from '@trustline/manager';
import {
  artefactFolder,
  Baresip,
  convertSound,
  eventually,
  Lab,
  missingPrograms,
  toneAmplitudes,
  toneSeconds,
  writeTone,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What a baresip speaks, the module that it needs for that, and the samples a second and channels that it plays and records. */
const codecs = {
  opus: { account: 'opus/48000/2', module: 'opus.so', rate: 48_000, channels: 2 },
  G722: { account: 'G722/16000/1', module: 'g722.so', rate: 16_000, channels: 1 },
  PCMU: { account: 'PCMU/8000/1', module: 'g711.so', rate: 8_000, channels: 1 },
  PCMA: { account: 'PCMA/8000/1', module: 'g711.so', rate: 8_000, channels: 1 },
} as const;
type Codec = keyof typeof codecs;

/** Who calls whom, both with SRTP or both without. */
const pairs = [
  { caller: 'opus', called: 'PCMU', isSecure: true },
  { caller: 'PCMA', called: 'opus', isSecure: false },
  { caller: 'G722', called: 'PCMA', isSecure: true },
  { caller: 'opus', called: 'G722', isSecure: true },
] as const;
/** Who meets in a conference: of each codec one. */
const members = [0, 1, 2] as const;
/** What each phone plays, in hertz: whole periods in 100 ms, and none a harmonic of another. */
const tones = [500, 610, 730, 870, 1_030, 1_190, 1_370, 1_570] as const;
const seconds = 2;
/** Of a tone that is heard beyond doubt, and of one's own, which is not: the tones played have 8,000. */
const [audible, inaudible] = [2_500, 1_000];

const missing = missingPrograms('baresip', 'sox');

interface Pair {
  readonly caller: Baresip;
  readonly called: Baresip;
  readonly tones: readonly [number, number];
  readonly lines: readonly [string, string];
}

describe.skipIf(missing)('baresips without a codec in common', () => {
  const folder = artefactFolder('transcoding');
  let lab: Lab;
  const phones: Pair[] = [];
  const calls: CallAnswer[] = [];

  async function phone(line: string, codec: Codec, isSecure: boolean, tone: number): Promise<Baresip> {
    const { account: spoken, module, rate, channels } = codecs[codec];
    const directory = join(folder, `${line}-${codec}`);
    const played = join(folder, `${tone}.wav`);
    writeTone(played, tone);
    const wavFile = await convertSound(played, join(folder, `${tone}-${rate}.wav`), { rate, channels });
    const configuration = module === 'g711.so' ? [] : [`module ${module}`];
    const rest = `regint=60;answermode=auto;audio_codecs=${spoken}`;
    if (isSecure) {
      const { name, certificateFile, trustFile } = await lab.secureDevice(line);
      const account = `<sip:${line}@127.0.0.1:${lab.ports.tls};transport=tls>;${rest};mediaenc=srtp-mand`;
      const started = await Baresip.start({ directory, wavFile, configuration, account, certificateFile, trustFile });
      await lab.registered(name);
      return started;
    }
    const { name, password } = await lab.passwordDevice(line);
    const account = `<sip:${line}@127.0.0.1:${lab.ports.md5.udp}>;${rest};auth_user=${name};auth_pass=${password}`;
    const started = await Baresip.start({ directory, wavFile, configuration, account });
    await lab.registered(name);
    return started;
  }

  const running = async () => (await lab.client.calls()).calls;

  /** Seconds for which a phone has heard a tone in its first call or its second. */
  function heard(one: Baresip, call: number): Promise<string> {
    const file = one.recordings('dec')[call];
    if (file === undefined) throw new Error(`${one.directory} holds no recording of call ${call + 1}`);
    return convertSound(file, join(one.directory, `heard-${call}.wav`), { rate: 8_000, channels: 1 });
  }

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'), [
      `media: { host: 127.0.0.1, transcoders: ${pairs.length} }`,
      'dialPlan: [{ to: conference, pattern: "5000", name: all }]',
    ]);
    for (const [at, { caller, called, isSecure }] of pairs.entries()) {
      const lines = [`11${at}1`, `11${at}2`] as const;
      const played = [tones[2 * at] ?? 0, tones[2 * at + 1] ?? 0] as const;
      const from = await phone(lines[0], caller, isSecure, played[0]);
      const to = await phone(lines[1], called, isSecure, played[1]);
      phones.push({ caller: from, called: to, tones: played, lines });
    }

    for (const { caller, lines } of phones) caller.command('dial', lines[1]);
    const all = await eventually('all calls are answered', async () => {
      const answered = (await running()).filter(({ state }) => state === 'answered');
      return answered.length === pairs.length && answered;
    });
    calls.push(...all.sort((one, other) => Number(one.destination) - Number(other.destination)));
    await delay(seconds * 1_000);
    await Promise.all(phones.map(({ caller }) => caller.press('5')));
    await delay(500);
    for (const { caller } of phones) caller.command('hangup');
    await lab.idle();

    for (const at of members) phones[at]?.caller.command('dial', '5000');
    await eventually('three are in the conference', async () => (await running()).length === members.length);
    await delay(seconds * 1_000);
    for (const at of members) phones[at]?.caller.command('hangup');
    await lab.idle();
    await Promise.all(phones.flatMap(({ caller, called }) => [caller.stop(), called.stop()]));
  });
  afterAll(async () => {
    await Promise.all(phones.flatMap(({ caller, called }) => [caller.stop(), called.stop()]));
    await lab?.stop();
  });

  describe.each(pairs.map((pair, at) => ({ ...pair, at })))(
    '$caller calls $called',
    ({ caller, called, isSecure, at }) => {
      test('the call says that it is transcoded, and is as secure as its legs', () => {
        const expected = { relayed: 'transcoding', transcoded: { caller, called } };
        expect(calls[at]).toMatchObject({ ...expected, level: isSecure ? 'encrypted' : 'non-secure' });
        for (const { keying } of calls[at]?.legs ?? []) expect(keying).toBe(isSecure ? 'sdes' : 'none');
      });

      test('each hears the tone of the other, and it is that tone', async () => {
        const { tones: played, ...ends } = phones[at] as Pair;
        for (const [end, tone] of [
          [ends.caller, played[1]],
          [ends.called, played[0]],
        ] as const) {
          expect((await toneSeconds(await heard(end, 0), tone)).heard).toBeGreaterThan(seconds * 0.75);
        }
      });

      test('a digit of the caller is heard by the called (RFC 4733)', () => {
        expect(phones[at]?.called.log()).toMatch(/received event: '5' \(end=0\)/);
      });
    },
  );

  test('a conference of Opus, G.711 and G.722: each hears the others and not himself', async () => {
    for (const at of members) {
      const one = phones[at] as Pair;
      const file = await heard(one.caller, 1);
      for (const other of members) {
        const tone = phones[other]?.tones[0] ?? 0;
        const loudest = Math.max(...(await toneAmplitudes(file, tone)));
        const what = `${one.lines[0]} hears ${tone} Hz`;
        if (other === at) expect(loudest, what).toBeLessThan(inaudible);
        else expect(loudest, what).toBeGreaterThan(audible);
      }
    }
  });
});
