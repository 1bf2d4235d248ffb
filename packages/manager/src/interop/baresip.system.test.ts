import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Tap, type TapKey } from '@trustline/audit';
import { readCaptureFile } from '@trustline/capture/node';
import type { SrtpProfileName } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';
import {
  artefactFolder,
  Baresip,
  Dumpcap,
  eventually,
  Lab,
  missingCapture,
  missingPrograms,
  toneSeconds,
  toneShare,
  writeTone,
} from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { levelsShown } from './levels-shown.fixture.ts';

/** Tones that share no harmonic within a telephone's band. */
const tones = { caller: 440, called: 830 } as const;
/** How long the ends talk, in milliseconds. */
const talk = process.env['TRUSTLINE_FULL'] === '1' ? 30_000 : 4_000;

const missing = missingPrograms('baresip');

/** Two baresips with certificates, each with its tone, registered. */
async function twoPhones(lab: Lab, folder: string) {
  const files = { caller: join(folder, 'caller.wav'), called: join(folder, 'called.wav') };
  writeTone(files.caller, tones.caller);
  writeTone(files.called, tones.called);
  const start = async (role: 'caller' | 'called', line: string, extra: string) => {
    const device = await lab.secureDevice(line);
    const { certificateFile, trustFile, name } = device;
    const address = `sip:${line}@127.0.0.1:${lab.ports.tls};transport=tls`;
    const account = `<${address}>;regint=60;audio_codecs=PCMA/8000/1,PCMU/8000/1;mediaenc=srtp-mand${extra}`;
    const directory = join(folder, role);
    const phone = await Baresip.start({ directory, account, certificateFile, trustFile, wavFile: files[role] });
    await lab.registered(name);
    return phone;
  };
  return { caller: await start('caller', '1001', ''), called: await start('called', '1002', ';answermode=auto') };
}

/** The digits it has heard, each once: it writes a line when one begins and one when it ends. */
function digitsHeard(phone: Baresip): string[] {
  return Array.from(phone.log().matchAll(/received event: '(.)' \(end=0\)/g), ([, digit = '']) => digit);
}

const cases: readonly { readonly suite: SrtpProfileName; readonly configuration: readonly string[] }[] = [
  // It offers this one and no other.
  { suite: 'AES_CM_128_HMAC_SHA1_80', configuration: [] },
  // It answers this one but never offers it: the manager has to write the offer to either end.
  {
    suite: 'AES_CM_128_HMAC_SHA1_32',
    configuration: ['calls: { policy: require, suites: [AES_CM_128_HMAC_SHA1_32] }'],
  },
];

