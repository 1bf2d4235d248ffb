import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import { answering, expectResponse, inDialog, invite, request, scenario } from './sipp-scenario.fixture.ts';

/** A manager that listens on `::`, with phones of both families that SIPp plays: 1002 by IPv4, 1003 by IPv6. */
describe.skipIf(missingPrograms('sipp'))('IPv4 and IPv6 with SIPp', () => {
  const folder = artefactFolder('sipp-ipv6');
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(folder, [], ['1002'], '::');
    await phones.add('1003', '::1');
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  const talk = scenario(
    invite(),
    expectResponse(180, { optional: true }),
    expectResponse(200),
    request('ACK', { cseq: 2, ...inDialog }),
    request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
    expectResponse(200),
  );

  test.each([
    ['IPv6 to IPv6', '::1', '1003', '[::1]', 'IP6 ::1'],
    ['IPv4 to IPv4 on the same listener', '127.0.0.1', '1002', '127.0.0.1', 'IP4 127.0.0.1'],
  ])(
    '%s: addresses stand in brackets in SIP (RFC 3261 §25.1), without in SDP (RFC 8866 §5.7)',
    async (_, localAddress, number, host, connection) => {
      const { called } = await phones.both(talk, answering, { localAddress, number });
      expect(called.messages).toMatch(new RegExp(`^Via: SIP/2\\.0/UDP ${escaped(host)}:\\d+;`, 'm'));
      expect(called.messages).toMatch(new RegExp(`^Contact: <sip:${escaped(host)}:\\d+;transport=udp>`, 'm'));
      expect(called.messages).toContain(`c=IN ${connection}`);
    },
  );

  test.each([
    ['IPv6 to IPv4', '::1', '1002', '127.0.0.1'],
    ['IPv4 to IPv6', '127.0.0.1', '1003', '[::1]'],
  ])('%s: signalling is each phone’s own family', async (_, localAddress, number, host) => {
    const { called } = await phones.both(talk, answering, { localAddress, number });
    expect(called.messages).toMatch(new RegExp(`^Via: SIP/2\\.0/UDP ${escaped(host)}:\\d+;`, 'm'));
  });
});

function escaped(text: string): string {
  return text.replace(/[[\].]/g, '\\$&');
}
