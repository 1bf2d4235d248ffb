import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SrtpProfileName } from '@trustline/srtp';
import {
  artefactFolder,
  Baresip,
  Dumpcap,
  eventually,
  Lab,
  missingCapture,
  missingPrograms,
  type SecureDevice,
  toneSeconds,
  writeTone,
} from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Phone, type PhoneEvent } from '../node/index.ts';
import type { RunningCall } from '../node/running-call.ts';
import { play, readWavFile, WavRecorder } from '../node/wav-file.ts';
import { StallsSeen, stallsOnTheWire } from './far-end-stalls.fixture.ts';

const tones = { ours: 440, baresip: 830 } as const;
/** How long the ends talk, in milliseconds. */
const talk = process.env['TRUSTLINE_FULL'] === '1' ? 30_000 : 4_000;

/** Where loopback may be captured, the kernel is asked what baresip sent; elsewhere our own phone. */
const mayCapture = missingCapture() === false;

const cases: readonly { readonly suite: SrtpProfileName; readonly configuration: readonly string[] }[] = [
  { suite: 'AES_CM_128_HMAC_SHA1_80', configuration: [] },
  {
    suite: 'AES_CM_128_HMAC_SHA1_32',
    configuration: ['calls: { policy: require, suites: [AES_CM_128_HMAC_SHA1_32] }'],
  },
];

