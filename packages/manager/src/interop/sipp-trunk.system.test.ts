import { artefactFolder, type DnsServer, freeUdpPort, missingPrograms, startDnsServer } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  ofLast,
  refusing,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

/** A trunk whose servers SIPp plays and dnsmasq tells: the first of two by SRV, and one that nobody has. */
describe.skipIf(missingPrograms('sipp', 'dnsmasq'))('a trunk that is found by DNS', () => {
  const folder = artefactFolder('sipp-trunk');
  let dns: DnsServer;
  let phones: SippLab;
  let ports: readonly [first: number, second: number, provider: number];

  beforeAll(async () => {
    ports = [await freeUdpPort(), await freeUdpPort(), await freeUdpPort()];
    dns = await startDnsServer([
      '--naptr-record=carrier.test,10,10,S,SIP+D2U,,_sip._udp.carrier.test',
      `--srv-host=_sip._udp.carrier.test,two.carrier.test,${ports[1]},20`,
      `--srv-host=_sip._udp.carrier.test,one.carrier.test,${ports[0]},10`,
      '--host-record=one.carrier.test,127.0.0.1',
      '--host-record=two.carrier.test,127.0.0.1',
    ]);
    phones = await SippLab.start(folder, [
      `dns: { servers: ["${dns.address}"] }`,
      'trunks:',
      '  - { device: carrier, address: "sip:carrier.test" }',
      '  - { device: nowhere, address: "sip:nowhere.test" }',
      `  - device: provider`,
      `    address: "sip:127.0.0.1:${ports[2]};transport=udp"`,
      `    registration: { addressOfRecord: "sip:4711@provider.test" }`,
      // Elsewhere on the loop (RFC 1122 §3.2.1.3), where none of the phones is.
      '  - { device: static, address: "sip:127.0.0.2", identifiedBy: address }',
      'dialPlan:',
      '  - { to: trunk, pattern: "0.!", devices: [carrier], discardAccessCode: true }',
      '  - { to: trunk, pattern: "9.!", devices: [provider], discardAccessCode: true }',
    ]);
    for (const name of ['carrier', 'nowhere', 'static']) {
      await phones.lab.client.addDevice({ name, kind: 'trunk', securityMode: 'non-secure', lines: [] });
    }
    await phones.lab.event('the trunk is connected', ({ kind }) => kind === 'trunk-connected');
  });
  afterEach(() => phones.lab.idle());
  afterAll(async () => {
    await phones?.stop();
    await dns?.stop();
  });

  const talk = scenario(
    invite(),
    expectResponse(180, { optional: true }),
    expectResponse(200),
    request('ACK', { cseq: 2, ...inDialog }),
    request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
    expectResponse(200),
  );
  const server = (which: 0 | 1 | 2, text: string) => phones.wait(text, { localPort: ports[which] });

  test('RFC 3263 §4.2: a call goes to the server of the best priority, with the number and who calls', async () => {
    const first = server(0, answering);
    expect(await phones.call(talk, { number: '0555' })).toMatchObject({ exitCode: 0 });
    const { exitCode, messages } = await first;
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^INVITE sip:555@127\.0\.0\.1:\d+;transport=udp SIP\/2\.0/m);
    expect(messages).toMatch(/^P-Asserted-Identity: <sip:1001@/m);
  });

  test('RFC 3263 §4.3: where that says 503 the next one is tried, and the caller hears nothing of it', async () => {
    const first = server(0, refusing('503 Service Unavailable'));
    const second = server(1, answering);
    const { exitCode, messages } = await phones.call(talk, { number: '0555' });
    expect(exitCode).toBe(0);
    expect(messages).not.toMatch(/^SIP\/2\.0 503/m);
    expect([(await first).exitCode, (await second).exitCode]).toEqual([0, 0]);
  });

  test('a refusal of the called is no reason to ask another server', async () => {
    const first = server(0, refusing('486 Busy Here'));
    const refused = scenario(invite(), expectResponse(486), request('ACK', { cseq: 2, ...ofLast }));
    expect(await phones.call(refused, { number: '0555' })).toMatchObject({ exitCode: 0 });
    expect(await first).toMatchObject({ exitCode: 0 });
  });

  test('a trunk without a password is known by its address; the same from another address is asked for one', async () => {
    const unasked = request('INVITE', { cseq: 1, described: true, repeat: 500 });
    const clear = scenario(
      unasked,
      expectResponse(100, { optional: true }),
      expectResponse(180, { optional: true }),
      expectResponse(200),
      request('ACK', { cseq: 1, ...inDialog }),
      request('BYE', { cseq: 2, ...inDialog, repeat: 500 }),
      expectResponse(200),
    );
    const called = phones.wait(answering);
    expect(await phones.call(clear, { localAddress: '127.0.0.2' })).toMatchObject({ exitCode: 0 });
    expect(await called).toMatchObject({ exitCode: 0 });
    const asked = scenario(unasked, expectResponse(401), request('ACK', { cseq: 1, ...ofLast }));
    expect(await phones.call(asked, { localAddress: '127.0.0.3' })).toMatchObject({ exitCode: 0 });
    await phones.lab.event('said at the start', ({ kind }) => kind === 'trunk-identified-by-address');
  });

  test('RFC 3608 §6.1: a call goes by the Service-Route that the manager was given when it registered', async () => {
    const headers = [`Service-Route: <sip:127.0.0.1:${ports[2]};lr;of=edge>`, 'Expires: 3600'];
    const registrar = server(
      2,
      scenario(expectRequest('REGISTER'), respond('200 OK', { contact: '[last_Contact:]', headers })),
    );
    const { client } = phones.lab;
    await client.addDevice({ name: 'provider', kind: 'trunk', securityMode: 'non-secure', lines: [] });
    await phones.lab.event('registered', ({ kind, device }) => kind === 'trunk-registered' && device === 'provider');
    const { messages: registration } = await registrar;
    expect(registration).toMatch(/^To: <sip:4711@provider\.test>/m);
    const called = server(2, answering);
    expect(await phones.call(talk, { number: '9555' })).toMatchObject({ exitCode: 0 });
    const { messages } = await called;
    expect(messages).toMatch(/^INVITE sip:555@[\s\S]*?^Route: <sip:127\.0\.0\.1:\d+;lr;of=edge>\r?$/m);
  });

  test('a trunk that no name server knows is an event with the next step', async () => {
    const { cause, nextStep } = await phones.lab.event('nowhere', ({ kind }) => kind === 'trunk-unreachable');
    expect(cause).toBe('nowhere cannot be reached at sip:nowhere.test: No SIP server was found for nowhere.test.');
    expect(nextStep).toContain('tried again');
  });
});
