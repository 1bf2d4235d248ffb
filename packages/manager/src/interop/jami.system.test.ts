import { artefactFolder, eventually, Jami, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  expectAcceptanceAndKeepTo,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  isHungUp,
  ofKept,
  pause,
  request,
  respond,
  scenario,
  takesNewOffer,
} from './sipp-scenario.fixture.ts';

/** Jami's daemon, by UDP with its password, and phones that SIPp plays. */
describe.skipIf(missingPrograms('jami', 'sipp'))('Jami', () => {
  const folder = artefactFolder('jami');
  let phones: SippLab;
  let jami: Jami;

  beforeAll(async () => {
    phones = await SippLab.start(folder, [], ['1002', '1004']);
    const { name, password } = await phones.lab.passwordDevice('1003');
    const port = phones.lab.ports.md5.udp;
    jami = await Jami.start({ directory: `${folder}/1003`, line: '1003', port, password: { user: name, password } });
    await phones.lab.registered(name);
  });
  afterEach(() => phones.lab.idle());
  afterAll(async () => {
    await jami?.stop();
    await phones?.stop();
  });

  const isIn = (state: string, call: string) =>
    eventually(`${state} at Jami`, async () => (await jami.state(call)) === state);
  const theCall = async () => {
    await phones.lab.call('is answered', ({ state }) => state === 'answered');
    const call = await eventually('a call at Jami', async () => (await jami.calls())[0]);
    await isIn('CURRENT', call);
    return call;
  };
  /** SIPp bears no variable that is not used again. */
  const callsAnd = (acceptance: string) => [
    invite(),
    expectResponse(180, { optional: true }),
    acceptance,
    request('ACK', { cseq: 2, ...inDialog }),
  ];
  const calls = callsAnd(expectAcceptanceAndKeepTo);

  test('is called, answers, and is hung up', async () => {
    const hangsUp = [request('BYE', { cseq: 3, ...ofKept, repeat: 500 }), expectResponse(200)];
    const talks = scenario(...calls, pause(100), ...hangsUp);
    expect(await phones.call(talks, { number: '1003' })).toMatchObject({ exitCode: 0 });
  });

  test('is called, and hangs up', async () => {
    const caller = phones.call(scenario(...callsAnd(expectResponse(200)), ...isHungUp), { number: '1003' });
    await jami.hangUp(await theCall());
    expect(await caller).toMatchObject({ exitCode: 0 });
  });

  test('transfers who has called it to another (RFC 3515)', async () => {
    const target = `127.0.0.1:${phones.lab.ports.md5.udp}`; // who hangs up sends a request of its own
    const third = phones.wait(
      scenario(
        expectRequest('INVITE'),
        respond('180 Ringing'),
        respond('200 OK', { described: true, repeat: 500 }),
        expectRequest('ACK'),
        ...isHungUp,
      ),
      { line: '1004' },
    );
    const hangsUp = [request('BYE', { cseq: 3, ...ofKept, repeat: 500 }), expectResponse(200)];
    const caller = phones.call(scenario(...calls, ...takesNewOffer, ...hangsUp), { number: '1003', target });
    await jami.transfer(await theCall(), '1004');
    await phones.lab.event('a transfer', ({ kind }) => kind === 'call-transferred');
    expect(await caller).toMatchObject({ exitCode: 0 });
    expect(await third).toMatchObject({ exitCode: 0 });
  });
});