describe.skipIf(missingPrograms('baresip')).each(cases)(
  'our phone and baresip, in $suite',
  ({ suite, configuration }) => {
    const folder = artefactFolder(`phone-baresip-${suite.slice(-2)}`);
    const files = { ours: join(folder, 'ours.wav'), baresip: join(folder, 'theirs.wav') };
    let lab: Lab;
    let ours: Phone;
    let baresip: Baresip;
    let incoming: RunningCall | undefined;
    let wire: Dumpcap | undefined;
    const events: PhoneEvent[] = [];
    const stalls = new WeakMap<RunningCall, StallsSeen>();

    beforeAll(async () => {
      writeTone(files.ours, tones.ours);
      writeTone(files.baresip, tones.baresip);
      lab = await Lab.start(join(folder, 'manager'), configuration);
      ours = await startOurs(await lab.secureDevice('1001'));
      const { certificateFile, trustFile, name } = await lab.secureDevice('1002');
      const account = `<sip:1002@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;answermode=auto;mediaenc=srtp-mand`;
      const options = {
        directory: join(folder, 'baresip'),
        account,
        certificateFile,
        trustFile,
        wavFile: files.baresip,
      };
      baresip = await Baresip.start(options);
      await lab.registered(name);
    });
    afterEach(async () => {
      for (const call of ours.calls) call.hangUp();
      await wire?.stop();
      await lab.idle();
    });
    afterAll(async () => {
      await ours?.stop();
      await baresip?.stop();
      await lab?.stop();
    });

    async function startOurs({ name, line, certificateFile, trustFile }: SecureDevice): Promise<Phone> {
      const both = readFileSync(certificateFile, 'utf8');
      const trustBundlePem = readFileSync(trustFile, 'utf8');
      const phone: Phone = Phone.start({
        line,
        device: name,
        server: { host: '127.0.0.1', port: lab.ports.tls },
        connection: { kind: 'tls', certificatePem: both, privateKeyPem: both, trustBundlePem },
        suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
        onDatagram: (call, datagram) => {
          const ofCall = stalls.get(call) ?? new StallsSeen();
          stalls.set(call, ofCall);
          ofCall.observe(datagram);
        },
        onEvent: (event) => {
          events.push(event);
          if (event.kind !== 'incoming') return;
          incoming = event.call;
          void phone.answer(event.call, audio('incoming'));
        },
      });
      await phone.registered();
      return phone;
    }

    /** Our tone, and a recording of what we hear. */
    function audio(name: string) {
      return { source: play(readWavFile(files.ours)), sink: new WavRecorder(join(folder, `heard-${name}.wav`)) };
    }

    /** Captures from before a call, so that it holds all that baresip sends. */
    async function capture(name: string): Promise<void> {
      if (mayCapture) wire = await Dumpcap.start(join(folder, `${name}.pcapng`), 'udp');
    }

    /** Seconds of a call in which baresip sent nothing. */
    async function unsentIn(call: RunningCall, name: string): Promise<number> {
      if (wire === undefined) return stalls.get(call)?.seconds ?? 0;
      await wire.stop();
      const sent = await stallsOnTheWire(join(folder, `${name}.pcapng`), call.media?.remote.port ?? 0);
      expect(sent.packets).toBeGreaterThan(0);
      return sent.seconds;
    }

    /** One call, either way round: encrypted, each end hears the other's tone. */
    async function talkAndHangUp(call: RunningCall, name: string): Promise<void> {
      await lab.call('is encrypted', ({ state, level }) => state === 'answered' && level === 'encrypted');
      await eventually('our phone is shown that it is encrypted', () => call.level === 'encrypted');
      await eventually('the media', () => call.media?.suite === suite);
      await delay(talk);
      expectFewRejections(call);

      call.hangUp();
      await call.ended;
      await lab.idle();

      const here = await toneSeconds(join(folder, `heard-${name}.wav`), tones.baresip);
      const there = await toneSeconds(baresip.recordings('dec').at(-1) ?? '', tones.ours);
      const unsent = await unsentIn(call, name);
      expect(unsent).toBeLessThan(talk / 2_000);
      expect(here.heard).toBeGreaterThanOrEqual(0.95 * (here.total - unsent));
      expect(here.heard).toBeGreaterThanOrEqual(0.95 * (talk / 1_000 - unsent));
      expect(there.share).toBeGreaterThanOrEqual(0.95);
      expect(there.heard).toBeGreaterThanOrEqual((0.95 * talk) / 1_000);
    }

    /** At every start of its media baresip sends a packet or two before it has set up SRTP. Our phone takes none of them. */
    function expectFewRejections(call: RunningCall): void {
      const rejected = Object.values(call.statistics()?.rejections ?? {}).reduce((sum, count) => sum + count, 0);
      expect(rejected).toBeLessThan(10);
    }

    function digitsHeard(): string[] {
      return Array.from(baresip.log().matchAll(/received event: '(.)' \(end=0\)/g), ([, digit = '']) => digit);
    }

    // A machine with other things to do sends late, and a jitter buffer of 1.0.0 drops what is late: that is no fault of a call.
    test('ours calls baresip: each hears the tone of the other', { retry: 2 }, async () => {
      await capture('outgoing');
      const call = await ours.call('1002', audio('outgoing'));
      await call.established;
      await talkAndHangUp(call, 'outgoing');
    });

    test('baresip calls ours: each hears the tone of the other', { retry: 2 }, async () => {
      await capture('incoming');
      incoming = undefined;
      baresip.command('dial', '1001');
      await talkAndHangUp(await eventually('a call for us', () => incoming), 'incoming');
    });

    test('the digits of each come to the other', async () => {
      const call = await ours.call('1002', audio('digits'));
      await call.established;
      await lab.call('is encrypted', ({ state, level }) => state === 'answered' && level === 'encrypted');
      await eventually('the media', () => call.media?.suite === suite);
      const before = digitsHeard().length;
      expect(call.sendDigits('1#')).toBe(true);
      await eventually('our digits at baresip', () => digitsHeard().slice(before).join('') === '1#');
      await baresip.press('*7');
      await eventually("baresip's digits here", () => call.digits === '*7');
    });

    test('we hold and resume by re-INVITE', async () => {
      const call = await ours.call('1002', audio('holding'));
      await call.established;
      await lab.call('is encrypted', ({ state, level }) => state === 'answered' && level === 'encrypted');
      await eventually('the media', () => call.media?.suite === suite);
      expect(call.hold()).toBe(true);
      await lab.call('is held and still encrypted', ({ state, level }) => state === 'held' && level === 'encrypted');
      await delay(500);
      expect(call.resume()).toBe(true);
      await lab.call('goes on encrypted', ({ state, level }) => state === 'answered' && level === 'encrypted');
      const before = call.statistics()?.packetsReceived ?? 0;
      await eventually('baresip talks again', () => (call.statistics()?.packetsReceived ?? 0) > before + 50);
      expectFewRejections(call);
      call.hangUp();
      await call.ended;
      await lab.idle();
    });

    test('baresip holds and resumes by re-INVITE, with its old key', async () => {
      incoming = undefined;
      baresip.command('dial', '1001');
      const call = await eventually('a call for us', () => incoming);
      await lab.call('is encrypted', ({ state, level }) => state === 'answered' && level === 'encrypted');
      baresip.command('hold');
      await lab.call('is held and still encrypted', ({ state, level }) => state === 'held' && level === 'encrypted');
      await eventually('we are told of the hold', () =>
        events.some(
          (event) => event.kind === 'call' && event.call === call && event.event.kind === 'hold' && event.event.remote,
        ),
      );
      baresip.command('resume');
      await lab.call('goes on encrypted', ({ state, level }) => state === 'answered' && level === 'encrypted');
      const before = call.statistics()?.packetsReceived ?? 0;
      await eventually('baresip talks again', () => (call.statistics()?.packetsReceived ?? 0) > before + 50);
      expectFewRejections(call);
      call.hangUp();
      await call.ended;
      await lab.idle();
    });
  },
);
