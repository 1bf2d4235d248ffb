import { artefactFolder, missingPrograms, type PasswordDevice } from '@trustline/testing/node';
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

/** Who calls, and why not, between phones and a trunk that SIPp plays. */
describe.skipIf(missingPrograms('sipp'))('identity and reasons with SIPp', () => {
  const folder = artefactFolder('sipp-identity');
  let phones: SippLab;
  let trunk: PasswordDevice;

  beforeAll(async () => {
    phones = await SippLab.start(folder);
    const { password } = await phones.lab.client.addDevice({
      name: 'carrier',
      kind: 'trunk',
      securityMode: 'non-secure',
      lines: [],
    });
    trunk = { name: 'carrier', line: '4711', password: password ?? '' };
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  const talk = (headers: readonly string[]) =>
    scenario(
      invite({ headers }),
      expectResponse(180, { optional: true }),
      expectResponse(200),
      request('ACK', { cseq: 2, ...inDialog }),
      request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
      expectResponse(200),
    );
  /** What 1002 reads when this device calls. */
  async function heard(device: PasswordDevice, headers: readonly string[]): Promise<string> {
    const waiting = phones.wait(answering);
    expect(await phones.run(device, talk(headers))).toMatchObject({ exitCode: 0 });
    const { exitCode, messages } = await waiting;
    expect(exitCode).toBe(0);
    return messages;
  }

  test('RFC 3325 §5: a phone is who it proved to be, whatever it asserts', async () => {
    const messages = await heard(phones.caller, ['P-Asserted-Identity: <sip:boss@[local_ip]>', 'Identity: forged']);
    expect(messages).toMatch(/^P-Asserted-Identity: <sip:1001@127\.0\.0\.1>$/m);
    expect(messages).not.toMatch(/boss|forged/);
  });

  test('RFC 3323 §4.2: who asks for it is not named to the called', async () => {
    const messages = await heard(phones.caller, ['Privacy: id']);
    expect(messages).toMatch(/^From: "Anonymous" <sip:anonymous@anonymous\.invalid>/m);
    expect(messages).not.toMatch(/1001/);
  });

  test('RFC 3325 §5, RFC 8224 §6: what a trunk asserts is told, and what others have signed goes on unchanged', async () => {
    const statement = 'eyJhbGciOiJFUzI1NiJ9.eyJ.sig;info=<https://cert.example/a.pem>;alg=ES256;ppt=shaken';
    const date = 'Fri, 27 Nov 2026 10:00:00 GMT';
    const messages = await heard(trunk, [
      'P-Asserted-Identity: "Ada" <tel:+4930123>',
      `Identity: ${statement}`,
      `Date: ${date}`,
      'Diversion: <sip:5555@[local_ip]>;reason=user-busy',
    ]);
    expect(messages).toMatch(/^P-Asserted-Identity: "Ada" <sip:\+4930123@127\.0\.0\.1>$/m);
    expect(messages).toContain(`Identity: ${statement}`);
    expect(messages).toContain(`Date: ${date}`);
    expect(messages).toMatch(/^Diversion: <sip:5555@127\.0\.0\.1>;reason=user-busy$/m);
  });

  test('RFC 3323 §4.2: privacy that cannot be had and is critical refuses the call, in words', async () => {
    const refused = scenario(
      invite({ headers: ['Privacy: session;critical'] }),
      expectResponse(500),
      request('ACK', { cseq: 2, ...ofLast }),
    );
    const { exitCode, messages } = await phones.call(refused);
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Warning: 399 .*media cannot be hidden/m);
    expect(messages).toMatch(/^Reason: Q\.850;cause=/m);
  });

  test.each([
    ['486 Busy Here', 486, 17],
    ['603 Decline', 603, 21],
    ['404 Not Found', 404, 1],
    ['500 Server Internal Error', 503, 41],
  ])('RFC 3326 §2: a refusal says why in both tongues: %s', async (said, status, cause) => {
    const refused = scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectResponse(status),
      request('ACK', { cseq: 2, ...ofLast }),
    );
    const { caller } = await phones.both(refused, refusing(said));
    expect(caller.messages).toMatch(new RegExp(`^Reason: Q\\.850;cause=${cause};text="[a-z-]+"`, 'm'));
    expect(caller.messages).toMatch(/^Warning: 399 \S+ "[^"]{8,}"/m);
  });

  test('RFC 3326 §2: a BYE says why, and what the caller said goes on', async () => {
    const waiting = phones.wait(answering);
    const said = talk([]).replace(
      /(BYE [\s\S]*?)Content-Length/,
      '$1Reason: Q.850;cause=31;text="normal"\nContent-Length',
    );
    expect(await phones.call(said)).toMatchObject({ exitCode: 0 });
    const { messages } = await waiting;
    expect(messages).toMatch(/^BYE [\s\S]*?^Reason: Q\.850;cause=\d+/m);
  });
});
