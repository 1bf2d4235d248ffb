import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { artefactFolder, Baresip, missingPrograms, writeTone } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isToldDigit, presses } from './sipp-in-call.fixture.ts';
import { SippLab } from './sipp-lab.fixture.ts';
import { expectRequest, respond, scenario } from './sipp-scenario.fixture.ts';

/** Digits beside the media, between phones that SIPp plays. */
describe.skipIf(missingPrograms('sipp'))('digits in INFO with SIPp', () => {
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(artefactFolder('sipp-digits'));
  });
  afterAll(() => phones?.stop());

  test.each([
    ['application/dtmf-relay', 'Signal=5\nDuration=250', 'Signal=5\nDuration=250'],
    ['application/dtmf', '#', 'Signal=#\nDuration=160'],
  ])('%s: the other end gets the digit, as dtmf-relay', async (type, text, heard) => {
    const { called: ran } = await phones.both(presses('clear', type, text), isToldDigit('clear'));
    const [, body = ''] = ran.messages.replaceAll('\r', '').split(/^Content-Type: application\/dtmf-relay\n/m);
    expect(body).toContain(`\n\n${heard}\n`);
    await phones.lab.idle();
  });
});

/** Digits of a baresip, which has them in its voice, for a phone that SIPp plays, which has INFO alone. */
describe.skipIf(missingPrograms('sipp', 'baresip'))('digits in the voice of a baresip, and SIPp that has none', () => {
  const folder = artefactFolder('sipp-digits-relayed');
  let phones: SippLab;
  let caller: Baresip;

  beforeAll(async () => {
    phones = await SippLab.start(folder, ['media: { relay: always, host: 127.0.0.1 }']);
    const wavFile = join(folder, 'tone.wav');
    writeTone(wavFile, 440);
    const { lab } = phones;
    const { name, password } = await lab.passwordDevice('1003');
    const account = `<sip:1003@127.0.0.1:${lab.ports.md5.udp}>;regint=60;auth_user=${name};auth_pass=${password}`;
    caller = await Baresip.start({ directory: join(folder, '1003'), account, wavFile });
    await lab.registered(name);
  });
  afterAll(async () => {
    await caller?.stop();
    await phones?.stop();
  });

  // The key that ends the first may be told, too, where the machine is slow.
  test('the relay takes the digit out of the voice, and the other end gets it by INFO', { retry: 2 }, async () => {
    const called = phones.wait(
      scenario(
        expectRequest('INVITE'),
        respond('200 OK', { described: true, repeat: 500, headers: ['Allow: INVITE, ACK, BYE, CANCEL, INFO'] }),
        expectRequest('ACK'),
        expectRequest('INFO'),
        respond('200 OK', { tagged: false }),
        expectRequest('BYE'),
        respond('200 OK', { tagged: false }),
      ),
    );
    caller.command('dial', '1002');
    await phones.lab.call('is answered', ({ state }) => state === 'answered');
    await caller.press('5#'); // the second ends the first: its console releases none by itself
    await delay(1_000);
    caller.command('hangup');
    const { exitCode, messages } = await called;
    expect(exitCode).toBe(0);
    expect(messages.replaceAll('\r', '')).toMatch(
      /^Content-Type: application\/dtmf-relay\n[\s\S]*?\n\nSignal=5\nDuration=\d+/m,
    );
    await phones.lab.idle();
  });
});
