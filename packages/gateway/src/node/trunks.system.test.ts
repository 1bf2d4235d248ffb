import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { speechLike } from '@trustline/phone';
import {
  artefactFolder,
  type DnsServer,
  eventually,
  freeTcpPort,
  freeUdpPort,
  missingPrograms,
  startDnsServer,
} from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OutsideAuthority } from '../../../cli/src/outside-authority.fixture.ts';
import { likeness, startTestGateway, type TestGateway } from './gateways.fixture.ts';
import { HandsetPort } from './handset-port.fixture.ts';
import type { TrunkCheck } from './trunk-link.ts';
import { tryTrunk } from './trunk-test.ts';

const folder = artefactFolder('gateway-trunks');
const voices = [speechLike(20, 3).samples, speechLike(20, 4).samples] as const;
const running: TestGateway[] = [];
let dns: DnsServer | undefined;
let authority: OutsideAuthority;
let ports: readonly [number, number];

beforeAll(async () => {
  if (missingPrograms('dnsmasq')) return;
  ports = [await freeTcpPort(), await freeTcpPort()];
  dns = await startDnsServer([
    `--srv-host=_sips._tcp.carrier.test,b.carrier.test,${ports[1]},1,1`,
    '--host-record=b.carrier.test,127.0.0.3',
  ]);
  authority = new OutsideAuthority(join(folder, 'authority'), 'Carriers');
  for (const name of ['gw-a.test', 'carrier.test']) {
    const { certificatePem, keyPem } = authority.issue(`/CN=${name}`, [
      `subjectAltName=DNS:${name}`,
      'extendedKeyUsage=serverAuth,clientAuth',
    ]);
    writeFileSync(join(folder, `${name}.pem`), certificatePem + authority.intermediatePem);
    writeFileSync(join(folder, `${name}.key`), keyPem);
    chmodSync(join(folder, `${name}.key`), 0o600);
  }
}, 60_000);
afterAll(() => dns?.stop());
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ gateway }) => gateway.stop()));
});

async function start(document: string, handset: HandsetPort): Promise<TestGateway> {
  const gateway = await startTestGateway(document, [handset], {
    folder,
    nameServers: dns === undefined ? [] : [dns.address],
  });
  running.push(gateway);
  return gateway;
}

/** Ours and the carrier, which is another gateway; both prove themselves by TLS. */
async function secure(srtp: string, { domain = 'carrier.test', carrierSrtp = srtp } = {}) {
  const handsets = [new HandsetPort('0/1', voices[0]), new HandsetPort('0/1', voices[1])] as const;
  const carrier = await start(
    `
name: carrier
media: { address: 127.0.0.3 }
ports: [{ name: 0/1, kind: pri, line: simulation }]
trunks:
  - name: customer
    server: "127.0.0.2:${ports[0]}"
    domain: gw-a.test
    authorities: ${authority.rootFile}
    certificate: carrier.test.pem
    key: carrier.test.key
    srtp: ${carrierSrtp}
    listen: { address: 127.0.0.3, port: ${ports[1]} }
dialPeers:
  - { name: home, pattern: +49T, to: { port: 0/1 } }
`,
    handsets[1],
  );
  const ours = await start(
    `
name: ours
media: { address: 127.0.0.2 }
ports: [{ name: 0/1, kind: pri, line: simulation }]
trunks:
  - name: carrier-a
    server: carrier.test
    domain: ${domain}
    authorities: ${authority.rootFile}
    certificate: gw-a.test.pem
    key: gw-a.test.key
    srtp: ${srtp}
    listen: { address: 127.0.0.2, port: ${ports[0]} }
    number: "+49305550"
dialPeers:
  - { name: out, pattern: 0T, to: { trunk: carrier-a }, called: { strip: 1, prefix: "+49" } }
`,
    handsets[0],
  );
  return { ours, carrier, handsets };
}

const checks = (gateway: TestGateway) =>
  gateway.reports
    .flatMap((report) => (report.kind === 'self-test' ? [report.checks] : []))
    .at(-1)
    ?.map(({ what, passed, text }) => `${passed ? 'passed' : 'failed'} ${what}: ${text}`) ?? [];
const isUp = (gateway: TestGateway) => checks(gateway).some((line) => line.startsWith('passed options'));

