import { join } from 'node:path';
import { artefactFolder, Baresip, eventually, Linphone, missingPrograms, writeTone } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectAcceptanceAndKeepTo,
  expectResponse,
  inDialog,
  invite,
  ofKept,
  ofLast,
  pause,
  request,
  scenario,
} from './sipp-scenario.fixture.ts';

const configuration = [
  'media: { host: 127.0.0.1 }',
  'dialPlan: [{ to: conference, pattern: "5000", name: all }]',
  'locations: [{ name: Riga, networks: [127.0.0.2/32], kilobits: 80 }]',
];
const refusal = (status: number) => scenario(invite(), expectResponse(status), request('ACK', { cseq: 2, ...ofLast }));

/** What a line and a conference bear, with SIPp, and with a baresip and a Linphone that have SRTP alone. */
describe.skipIf(missingPrograms('sipp', 'baresip', 'linphone'))('no more than there is room for', () => {
  const folder = artefactFolder('sipp-capacity');
  let phones: SippLab;
  let baresip: Baresip;
  let linphone: Linphone;

  beforeAll(async () => {
    phones = await SippLab.start(folder, configuration, []);
    await phones.add('1002', '127.0.0.2');
    const { lab } = phones;
    const wavFile = join(folder, 'tone.wav');
    writeTone(wavFile, 440);
    const [one, other] = [await lab.secureDevice('1005'), await lab.secureDevice('1006')];
    const account = `<sip:1005@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;mediaenc=srtp-mand`;
    baresip = await Baresip.start({ directory: join(folder, '1005'), account, wavFile, ...one });
    const at = { transport: 'tls', port: lab.ports.tls, encryption: 'srtp' } as const;
    linphone = await Linphone.start({ directory: join(folder, '1006'), wavFile, ...at, ...other });
    for (const { name } of [one, other]) await lab.registered(name);
  });
  afterAll(async () => {
    await Promise.all([baresip?.stop(), linphone?.stop()]);
    await phones?.stop();
  });

  test('RFC 3261 §20.43: a second call to a place whose line bears one is refused 488 with Warning 370, and nobody rings', async () => {
    const { lab } = phones;
    const called = phones.wait(answering);
    const talks = scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...inDialog }),
      pause(2_000),
      request('BYE', { cseq: 3, ...ofKept, repeat: 500 }),
      expectResponse(200),
    );
    const first = phones.call(talks);
    await lab.call('is answered', ({ state }) => state === 'answered');
    const second = await phones.run(await lab.passwordDevice('1003'), refusal(488));
    expect(second.exitCode).toBe(0);
    expect(second.messages).toMatch(/^Warning: 370 \S+ "There is no bandwidth left for a call to or from Riga"/m);
    expect((await first).exitCode).toBe(0);
    const { exitCode, messages } = await called;
    expect(exitCode).toBe(0);
    expect(messages.match(/^INVITE /gm)).toHaveLength(1);
    await lab.event('the refusal', ({ kind, reason }) => kind === 'call-refused' && reason === 'bandwidth');
    await lab.idle();
  });

  test('eight are in a conference: each secure leg has keys of its own, the level of the weakest is shown, and the ninth is refused', async () => {
    const { lab } = phones;
    const levels = async () => (await lab.client.calls()).calls.map(({ level }) => level);
    baresip.command('dial', '5000');
    linphone.command('call 5000');
    await eventually('two are in it, encrypted', async () => {
      const now = await levels();
      return now.length === 2 && now.every((level) => level === 'encrypted');
    });
    const talks = scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...inDialog }),
      pause(4_000),
      request('BYE', { cseq: 3, ...ofKept, repeat: 500 }),
      expectResponse(200),
    );
    const callers = [phones.caller, await lab.passwordDevice('1007')]; // a line has four calls at most
    const others = callers.flatMap((device) => [0, 1, 2].map(() => phones.run(device, talks, { number: '5000' })));
    await eventually('eight are in it', async () => {
      const now = await levels();
      return now.length === 8 && now.every((level) => level === 'non-secure');
    });
    const ninth = await phones.run(await lab.passwordDevice('1008'), refusal(486), { number: '5000' });
    expect(ninth.exitCode).toBe(0);
    expect(ninth.messages).toMatch(/^Warning: 399 \S+ "The conference is full: 8 are in it"/m);
    // Linphone knows UPDATE, by which a level is shown within a call.
    const shown = () => [...linphone.log().matchAll(/^Call-Info: .*; security=(\w+)$/gm)].at(-1)?.[1];
    await eventually('it is shown that level', () => shown() === 'NotAuthenticated');
    for (const { exitCode } of await Promise.all(others)) expect(exitCode).toBe(0);
    await eventually('it is shown that it is encrypted again', () => shown() === 'Encrypted');
    const keysOf = (phone: Baresip | Linphone) =>
      new Set(Array.from(phone.log().matchAll(/inline:([\w+/=]+)/g), ([, key]) => key));
    const [one, other] = [keysOf(baresip), keysOf(linphone)];
    expect(one?.size).toBeGreaterThanOrEqual(2); // one each way
    expect([...(one ?? [])].filter((key) => other?.has(key))).toEqual([]);
    baresip.command('hangup');
    linphone.command('terminate all');
    await lab.idle();
  });
});
