import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseWav, serializeWav } from '@trustline/rtp';
import { afterAll, describe, expect, test } from 'vitest';
import { PhoneError } from '../error.ts';
import { readCredentials } from './credentials.ts';
import { play, readWavFile, WavRecorder } from './wav-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'phone-'));
afterAll(() => rmSync(folder, { recursive: true }));

function credentials(name: string, accounts: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'accounts'), accounts);
  for (const file of ['device.crt.pem', 'device.key.pem', 'trust.pem']) writeFileSync(join(path, file), `${file}\n`);
  return path;
}

describe('credentials as `device credentials` writes them', () => {
  test('certificate, key, trust bundle, and lines with their names', () => {
    const end = '@cm.example:5061;transport=tls>;regint=300;audio_codecs=PCMA/8000/1;mediaenc=srtp-mand';
    const path = credentials('tls', `"Ada" <sip:1001${end}\n<sip:%2342${end}\n`);
    expect(readCredentials(path)).toEqual({
      protocol: 'SIP',
      lines: [
        { number: '1001', displayName: 'Ada' },
        { number: '#42', displayName: undefined },
      ],
      server: { host: 'cm.example', port: 5061 },
      connection: {
        kind: 'tls',
        certificatePem: 'device.crt.pem\n',
        privateKeyPem: 'device.key.pem\n',
        trustBundlePem: 'trust.pem\n',
      },
    });
  });

  test('a digest password, which no print shows', () => {
    const path = credentials(
      'udp',
      '<sip:7@[::1]:5060;transport=udp>;regint=300;auth_user=SEP001122334455;auth_pass=s3cret',
    );
    const { connection, server } = readCredentials(path);
    expect(server).toEqual({ host: '::1', port: 5060 });
    expect(JSON.stringify(connection)).not.toContain('s3cret');
    expect('password' in connection && connection.password.reveal()).toBe('s3cret');
  });

  test('a phone of Skinny: by TLS its certificate, else its name and nothing else', () => {
    const secure = credentials('sccp-tls', '<sccp:1001@cm.example:2443;transport=tls>;device=SEP001122334455\n');
    expect(readCredentials(secure)).toMatchObject({
      protocol: 'SCCP',
      device: 'SEP001122334455',
      server: { host: 'cm.example', port: 2443 },
      connection: { kind: 'tls', certificatePem: 'device.crt.pem\n' },
    });
    const clear = credentials('sccp', '"Ada" <sccp:1001@cm.example:2000;transport=tcp>;device=SEP001122334455\n');
    expect(readCredentials(clear)).toEqual({
      protocol: 'SCCP',
      device: 'SEP001122334455',
      lines: [{ number: '1001', displayName: 'Ada' }],
      server: { host: 'cm.example', port: 2000 },
      connection: { kind: 'unproven' },
    });
  });

  test.each(['', 'nonsense', '<sip:1001@host;transport=tls>'])(
    'without a line, %j, the next step is said',
    (accounts) => {
      const path = credentials(`bad-${accounts.length}`, accounts);
      expect(() => readCredentials(path)).toThrow(PhoneError);
      expect(() => readCredentials(join(folder, 'nowhere'))).toThrow(/cannot be read/);
    },
  );
});

describe('sound files', () => {
  test('what is recorded is whole after the close, and at any moment before it can be read', () => {
    const path = join(folder, 'heard.wav');
    const recorder = new WavRecorder(path);
    const frame = new Int16Array(160);
    for (let count = 0; count < 120; count += 1) recorder.write(frame.fill(count));
    expect(parseWav(readFileSync(path)).samples.length).toBe(16_000);
    recorder.close();
    recorder.write(frame);
    recorder.close();
    const { rate, samples } = parseWav(readFileSync(path));
    expect([rate, samples.length, samples[0], samples.at(-1)]).toEqual([8_000, 19_200, 0, 119]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('a full disk is said, with what to do', () => {
    expect(() => new WavRecorder('/dev/full')).toThrow(
      expect.objectContaining({ code: 'phone.file-unwritable', nextStep: expect.stringContaining('disk') }),
    );
  });

  test('plays once and then silence, or again and again', () => {
    const path = join(folder, 'said.wav');
    writeFileSync(path, serializeWav({ rate: 8_000, samples: Int16Array.of(1, 2, 3) }));
    const frame = new Int16Array(4);
    const once = play(readWavFile(path));
    expect(once.isDone).toBe(false);
    once.read(frame);
    expect([...frame, once.isDone]).toEqual([1, 2, 3, 0, true]);
    const loop = play(readWavFile(path), { loop: true });
    loop.read(frame);
    expect([...frame, loop.isDone]).toEqual([1, 2, 3, 1, false]);
    expect(() => readWavFile(join(folder, 'none.wav'))).toThrow(/cannot be read/);
  });
});
