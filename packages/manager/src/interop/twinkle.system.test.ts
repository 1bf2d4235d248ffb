import { artefactFolder, missingPrograms, Twinkle } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  expectAcceptanceAndKeepTo,
  expectInviteAndKeepEnds,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  isHungUp,
  ofCalled,
  ofKept,
  pause,
  request,
  respond,
  scenario,
  takesNewOffer,
} from './sipp-scenario.fixture.ts';

/** Twinkle, by UDP with its password, and phones that SIPp plays. */
describe.skipIf(missingPrograms('twinkle', 'sipp'))('Twinkle', () => {
  const folder = artefactFolder('twinkle');
  let phones: SippLab;
  let twinkle: Twinkle;

  beforeAll(async () => {
    phones = await SippLab.start(folder, [], ['1002', '1004']);
    const { name, password } = await phones.lab.passwordDevice('1003');
    const port = phones.lab.ports.md5.udp;
    twinkle = await Twinkle.start({ directory: `${folder}/1003`, line: '1003', port, user: name, password });
    twinkle.command('auto_answer -a on');
    await phones.lab.registered(name);
  });
  afterEach(() => phones.lab.idle());
  afterAll(async () => {
    await twinkle?.stop();
    await phones?.stop();
  });

  const answers = [
    expectRequest('INVITE'),
    respond('180 Ringing'),
    respond('200 OK', { described: true, repeat: 500 }),
    expectRequest('ACK'),
  ];

  test('shows its user why a call is refused', async () => {
    twinkle.command('call 4040');
    await twinkle.says('Warning: 399 ');
  });

  test('calls, holds and resumes by re-INVITE, and hangs up', async () => {
    const called = phones.wait(scenario(...answers, ...takesNewOffer, ...takesNewOffer, ...isHungUp));
    twinkle.command('call 1002');
    await phones.lab.call('is answered', ({ state }) => state === 'answered');
    await twinkle.says('far end answered call');
    twinkle.command('hold');
    await phones.lab.call('is held', ({ state }) => state === 'held');
    await twinkle.says('re-INVITE successful');
    twinkle.command('retrieve');
    await phones.lab.call('goes on', ({ state }) => state === 'answered');
    await twinkle.says('re-INVITE successful', 2);
    twinkle.command('bye');
    const { exitCode, messages } = await called;
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^a=(sendonly|inactive)/m);
  });

  test('transfers whom it has called to another (RFC 3515)', async () => {
    const target = `127.0.0.1:${phones.lab.ports.md5.udp}`; // who hangs up sends a request of its own
    const hangsUp = [request('BYE', { cseq: 1, ...ofCalled, repeat: 500 }), expectResponse(200)];
    const [, ...accepts] = answers;
    const talks = scenario(expectInviteAndKeepEnds, ...accepts, ...takesNewOffer, ...hangsUp);
    const transferee = phones.wait(talks, { target });
    const third = phones.wait(scenario(...answers, ...isHungUp), { line: '1004' });
    twinkle.command('call 1002');
    await phones.lab.call('is answered', ({ state }) => state === 'answered');
    await twinkle.says('far end answered call', 2);
    twinkle.command('transfer 1004');
    expect(await transferee).toMatchObject({ exitCode: 0 });
    expect(await third).toMatchObject({ exitCode: 0 });
    await phones.lab.event('a transfer', ({ kind }) => kind === 'call-transferred');
  });

  test('is called, and answers', async () => {
    const talks = scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...inDialog }),
      pause(100),
      request('BYE', { cseq: 3, ...ofKept, repeat: 500 }),
      expectResponse(200),
    );
    expect(await phones.call(talks, { number: '1003' })).toMatchObject({ exitCode: 0 });
  });
});
