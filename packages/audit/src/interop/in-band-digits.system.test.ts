import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { encapsulateUdp, linkTypes } from '@trustline/capture';
import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { describe, expect, test } from 'vitest';
import { Tap } from '../index.ts';

/** Row and column frequencies of ITU-T Q.23, in hertz. */
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
const keypad = ['123A', '456B', '789C', '*0#D'];
const folder = artefactFolder('in-band-digits');

/** Digits as SoX sounds them, 100 ms each with 100 ms between; returns the file. */
function sound(name: string, digits: string): string {
  const files = [...digits].map((digit, at) => {
    const row = keypad.findIndex((keys) => keys.includes(digit));
    const column = keypad[row]?.indexOf(digit) ?? 0;
    const file = join(folder, `${name}-${at}.wav`);
    const tones = [`sine ${rows[row]}`, `sine ${columns[column]}`].flatMap((tone) => tone.split(' '));
    execFileSync('sox', [
      '-q',
      '-n',
      '-r',
      '8000',
      '-b',
      '16',
      file,
      'synth',
      '0.1',
      ...tones,
      'remix',
      '1,2',
      'gain',
      '-9',
      'pad',
      '0',
      '0.1',
    ]);
    return file;
  });
  const whole = join(folder, `${name}.wav`);
  execFileSync('sox', ['-q', ...files, whole]);
  return whole;
}

describe.skipIf(missingPrograms('sox', 'ffmpeg'))('digits within the voice (Q.23)', () => {
  test.each([
    ['pcm_alaw', 'PCMA', '4711#'],
    ['pcm_mulaw', 'PCMU', '0123456789*#ABCD'],
  ])('that SoX sounds and FFmpeg sends as RTP by %s are read by the tap', async (encoder, codec, digits) => {
    const file = sound(codec, digits);
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const tap = new Tap();
    let number = 0;
    socket.on('message', (payload, from) => {
      const data = encapsulateUdp({
        source: { address: from.address, port: from.port },
        destination: { address: '127.0.0.1', port },
        payload,
      });
      number += 1;
      tap.handle({
        kind: 'packet',
        number,
        interface: { linkType: linkTypes.ethernet, snapLength: 0, name: 'lo' },
        time: undefined,
        data,
        originalLength: data.length,
        direction: undefined,
        comment: undefined,
      });
    });
    const ffmpeg = spawn('ffmpeg', [
      '-hide_banner',
      '-loglevel',
      'error',
      '-re',
      '-i',
      file,
      '-c:a',
      encoder,
      '-f',
      'rtp',
      `rtp://127.0.0.1:${port}`,
    ]);
    await once(ffmpeg, 'exit');
    socket.close();
    const [heard] = [...tap.heard()];
    expect(heard).toMatchObject({ codec, toneDigits: digits, eventDigits: '' });
  });
});
