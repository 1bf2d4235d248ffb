import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

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
    const caller = scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectResponse(200),
      request('ACK', { cseq: 2, ...inDialog }),
      request('INFO', { cseq: 3, ...inDialog, type, text, repeat: 500 }),
      expectResponse(200),
      request('BYE', { cseq: 4, ...inDialog, repeat: 500 }),
      expectResponse(200),
    );
    const called = scenario(
      expectRequest('INVITE'),
      respond('180 Ringing'),
      respond('200 OK', { described: true, repeat: 500 }),
      expectRequest('ACK'),
      expectRequest('INFO'),
      respond('200 OK', { tagged: false }),
      expectRequest('BYE'),
      respond('200 OK', { tagged: false }),
    );
    const { called: ran } = await phones.both(caller, called);
    const [, body = ''] = ran.messages.replaceAll('\r', '').split(/^Content-Type: application\/dtmf-relay\n/m);
    expect(body).toContain(`\n\n${heard}\n`);
    await phones.lab.idle();
  });
});