describe.skipIf(missing).each(cases)(
  'two baresips over TLS with client certificates, in $suite',
  ({ suite, configuration }) => {
    const folder = artefactFolder(`baresip-${suite.slice(-2)}`);
    let lab: Lab;
    let caller: Baresip;
    let called: Baresip;
    beforeAll(async () => {
      lab = await Lab.start(join(folder, 'manager'), configuration);
      ({ caller, called } = await twoPhones(lab, folder));
    });
    afterAll(async () => {
      await caller?.stop();
      await called?.stop();
      await lab?.stop();
    });

    /** Calls, and waits until both ends are told that the call is encrypted. */
    async function call() {
      caller.command('dial', '1002');
      return lab.call('is answered and encrypted', ({ state, level }) => state === 'answered' && level === 'encrypted');
    }

    async function hangUp() {
      caller.command('hangup');
      await lab.idle();
    }
    afterEach(hangUp);

    /** The levels that a phone was shown since its log had so many messages: `to Encrypted`. */
    function shownTo(phone: Baresip, since: number): string[] {
      return levelsShown(phone.messages(lab.ports.tls).slice(since));
    }

    /** The keys that a phone has sent since its log had so many messages. */
    function keysOf(phone: Baresip, since: number): string[] {
      const sent = phone
        .messages(lab.ports.tls)
        .slice(since)
        .filter((message) => message.sent);
      return sent.flatMap(({ text }) =>
        Array.from(text.matchAll(/^a=crypto:.* inline:(\S+)$/gm), ([, key = '']) => key),
      );
    }

    test('each hears the tone of the other, encrypted end to end', async () => {
      const before = [caller, called].map((phone) => phone.messages(lab.ports.tls).length);
      const { legs } = await call();
      await delay(talk);
      await hangUp();
      expect(shownTo(caller, before[0] ?? 0).at(-1)).toBe('to Encrypted');
      // Neither knows UPDATE: the called sees by the ACK what its answer led to. Where the caller had to be offered
      // another suite first, that was not encrypted yet, and it is told no more than was true.
      const steered = suite === 'AES_CM_128_HMAC_SHA1_32';
      expect(shownTo(called, before[1] ?? 0).at(-1)).toBe(steered ? 'from Authenticated' : 'from Encrypted');
      expect(legs).toHaveLength(2);
      for (const leg of legs) {
        expect(leg).toMatchObject({
          signalling: 'tls-mutual',
          proof: 'certificate',
          keying: 'sdes',
          suite,
          level: 'encrypted',
        });
      }
      for (const [listener, speaker, frequency] of [
        [caller, called, tones.called],
        [called, caller, tones.caller],
      ] as const) {
        const said = await toneSeconds(speaker.recordings('enc').at(-1) ?? '', frequency);
        expect(said.share).toBeGreaterThan(0.95);
        const { heard, share } = await toneSeconds(listener.recordings('dec').at(-1) ?? '', frequency);
        expect(share).toBeGreaterThan(0.95);
        // What was said and never came is in no recording: the whole time in which both were in the call counts.
        expect(heard).toBeGreaterThan((0.95 * talk) / 1_000);
      }
    });

    test('carries the digits of each to the other', async () => {
      await call();
      const [before, after] = [digitsHeard(called).length, digitsHeard(caller).length];
      await caller.press('1#');
      await called.press('*7');
      await eventually('both digits at the called', () => digitsHeard(called).slice(before).join('') === '1#');
      await eventually('both digits at the caller', () => digitsHeard(caller).slice(after).join('') === '*7');
    });

    /** What the ends send each other for a while, taken off the wire and opened with their keys. */
    async function listenToWire(name: string, keys: readonly string[]) {
      const file = join(folder, `${name}.pcapng`);
      const capture = await Dumpcap.start(file, 'udp and host 127.0.0.1');
      await delay(1_500);
      await capture.stop();
      const tap = new Tap({ crypto: nodeCrypto, keys: keys.map((key) => tapKey(suite, key)) });
      for await (const item of readCaptureFile(file)) if (item.kind === 'packet') tap.handle(item);
      return [...tap.heard()].filter(({ opened }) => opened.kind === 'with-key');
    }

    test.skipIf(missingCapture()).each(['caller', 'called'] as const)(
      'the %s holds by re-INVITE with its old key, and resumes',
      async (role) => {
        const [holder, other, frequency] =
          role === 'caller' ? [caller, called, tones.called] : [called, caller, tones.caller];
        const [before, beforeOther] = [holder.messages(lab.ports.tls).length, other.messages(lab.ports.tls).length];
        await call();
        const atCall = holder.messages(lab.ports.tls).length;
        holder.command('hold');
        await lab.call('is held and still encrypted', ({ state, level }) => state === 'held' && level === 'encrypted');
        await eventually('the end of the re-INVITE', () =>
          holder
            .messages(lab.ports.tls)
            .slice(atCall)
            .some(({ sent, text }) => sent && text.startsWith('ACK ')),
        );
        const keys = [...keysOf(holder, before), ...keysOf(other, beforeOther)];
        expect(new Set(keysOf(holder, before)).size).toBe(1);
        expect(await listenToWire(`held-by-${role}`, keys)).toEqual([]);

        holder.command('resume');
        await lab.call('goes on', ({ state, level }) => state === 'answered' && level === 'encrypted');
        const flows = await listenToWire(`resumed-by-${role}`, keys);
        expect(flows).toHaveLength(2);
        for (const { opened, samples } of flows) {
          expect(opened).toMatchObject({ kind: 'with-key', profile: suite, refused: 0 });
          expect(Math.max(toneShare(samples, tones.caller), toneShare(samples, tones.called))).toBeGreaterThan(0.95);
        }
        expect(flows.some(({ samples }) => toneShare(samples, frequency) > 0.95)).toBe(true);
        expect(new Set(keysOf(holder, before)).size).toBe(1);
        expect(shownTo(holder, before).at(-1)).toBe(role === 'caller' ? 'to Encrypted' : 'from Encrypted');
      },
    );
  },
);

function tapKey(suite: SrtpProfileName, inline: string): TapKey {
  const octets = Uint8Array.from(Buffer.from(inline, 'base64'));
  return { profile: suite, masterKey: octets.slice(0, 16), masterSalt: octets.slice(16) };
}
