import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseWav, serializeWav } from '@trustline/rtp';
import { type ForeignProgram, missingPrograms } from '@trustline/testing/node';
import { afterAll, describe, expect, test } from 'vitest';
import { CallProgressDetector } from '../tones/call-progress-detector.ts';
import { callProgressTone, callProgressTones, toneCountries } from '../tones/call-progress-tones.ts';
import { DtmfDetector, dtmfTones } from '../tones/dtmf.ts';
import { type CallInformation, CallInformationReader, encodeCallInformation } from './caller-id/call-information.ts';
import { bell202, FskReceiver, modulate, v23 } from './caller-id/fsk.ts';

const folder = mkdtempSync(join(tmpdir(), 'trustline-tones-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rate = 8_000;
const file = (name: string) => join(folder, name);

function run(program: ForeignProgram, args: readonly string[], input?: Uint8Array): Buffer {
  const { status, stdout, stderr } = spawnSync(program, args, input === undefined ? {} : { input });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Writes samples with half a second of silence on both sides. */
function write(name: string, samples: Int16Array): string {
  const line = new Int16Array(samples.length + rate);
  line.set(samples, rate / 2);
  writeFileSync(file(name), serializeWav({ rate, samples: line }));
  return file(name);
}

const read = (name: string) => parseWav(readFileSync(file(name))).samples;

const information: CallInformation = { number: '2125550100', name: 'Ada Lovelace', dateAndTime: '11231815' };
const message = encodeCallInformation(information);

describe.skipIf(missingPrograms('minimodem'))('minimodem, a modem that we did not write', () => {
  test('reads our caller ID of Bell 202 as one', () => {
    const text = run('minimodem', ['--rx', 'callerid', '-q', '-f', write('bell202.wav', modulate(message, bell202))]);
    expect(text.toString()).toMatch(/Time: +11\/23 18:15\s+Phone: 212-555-0100\s+Name: +Ada Lovelace/);
  });

  test('reads the octets of our caller ID of V.23', () => {
    const path = write('v23.wav', modulate(message, v23));
    const octets = run('minimodem', ['--rx', '1200', '-M', '1300', '-S', '2100', '-q', '-f', path]);
    expect(octets.includes(Buffer.from(message))).toBe(true);
  });

  test.each([
    ['Bell 202', bell202],
    ['V.23', v23],
  ])('is read by us in %s', (name, modem) => {
    const path = file(`${name.replace(' ', '')}-theirs.wav`);
    const frequencies = ['-M', String(modem.mark), '-S', String(modem.space)];
    run(
      'minimodem',
      ['--tx', '1200', ...frequencies, '-R', String(rate), '-f', path],
      Uint8Array.of(0x55, 0x55, 0xff, 0xff, ...message),
    );
    const reader = new CallInformationReader();
    const { octets } = new FskReceiver(modem).push(parseWav(readFileSync(path)).samples);
    expect(octets.map((octet) => reader.push(octet)).filter((one) => one !== undefined)).toEqual([information]);
  });
});

describe.skipIf(missingPrograms('multimon-ng', 'sox'))('multimon-ng, a decoder that we did not write', () => {
  test('hears our keys', () => {
    const keys = '0123456789*#ABCD';
    const tones = new Int16Array(4 * rate);
    dtmfTones(keys).fill(tones);
    const raw = ['-t', 'raw', '-r', '22050', '-c', '1', '-e', 'signed', '-b', '16', '-'];
    const resampled = run('sox', ['-V1', write('dtmf.wav', tones), ...raw]);
    const text = run('multimon-ng', ['-q', '-t', 'raw', '-a', 'DTMF', '-'], resampled).toString();
    // Its `F` and `E` are `#` and `*`.
    const heard = [...text.matchAll(/DTMF: (.)/g)].map(([, key]) => ({ E: '*', F: '#' })[key ?? ''] ?? key);
    expect(heard.join('')).toBe(keys);
  });
});

describe.skipIf(missingPrograms('sox'))('sox makes the tones', () => {
  test('keys are heard by us', () => {
    const pairs = { '5': [770, 1336], '#': [941, 1477], '1': [697, 1209] };
    for (const [key, [low, high]] of Object.entries(pairs)) {
      const path = file('key.wav');
      run('sox', [
        '-V1',
        '-n',
        '-r',
        String(rate),
        '-c',
        '1',
        '-b',
        '16',
        path,
        'synth',
        '0.2',
        'sine',
        String(low),
        'synth',
        '0.2',
        'sine',
        'mix',
        String(high),
        'gain',
        '-9',
      ]);
      expect(new DtmfDetector().push(read('key.wav'))).toBe(key);
    }
  });

  test.each(toneCountries)('call-progress tones of %s are heard by us as what they are', (country) => {
    for (const tone of callProgressTones) {
      const parts = callProgressTone(country, tone).sections.map(({ frequencies, milliseconds }, i) => {
        const seconds = String(Number.isFinite(milliseconds) ? milliseconds / 1_000 : 4);
        const path = file(`part-${i}.wav`);
        const [first, second] = frequencies;
        const target = ['-V1', '-n', '-r', String(rate), '-c', '1', '-b', '16', path];
        if (first === undefined) run('sox', [...target, 'trim', '0', seconds]);
        else {
          const mixed = second === undefined ? [] : ['synth', seconds, 'sine', 'mix', String(second)];
          run('sox', [...target, 'synth', seconds, 'sine', String(first), ...mixed, 'gain', '-13']);
        }
        return path;
      });
      const repeated = parts.length > 1 ? [...parts, ...parts, ...parts] : parts;
      run('sox', ['-V1', ...repeated, file('tone.wav')]);
      expect([tone, new CallProgressDetector(country).push(read('tone.wav'))]).toEqual([tone, tone]);
    }
  });
});
