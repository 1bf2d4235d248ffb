import { join } from 'node:path';
import {
  artefactFolder,
  eventually,
  freeUdpPort,
  missingPrograms,
  runSipp,
  type SippOptions,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SilentCarrier } from '../../../manager/src/interop/silent-carrier.fixture.ts';
import {
  answering,
  expectInviteAndKeepEnds,
  expectRequest,
  expectResponse,
  ofCalled,
  ofLast,
  refusing,
  request,
  respond,
  scenario,
} from '../../../manager/src/interop/sipp-scenario.fixture.ts';
import { startTestGateway, type TestGateway } from '../node/gateways.fixture.ts';
import { HandsetPort } from '../node/handset-port.fixture.ts';

/** From the carrier to us, in the call that we have made. */
const toUs = { ...ofCalled, uri: 'sip:[number]@127.0.0.1' } as const;
const answersOptions = scenario(expectRequest('OPTIONS'), respond('200 OK'));

describe.skipIf(missingPrograms('sipp'))('SIPp as the carrier', () => {
  const folder = artefactFolder('gateway-sipp');
  const handset = new HandsetPort('0/1', new Int16Array(8_000));
  const failing = new SilentCarrier();
  let gateway: TestGateway;
  let ports: readonly [carrier: number, ours: number, failing: number];
  let runs = 0;

  /** It waits for a call. */
  function carrier(text: string, options: Partial<SippOptions> = {}) {
    return runSipp({
      directory: join(folder, `${++runs}`),
      scenario: text,
      localPort: ports[0],
      timeout: 15,
      variables: { number: '+4930555', line: '0305551' },
      ...options,
    });
  }
  /** It calls 3000 at our port. */
  function calls(text: string) {
    return carrier(text, { target: `127.0.0.1:${ports[1]}`, variables: { number: '3000', line: '0309999' } });
  }
  const trunkChecks = (trunk: string) =>
    gateway.reports
      .flatMap((report) => (report.kind === 'self-test' && report.trunk === trunk ? [report.checks] : []))
      .at(-1)
      ?.map(({ what, passed }) => `${what} ${passed}`) ?? [];
  const isUp = (trunk: string) => trunkChecks(trunk).includes('options true');
  const ended = () => handset.told.find((told) => told.startsWith('release'));

  /** Calls out, until it has ended at the handset; gives what the carrier saw. */
  async function callOut(text: string, number = '0305551') {
    handset.told.length = 0;
    const seen = carrier(text);
    handset.call(number);
    await eventually('the end', ended);
    const { exitCode, messages, errors } = await seen;
    // On a busy machine it complains of its own clock, too: that is said, and no failure.
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors });
    return messages;
  }

  beforeAll(async () => {
    ports = [await freeUdpPort(), await freeUdpPort(), await freeUdpPort()];
    failing.isAwake = true;
    await failing.open(ports[2]);
    const asked = carrier(answersOptions);
    gateway = await startTestGateway(
      `
ports: [{ name: 0/1, kind: pri, line: simulation }]
trunks:
  - name: carrier
    server: "127.0.0.1:${ports[0]}"
    transport: udp
    listen: { address: 127.0.0.1, port: ${ports[1]} }
    optionsSeconds: 3600
    numbering: { countryCode: "49", areaCode: "30" }
  - { name: failing, server: "127.0.0.1:${ports[2]}", transport: udp, optionsSeconds: 1, silentSeconds: 1 }
dialPeers:
  - { name: out, pattern: 0T, to: { trunk: carrier } }
  - { name: failing, pattern: 9T, to: { trunk: failing } }
  - { name: in, pattern: "3...", to: { port: 0/1 }, from: [{ trunk: carrier }] }
`,
      [handset],
    );
    await eventually('the carrier', () => isUp('carrier'));
    await asked;
  });
  afterAll(async () => {
    await gateway?.gateway.stop();
    failing.close();
  });

  test('RFC 3326: the cause in a refusal is that of the call, in whatever order reasons stand; without one the status says it', async () => {
    await callOut(refusing('503 Service Unavailable', { headers: ['Reason: Q.850;cause=34;text="no ; cause=16"'] }));
    expect(ended()).toBe('release 34');
    await callOut(refusing('480 Temporarily Unavailable', { headers: ['Reason: SIP;cause=480, Q.850;cause=19'] }));
    expect(ended()).toBe('release 19');
    await callOut(refusing('486 Busy Here'));
    expect(ended()).toBe('release 17');
  });

  test('RFC 3326: a call that comes and is refused is told the status of its cause, and the cause', async () => {
    handset.manner = 'is-busy';
    const { exitCode, messages } = await calls(
      scenario(
        request('INVITE', { cseq: 1, described: true, repeat: 500 }),
        expectResponse(100, { optional: true }),
        expectResponse(486),
        request('ACK', { cseq: 1, ...ofLast }),
      ),
    );
    handset.manner = 'answers';
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^SIP\/2\.0 486 [\s\S]*?^Reason: Q\.850;cause=17\r?$/m);
    expect(handset.placed.at(-1)).toMatchObject({
      called: { digits: '3000' },
      calling: { number: { typeOfNumber: 1, digits: '49309999' } },
    });
  });

  test('who is at another address than the carrier is refused with 403, and nothing rings', async () => {
    const rung = handset.placed.length;
    const { exitCode } = await carrier(
      scenario(
        request('INVITE', { cseq: 1, described: true, repeat: 500 }),
        expectResponse(100, { optional: true }),
        expectResponse(403),
        request('ACK', { cseq: 1, ...ofLast }),
      ),
      { target: `127.0.0.1:${ports[1]}`, localAddress: '127.0.0.9', variables: { number: '3000', line: '0309999' } },
    );
    expect(exitCode).toBe(0);
    expect(handset.placed).toHaveLength(rung);
  });

  test('numbers as they were dialled become those of E.164; we hang up with the cause, and so does the carrier', async () => {
    handset.told.length = 0;
    const seen = carrier(answering);
    const call = handset.call('0305551', '+4930555');
    await eventually('the answer', () => handset.told.includes('answer'));
    handset.hangUp(call);
    const { exitCode, messages } = await seen;
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^INVITE sip:\+49305551@127\.0\.0\.1;user=phone SIP\/2\.0/m);
    expect(messages).toMatch(/^P-Asserted-Identity: "Ann" <sip:\+4930555@/m);
    expect(messages).toMatch(/^BYE [\s\S]*?^Reason: Q\.850;cause=16\r?$/m);
    const hangsUp = scenario(
      expectInviteAndKeepEnds,
      respond('200 OK', { described: true, repeat: 500 }),
      expectRequest('ACK'),
      request('BYE', { cseq: 1, ...toUs, headers: ['Reason: Q.850;cause=31'], repeat: 500 }),
      expectResponse(200),
    );
    await callOut(hangsUp);
    expect(ended()).toBe('release 31');
  });

  test('RFC 3264 §8: a new offer in the call is answered, hold by recvonly; one that cannot be taken is refused and changes nothing', async () => {
    const offer = (cseq: number, described: object) => request('INVITE', { cseq, ...toUs, described, repeat: 500 });
    const offers = scenario(
      expectInviteAndKeepEnds,
      respond('200 OK', { described: true, repeat: 500 }),
      expectRequest('ACK'),
      offer(1, { direction: 'sendonly' }),
      expectResponse(100, { optional: true }),
      expectResponse(200),
      request('ACK', { cseq: 1, ...toUs }),
      offer(2, { formats: { 9: 'G722/8000' } }),
      expectResponse(100, { optional: true }),
      expectResponse(488),
      request('ACK', { cseq: 2, ...toUs, via: '[last_Via:]' }),
      offer(3, { formats: { 0: 'PCMU/8000' } }),
      expectResponse(100, { optional: true }),
      expectResponse(200),
      request('ACK', { cseq: 3, ...toUs }),
      request('BYE', { cseq: 4, ...toUs, repeat: 500 }),
      expectResponse(200),
    );
    const messages = await callOut(offers);
    expect(ended()).toBe('release 16');
    expect(messages).toMatch(/^SIP\/2\.0 200 [\s\S]*?^CSeq: 1 INVITE[\s\S]*?^a=recvonly\r?$/m);
    expect(messages).toMatch(/^SIP\/2\.0 200 [\s\S]*?^CSeq: 3 INVITE[\s\S]*?^m=audio \d+ RTP\/AVP 0\b/m);
    const versions = [...messages.matchAll(/^o=- \d+ (\d+) IN IP4 127\.0\.0\.1\r?$/gm)].map(([, version]) => version);
    expect(new Set(versions).size).toBeGreaterThan(1);
  });

  test('a carrier that falls silent is passed over with 38 as soon as OPTIONS says so, and is used again when it is back', async () => {
    await eventually('it is there', () => isUp('failing'));
    failing.isAwake = false;
    await eventually('it is gone', () => !isUp('failing'));
    expect(gateway.notices()).toContain('failing is down: it did not answer OPTIONS for 1 s');
    handset.told.length = 0;
    handset.call('9555');
    await eventually('the refusal', ended);
    expect(ended()).toBe('release 38');
    expect(failing.methods).not.toContain('INVITE');
    failing.isAwake = true;
    await eventually('it is back', () => isUp('failing'));
  });
});
