import { artefactFolder, freeTcpPort, freeUdpPort, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SilentCarrier } from './silent-carrier.fixture.ts';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectAcceptanceAndKeepTo,
  expectResponse,
  inDialog,
  invite,
  ofKept,
  ofLast,
  refusing,
  request,
  scenario,
  takesNewOffer,
} from './sipp-scenario.fixture.ts';

/** Carriers that SIPp plays, and two that are no help: one refuses TCP, one is silent. */
describe.skipIf(missingPrograms('sipp'))('several carriers behind one row of the dial plan', () => {
  let phones: SippLab;
  const silent = new SilentCarrier();
  let ports: { readonly full: number; readonly good: number };

  beforeAll(async () => {
    const [nobody, mute, full, good] = [
      await freeTcpPort(),
      await freeUdpPort(),
      await freeUdpPort(),
      await freeUdpPort(),
    ];
    ports = { full, good };
    await silent.open(mute);
    phones = await SippLab.start(artefactFolder('sipp-carriers'), [
      'routes: { silentSeconds: 0.5, probeSeconds: 1 }',
      'trunks:',
      `  - { device: refuses, address: "sip:127.0.0.1:${nobody};transport=tcp" }`,
      `  - { device: silent, address: "sip:127.0.0.1:${mute};transport=udp" }`,
      `  - { device: full, address: "sip:127.0.0.1:${full};transport=udp" }`,
      `  - { device: good, address: "sip:127.0.0.1:${good};transport=udp" }`,
      'dialPlan:',
      '  - { to: trunk, pattern: "0.!", devices: [refuses, silent, good], discardAccessCode: true }',
      '  - { to: trunk, pattern: "9.!", devices: [full, good], discardAccessCode: true }',
      '  - { to: trunk, pattern: "8.!", devices: [good], discardAccessCode: true, leavingProtection: announce }',
    ]);
    for (const name of ['refuses', 'silent', 'full', 'good']) {
      await phones.lab.client.addDevice({ name, kind: 'trunk', securityMode: 'non-secure', lines: [] });
    }
    for (const name of ['silent', 'full', 'good']) {
      await phones.lab.event(name, ({ kind, device }) => kind === 'trunk-connected' && device === name);
    }
    await phones.lab.event('it refuses', ({ kind, device }) => kind === 'trunk-unreachable' && device === 'refuses');
  });
  afterEach(() => phones.lab.idle());
  afterAll(async () => {
    silent.close();
    await phones?.stop();
  });

  const talk = scenario(
    invite(),
    expectResponse(183, { optional: true }),
    expectResponse(180, { optional: true }),
    expectResponse(200),
    request('ACK', { cseq: 2, ...inDialog }),
    request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
    expectResponse(200),
  );
  const at = (localPort: number, text: string) => phones.wait(text, { localPort });
  const trunk = async (name: string) =>
    (await phones.lab.client.devices()).devices.find((device) => device.name === name)?.trunk;

  test('one that refuses TCP and one that is silent are passed over, and the caller hears ringing once', async () => {
    const good = at(ports.good, answering);
    const { exitCode, messages } = await phones.call(talk, { number: '0555' });
    expect([exitCode, (await good).exitCode]).toEqual([0, 0]);
    expect(messages.match(/^SIP\/2\.0 180/gm)).toHaveLength(1);
    expect(silent.methods).toContain('INVITE');
    expect(await trunk('silent')).toMatchObject({ inUse: 0, setAside: { cause: 'timer-expired' } });
    expect(await trunk('refuses')).toMatchObject({ connections: [] });
    silent.isAwake = true;
    await phones.lab.event('it is back', ({ kind, device }) => kind === 'trunk-back' && device === 'silent');
    expect(await trunk('silent')).toMatchObject({ setAside: null });
  });

  test('503 with cause 34: the next takes it, and the full one is well', async () => {
    const full = at(ports.full, refusing('503 Service Unavailable', { headers: ['Reason: Q.850;cause=34'] }));
    const good = at(ports.good, answering);
    const { exitCode, messages } = await phones.call(talk, { number: '9555' });
    expect([exitCode, (await full).exitCode, (await good).exitCode]).toEqual([0, 0, 0]);
    expect(messages).not.toMatch(/^SIP\/2\.0 503/m);
    expect(await trunk('full')).toMatchObject({ setAside: null });
  });

  test.each(['404 Not Found', '486 Busy Here'])(
    '%s is the called’s: the caller hears it, and nobody else is called',
    async (status) => {
      const full = at(ports.full, refusing(status));
      const refused = scenario(
        invite(),
        expectResponse(Number.parseInt(status, 10)),
        request('ACK', { cseq: 2, ...ofLast }),
      );
      expect(await phones.call(refused, { number: '9555' })).toMatchObject({ exitCode: 0 });
      expect(await full).toMatchObject({ exitCode: 0 });
      const [record] = (await phones.lab.client.calls()).ended.slice(-1);
      expect(record?.legs.map(({ party }) => party.device)).toEqual([phones.caller.name, 'full']);
    },
  );

  test('who is told that protection ends hears the relay before anybody is called, and then talks to the carrier straight', async () => {
    const heard = scenario(
      invite(),
      expectResponse(183),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...ofKept }),
      ...takesNewOffer,
      request('BYE', { cseq: 3, ...ofKept, repeat: 500 }),
      expectResponse(200),
    );
    const good = at(ports.good, answering);
    const { exitCode, messages } = await phones.call(heard, { number: '8555' });
    expect([exitCode, (await good).exitCode]).toEqual([0, 0]);
    const portOf = (start: RegExp) => start.exec(messages)?.[1];
    const [early, answer] = [183, 200].map((status) =>
      portOf(new RegExp(`^SIP/2\\.0 ${status} [\\s\\S]*?CSeq: 2 INVITE[\\s\\S]*?^m=audio (\\d+) `, 'm')),
    );
    expect(answer).toBe(early);
    expect(portOf(/^INVITE sip:1001@[\s\S]*?^m=audio (\d+) /m)).not.toBe(early);
    const { cause } = await phones.lab.event('he was told', ({ kind }) => kind === 'protection-left');
    expect(cause).toBe('1001 was told that protection ends at good; the call goes on there.');
  });
});
