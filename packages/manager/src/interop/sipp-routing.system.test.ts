import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectResponse,
  inDialog,
  invite,
  ofLast,
  refusing,
  request,
  scenario,
} from './sipp-scenario.fixture.ts';

const configuration = [
  'dialPlan:',
  '  - { to: lines, pattern: "1003", partition: board }',
  '  - { to: translation, pattern: "77.", prefix: "1002", discardAccessCode: true }',
  '  - { to: translation, pattern: "88.", prefix: "1003", discardAccessCode: true, partition: chief }',
  'callingSearchSpaces:',
  '  - { name: assistant, partitions: [board], lines: ["1002"] }',
];

/** The manager sends calls on, between callers and called that SIPp plays. */
describe.skipIf(missingPrograms('sipp'))('SIPp is sent on', () => {
  const folder = artefactFolder('sipp-routing');
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(folder, configuration, ['1002', '1003']);
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  const wait = (line: string, text: string) => phones.wait(text, { line });
  const call = (text: string, number: string) => phones.call(text, { number });

  const talk = scenario(
    invite(),
    expectResponse(181, { optional: true }),
    expectResponse(180, { optional: true }),
    expectResponse(200),
    request('ACK', { cseq: 2, ...inDialog }),
    request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
    expectResponse(200),
  );
  const refusedWith = (status: number) =>
    scenario(
      invite(),
      expectResponse(181, { optional: true }),
      expectResponse(status),
      request('ACK', { cseq: 2, ...ofLast }),
    );

  test('a busy phone’s call rings on the other, which is told the way: History-Info and Diversion', async () => {
    await phones.lab.client.forwardLine('1002', { busy: '1003' });
    const [first, second] = [wait('1002', refusing('486 Busy Here')), wait('1003', answering)];
    const { exitCode: exitOfCaller, messages: toCaller } = await call(talk, '1002');
    expect(exitOfCaller).toBe(0);
    // The caller is shown it too (RFC 3261 §21.1.3).
    expect(toCaller).toMatch(
      /^SIP\/2\.0 181 [\s\S]*?^History-Info: <sip:1002@.*>;index=1, <sip:1003@.*>;index=1\.1;mp=1/m,
    );
    expect(await first).toMatchObject({ exitCode: 0 });
    const { exitCode, messages } = await second;
    expect(exitCode).toBe(0);
    expect(messages).toMatch(
      /^History-Info: <sip:1002@.*\?Reason=SIP%3Bcause%3D486>;index=1, <sip:1003@.*>;index=1\.1;mp=1/m,
    );
    expect(messages).toMatch(/^Diversion: <sip:1002@.*>;reason=user-busy/m);
    await phones.lab.client.forwardLine('1002', { busy: null });
  });

  test('RFC 3261 §8.1.3.4: the addresses of a 302 are tried by their q, and who rings is told the way', async () => {
    const contact = 'Contact: <sip:1003@[local_ip]>;q=0.2, <sip:1999@[local_ip]>;q=0.9';
    const [first, second] = [wait('1002', refusing('302 Moved Temporarily', { contact })), wait('1003', answering)];
    expect(await call(talk, '1002')).toMatchObject({ exitCode: 0 });
    expect((await first).exitCode).toBe(0);
    const { exitCode, messages } = await second;
    expect(exitCode).toBe(0);
    // Nobody has 1999.
    expect(messages).toMatch(/^History-Info: <sip:1002@.*\?Reason=SIP%3Bcause%3D302>;index=1, <sip:1003@/m);
    expect(messages).toMatch(/^Diversion: <sip:1002@.*>;reason=deflection/m);
  });

  test('a redirection that the line has no right to is refused 403, and the caller reads why', async () => {
    const contact = 'Contact: <sip:88@[local_ip]>';
    const first = wait('1002', refusing('302 Moved Temporarily', { contact }));
    const { exitCode, messages } = await call(refusedWith(403), '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Warning: 399 .*"The calling line has no right/m);
    expect((await first).exitCode).toBe(0);
  });

  test('a number without the right to it is refused 403, and the caller reads why', async () => {
    const { exitCode, messages } = await call(refusedWith(403), '1003');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(
      /^Warning: 399 \S+ "The calling line has no right to dial this number \(partition board\)"/m,
    );
    expect(messages).toMatch(/^Reason: Q\.850;cause=52/m);
  });

  test('a translated number rings where it leads', async () => {
    const first = wait('1002', answering);
    expect(await call(talk, '77')).toMatchObject({ exitCode: 0 });
    expect((await first).exitCode).toBe(0);
  });
});