describe.skipIf(missingPrograms('dnsmasq'))('a carrier by SIP', () => {
  test('over TLS with both certificates, found by SRV: SRTP both ways, and the self-test says what was tried', async () => {
    const { ours, handsets } = await secure('require');
    await eventually('the carrier', () => isUp(ours));
    expect(checks(ours)).toEqual([
      `passed dns: carrier.test is at 127.0.0.3:${ports[1]}`,
      `passed connection: tls to 127.0.0.3:${ports[1]}, whose certificate is for carrier.test`,
      'passed options: it answered OPTIONS with 200',
      'passed media: SRTP is offered (AEAD_AES_256_GCM, AEAD_AES_128_GCM and others)',
    ]);
    const call = handsets[0].call('0305551');
    await eventually('audio both ways', () => handsets.every((handset) => handset.heard().length > 12_000));
    for (const [at, handset] of handsets.entries()) {
      expect(likeness(handset.heard(), voices[1 - at] as Int16Array)).toBeGreaterThan(0.75);
    }
    expect(handsets[1].placed[0]).toMatchObject({
      called: { typeOfNumber: 1, digits: '49305551' },
      calling: { number: { typeOfNumber: 1, digits: '4930555', presentation: { indicator: 0 } }, name: 'Ann' },
    });
    handsets[0].says({ kind: 'keys', call, keys: '7' });
    await eventually('the key', () => handsets[1].told.includes('keys 7'));
    handsets[0].hangUp(call);
    await eventually('the record', () => ours.records().length === 1);
    expect(ours.records()[0]?.demarcation).toMatch(
      /^trunk carrier-a: encrypted to here \(TLS and SRTP, \w+\), beyond is theirs; port 0\/1:1: beyond is the public network$/,
    );
  });

  test('prefer: keys that are refused with 488 are offered no more in a second INVITE, and the record says that it is clear', async () => {
    const { ours, carrier, handsets } = await secure('prefer', { carrierSrtp: 'forbid' });
    await eventually('the carrier', () => isUp(ours));
    const call = handsets[0].call('0305551');
    await eventually('audio both ways', () => handsets.every((handset) => handset.heard().length > 1_600));
    expect(carrier.notices()).toContain('a call of customer was refused: keys are not taken here');
    expect(handsets[1].placed).toHaveLength(1);
    handsets[0].hangUp(call);
    await eventually('the record', () => ours.records().length === 1);
    expect(ours.records()[0]?.demarcation).toMatch(/^trunk carrier-a: not encrypted, beyond is theirs; /);
  });

  test('require: keys that are refused end the call, with no second INVITE', async () => {
    const { ours, carrier, handsets } = await secure('require', { carrierSrtp: 'forbid' });
    await eventually('the carrier', () => isUp(ours));
    handsets[0].call('0305551');
    await eventually('the refusal', () => handsets[0].told.some((told) => told.startsWith('release')));
    expect(carrier.notices().filter((text) => text.includes('was refused'))).toHaveLength(1);
    expect(handsets[1].placed).toEqual([]);
  });

  test('is tried from elsewhere: by the right certificate it passes, by another name it fails', async () => {
    const { carrier } = await secure('prefer');
    const trial = {
      name: 'carrier-a',
      server: 'carrier.test',
      transport: 'tls',
      authorities: authority.rootFile,
      certificate: join(folder, 'gw-a.test.pem'),
      key: join(folder, 'gw-a.test.key'),
      nameServers: [dns?.address ?? ''],
    } as const;
    const passed = (tried: readonly TrunkCheck[]) => tried.map((one) => `${one.what} ${one.passed}`);
    expect(passed(await tryTrunk(trial))).toEqual(['dns true', 'connection true', 'options true', 'media true']);
    expect(passed(await tryTrunk({ ...trial, domain: 'other.test' }))).toEqual(['dns true', 'connection false']);
    expect(passed(await tryTrunk({ ...trial, server: 'nowhere.test' }))).toEqual(['dns false']);
    expect(carrier.gateway.calls).toBe(0);
  });

  test('RFC 5922: a certificate for another domain is refused, and calls have no way out (38)', async () => {
    const { ours, handsets } = await secure('prefer', { domain: 'other.test' });
    await eventually('the failure', () => checks(ours).some((line) => line.startsWith('failed connection')));
    expect(checks(ours).at(-1)).toContain('other.test');
    handsets[0].call('0305551');
    await eventually('the refusal', () => handsets[0].told.includes('release 38'));
  });

  test('of several the next is tried: the first says nothing, the second is there, by UDP in the clear', async () => {
    const [silent, own, theirs] = [await freeUdpPort(), await freeUdpPort(), await freeUdpPort()];
    const handsets = [new HandsetPort('0/1', voices[0]), new HandsetPort('0/1', voices[1], 'is-busy')] as const;
    const udp = (name: string, server: number, listen: number) =>
      `{ name: ${name}, server: "127.0.0.1:${server}", transport: udp, srtp: forbid, listen: { address: 127.0.0.1, port: ${listen} } }`;
    await start(
      `
ports: [{ name: 0/1, kind: pri, line: simulation }]
trunks: [${udp('customer', own, theirs)}]
dialPeers: [{ name: home, pattern: T, to: { port: 0/1 } }]
`,
      handsets[1],
    );
    const ours = await start(
      `
ports: [{ name: 0/1, kind: pri, line: simulation }]
trunks: [${udp('dead', silent, await freeUdpPort())}, ${udp('carrier-b', theirs, own)}]
dialPeers:
  - { name: first, pattern: 0T, to: { trunk: dead } }
  - { name: second, pattern: 0T, to: { trunk: carrier-b }, preference: 1 }
`,
      handsets[0],
    );
    await eventually('the second carrier', () => isUp(ours));
    handsets[0].call('0305551');
    await eventually('busy', () => handsets[0].told.includes('release 17'));
    const failed = ours.reports.flatMap((report) =>
      report.kind === 'call' && report.event.kind === 'failed' ? [[report.event.peer, report.event.cause.value]] : [],
    );
    expect(failed).toEqual([
      ['first', 38],
      ['second', 17],
    ]);
  });
});
