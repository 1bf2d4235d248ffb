import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallAnswer } from '@trustline/manager';
import {
  artefactFolder,
  Baresip,
  convertSound,
  eventually,
  Lab,
  Linphone,
  type LinphoneOptions,
  missingPrograms,
  toneSeconds,
  writeTone,
} from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

/** What each line plays, in hertz. */
const tones = { '1001': 440, '1002': 660, '1003': 880, '1004': 550 } as const;
type Line = keyof typeof tones;

/** Three of Linphone's phones, two with SRTP alone and one without, and a baresip with SRTP alone. */
describe.skipIf(missingPrograms('linphone', 'baresip', 'sox'))('Linphone', () => {
  const folder = artefactFolder('linphone');
  const wavFile = (line: Line) => join(folder, `${line}.wav`);
  let lab: Lab;
  let [first, second, plain]: (Linphone | undefined)[] = [];
  let baresip: Baresip;

  const start = (line: Line, options: Omit<LinphoneOptions, 'directory' | 'line' | 'wavFile'>) =>
    Linphone.start({ directory: join(folder, line), line, wavFile: wavFile(line), ...options });
  const startSecure = async (line: Line) => {
    const { name, ...files } = await lab.secureDevice(line);
    return { name, phone: await start(line, { transport: 'tls', port: lab.ports.tls, encryption: 'srtp', ...files }) };
  };

  beforeAll(async () => {
    for (const line of Object.keys(tones) as Line[]) writeTone(wavFile(line), tones[line]);
    lab = await Lab.start(join(folder, 'manager'), ['media: { relay: needed, host: 127.0.0.1 }']);
    const [one, two] = await Promise.all([startSecure('1001'), startSecure('1002')]);
    [first, second] = [one.phone, two.phone];
    const password = await lab.passwordDevice('1003');
    plain = await start('1003', {
      transport: 'tcp',
      port: lab.ports.md5.tcp,
      password: { user: password.name, password: password.password },
    });
    const { name, certificateFile, trustFile } = await lab.secureDevice('1004');
    const account = `<sip:1004@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;answermode=auto;mediaenc=srtp-mand`;
    const directory = join(folder, '1004');
    baresip = await Baresip.start({ directory, account, certificateFile, trustFile, wavFile: wavFile('1004') });
    for (const device of [one.name, two.name, password.name, name]) await lab.registered(device);
  });
  afterEach(async () => {
    for (const phone of [first, second, plain]) phone?.command('terminate all');
    baresip.command('hangup');
    await lab.idle();
  });
  afterAll(async () => {
    await Promise.all([first, second, plain, baresip].map((phone) => phone?.stop()));
    await lab?.stop();
  });

  /** Waits for a call between two lines that is as wanted. */
  const call = (lines: readonly Line[], wanted: Partial<CallAnswer> = {}) => {
    const { state = 'answered', level = 'encrypted', relayed = null } = wanted;
    return lab.call(`of ${lines.join(' and ')} is ${state}, ${level}, relayed: ${relayed}`, (one) => {
      const isOfThem = one.legs.map(({ line }) => line).join() === lines.join();
      return isOfThem && one.level === level && one.state === state && one.relayed === relayed;
    });
  };
  /** For how many seconds a recording has the tone of a line. */
  const secondsOf = async (recording: string, line: Line) => {
    const converted = await convertSound(recording, `${recording}.8000.wav`, { rate: 8_000, channels: 1 });
    return (await toneSeconds(converted, tones[line])).heard;
  };

  test('calls another by TLS with its certificate: AES-256 from end to end, and each hears the other', async () => {
    const heard = [first, second].map((phone) => phone?.record('straight') ?? '');
    first?.command('call 1002');
    const { legs } = await call(['1001', '1002']);
    const proof = { signalling: 'tls-mutual', proof: 'certificate', suite: 'AES_256_CM_HMAC_SHA1_80' };
    expect(legs).toMatchObject([proof, proof]);
    await delay(2_000);
    first?.command('terminate');
    await lab.idle();
    expect(await secondsOf(heard[0] ?? '', '1002')).toBeGreaterThan(0.75);
    expect(await secondsOf(heard[1] ?? '', '1001')).toBeGreaterThan(0.75);
  });

  test('holds and resumes, caller and called; then its partner goes to a phone without SRTP: over the relay, non-secure', async () => {
    const heard = plain?.record('over the relay') ?? '';
    await first?.commandUntil('call 1002', 'Media streams established');
    await call(['1001', '1002']);
    for (const phone of [first, second]) {
      await phone?.commandUntil('pause', 'is now paused');
      await call(['1001', '1002'], { state: 'held' });
      phone?.command('resume');
      await call(['1001', '1002']);
    }
    first?.command('transfer 1003');
    const { legs } = await call(['1002', '1003'], { level: 'non-secure', relayed: 'one-end-without-srtp' });
    expect(legs).toMatchObject([
      { keying: 'sdes', suite: 'AES_256_CM_HMAC_SHA1_80' },
      { keying: 'none', suite: null },
    ]);
    await delay(1_200);
    second?.command('terminate');
    await lab.idle();
    expect(await secondsOf(heard, '1002')).toBeGreaterThan(0.75);
  });

  test.each([
    ['1001', '1004'],
    ['1004', '1001'],
  ] as const)('%s calls %s, of Linphone and baresip: in the suite that both have', async (caller, called) => {
    const heard = first?.record(`${caller} to ${called}`) ?? '';
    const recordings = baresip.recordings('dec').length;
    if (caller === '1001') first?.command(`call ${called}`);
    else baresip.command('dial', called);
    const { legs } = await call([caller, called]);
    expect(legs.map(({ suite }) => suite)).toEqual(Array(2).fill('AES_CM_128_HMAC_SHA1_80'));
    await delay(1_200);
    if (caller === '1001') first?.command('terminate');
    else baresip.command('hangup');
    await lab.idle();
    expect(await secondsOf(heard, '1004')).toBeGreaterThan(0.75);
    const atBaresip = await eventually('the recording', () => baresip.recordings('dec')[recordings]);
    expect(await secondsOf(atBaresip, '1001')).toBeGreaterThan(0.75);
  });

  test('asks one, then joins the two that it talks to (REFER with Replaces): encrypted, relayed since they keep their keys', async () => {
    const identifier = (said?: string) => / for call (\d+) /.exec(said ?? '')?.[1];
    const one = identifier(await first?.commandUntil('call 1004', 'Media streams established'));
    await first?.commandUntil('pause', 'is now paused');
    const other = identifier(await first?.commandUntil('call 1002', 'Media streams established'));
    await call(['1001', '1002']);
    first?.command(`transfer ${one} --to-call ${other}`);
    await lab.event('an attended transfer', ({ kind, reason }) => kind === 'call-transferred' && reason === 'attended');
    await call(['1004', '1002'], { relayed: 'key-kept' });
    baresip.command('hangup');
  });

  test('RFC 5923 §4: says that it may be reached over its connection (alias), and is: it never opens or takes another', async () => {
    plain?.command('call 1002');
    await call(['1003', '1002'], { level: 'non-secure', relayed: 'one-end-without-srtp' });
    const said = second?.log() ?? '';
    expect(said).toMatch(/^Via: SIP\/2\.0\/TLS [^;]+;alias;/m);
    const channels = [
      ...said.matchAll(/channel \[(0x\w+)\]: (?:message sent to|received \[\d+\] new bytes from) \[TLS/g),
    ];
    expect(channels.length).toBeGreaterThan(10);
    expect(new Set(channels.map(([, channel]) => channel)).size).toBe(1);
  });

  test('sends a text, which the other shows (RFC 3428)', async () => {
    first?.command('chat sip:1002@localhost "It rings at ten"');
    await eventually('the text', () => second?.log().includes('It rings at ten'));
  });
});
