import { artefactFolder, freeUdpPort, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  ofLast,
  register,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

const instance = '00000000-0000-1000-8000-00112233abcd';

/** Registrations of RFC 3327, RFC 5626 and RFC 5627, of phones that SIPp plays. */
describe.skipIf(missingPrograms('sipp'))('registrations with SIPp', () => {
  const folder = artefactFolder('sipp-outbound');
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(folder);
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  /** A REGISTER of 1002 with these headers and parameters of its Contact; what it comes to follows. */
  const registering = (status: number, headers: readonly string[], parameters = '') =>
    register
      .replaceAll(';transport=[transport]>', `;transport=[transport]>${parameters}`)
      .replaceAll('Content-Length', `${headers.join('\n')}\nContent-Length`)
      .replace('response="200"', `response="${status}"`);
  const outbound = `;+sip.instance="<urn:uuid:${instance}>";reg-id=1`;
  const again = (text: string) => phones.run(phones.phone().device, text, { localPort: phones.phone().port });
  const talk = (toUri?: string) =>
    scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectResponse(200),
      request('ACK', { cseq: 2, ...inDialog }),
      request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
      expectResponse(200),
    ).replaceAll(
      'INVITE sip:[number]@[remote_ip]:[remote_port]',
      `INVITE ${toUri ?? 'sip:[number]@[remote_ip]:[remote_port]'}`,
    );

  test('RFC 5627 §5.1: GRUUs are given to who asks, and each rings that phone', async () => {
    const { exitCode, messages } = await again(registering(200, ['Supported: gruu, outbound'], outbound));
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Require: outbound$/m);
    const [, publicGruu = ''] = /;pub-gruu="([^"]+)"/.exec(messages) ?? [];
    const [, temporaryGruu = ''] = /;temp-gruu="([^"]+)"/.exec(messages) ?? [];
    expect(publicGruu).toBe(`sip:1002@127.0.0.1;gr=urn:uuid:${instance}`);
    for (const gruu of [publicGruu, temporaryGruu]) {
      const credentials = { user: phones.caller.name, password: phones.caller.password, uri: gruu.slice(4) };
      const waiting = phones.wait(answering);
      expect(await phones.call(talk(gruu), { credentials })).toMatchObject({ exitCode: 0 });
      expect(await waiting).toMatchObject({ exitCode: 0 });
    }
  });

  test('RFC 5627 §5.3: a GRUU of a phone that is not there is answered 480, one that is none 484', async () => {
    for (const [gruu, status] of [
      ['sip:1002@127.0.0.1;gr=urn:uuid:00000000-0000-1000-8000-000000000000', 480],
      ['sip:tgruu.0123@127.0.0.1;gr', 484],
    ] as const) {
      const credentials = { user: phones.caller.name, password: phones.caller.password, uri: gruu.slice(4) };
      const refused = scenario(invite(), expectResponse(status), request('ACK', { cseq: 2, ...ofLast }));
      const text = refused.replaceAll('INVITE sip:[number]@[remote_ip]:[remote_port]', `INVITE ${gruu}`);
      expect(await phones.call(text, { credentials })).toMatchObject({ exitCode: 0 });
    }
  });

  test('RFC 5626 §6: behind a proxy that keeps no flows a reg-id is answered 439', async () => {
    const headers = ['Via: SIP/2.0/UDP 10.0.0.5;branch=z9hG4bK[call_number]', 'Supported: outbound'];
    expect(await again(registering(439, headers, outbound))).toMatchObject({ exitCode: 0 });
  });

  test('RFC 3327 §5.2, §5.3: calls go by the Path that the REGISTER took', async () => {
    const headers = ['Supported: path', 'Path: <sip:[local_ip]:[local_port];lr;ob>'];
    const { messages } = await again(registering(200, headers));
    expect(messages).toMatch(/^Path: <sip:127\.0\.0\.1:\d+;lr;ob>$/m);
    const called = scenario(
      expectRequest('INVITE'),
      respond('200 OK', { described: true, repeat: 500 }),
      expectRequest('ACK'),
      expectRequest('BYE'),
      respond('200 OK', { tagged: false }),
    );
    const { called: waited } = await phones.both(talk(), called);
    expect(waited.messages).toMatch(/^Route: <sip:127\.0\.0\.1:\d+;lr;ob>$/m);
  });

  test('RFC 5626 §5.3: where one connection of a phone has failed (430) the call comes by its other', async () => {
    const { device } = phones.phone();
    const other = await freeUdpPort();
    const second = registering(200, ['Supported: outbound'], outbound.replace('reg-id=1', 'reg-id=2'));
    await again(registering(200, ['Supported: outbound'], outbound));
    expect(await phones.run(device, second, { localPort: other })).toMatchObject({ exitCode: 0 });
    const failing = phones.wait(
      scenario(expectRequest('INVITE'), respond('430 Flow Failed', { repeat: 500 }), expectRequest('ACK')),
      { localPort: other },
    );
    await phones.both(talk(), answering);
    expect(await failing).toMatchObject({ exitCode: 0 });
  });
});
