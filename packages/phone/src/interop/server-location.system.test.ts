import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import {
  artefactFolder,
  type DnsServer,
  freeTcpPort,
  Lab,
  missingPrograms,
  startDnsServer,
} from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Phone, type PhoneOptions } from '../node/phone.ts';

/** A cluster whose servers dnsmasq tells: by TLS one that is away before the one that is there, and one by UDP. */
describe.skipIf(missingPrograms('dnsmasq'))('our phone finds its manager by the name of a domain', () => {
  const folder = artefactFolder('phone-server-location');
  const phones: Phone[] = [];
  let lab: Lab;
  let dns: DnsServer;

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'), ['identity: { hosts: [cluster.test] }']);
    dns = await startDnsServer([
      `--srv-host=_sips._tcp.cluster.test,one.cluster.test,${await freeTcpPort()},10`,
      `--srv-host=_sips._tcp.cluster.test,two.cluster.test,${lab.ports.tls},20`,
      `--srv-host=_sip._udp.cluster.test,two.cluster.test,${lab.ports.udp},10`,
      '--host-record=one.cluster.test,two.cluster.test,127.0.0.1',
      `--srv-host=_sips._tcp.other.test,two.cluster.test,${lab.ports.tls},10`,
    ]);
  });
  afterEach(async () => {
    for (const phone of phones.splice(0)) await phone.stop();
  });
  afterAll(async () => {
    await dns?.stop();
    await lab?.stop();
  });

  function start(options: Omit<PhoneOptions, 'server' | 'nameServers'>, host = 'cluster.test'): Phone {
    const phone = Phone.start({ ...options, server: { host }, nameServers: [dns.address] });
    phones.push(phone);
    return phone;
  }

  async function secure(line: string) {
    const { name, certificateFile, trustFile } = await lab.secureDevice(line);
    const both = readFileSync(certificateFile, 'utf8');
    const trustBundlePem = readFileSync(trustFile, 'utf8');
    const connection = { kind: 'tls' as const, certificatePem: both, privateKeyPem: both, trustBundlePem };
    return { line, device: name, connection };
  }

  test('by TLS: SRV says where, the first server is away, and the next shows the certificate of the domain (RFC 3263 §4.2, §4.3, RFC 5922 §7.1)', async () => {
    const device = await secure('1001');
    await start(device).registered();
    await lab.registered(device.device);
  });

  test('by UDP, with its password', async () => {
    const { line, name, password } = await lab.passwordDevice('1002');
    await start({
      line,
      device: name,
      security: 'clear',
      connection: { kind: 'udp', user: name, password: new Redacted(password) },
    }).registered();
    await lab.registered(name);
  });

  test('a domain for which the server has no certificate is refused, whatever DNS says', async () => {
    await expect(start(await secure('1003'), 'other.test').registered()).rejects.toMatchObject({
      code: 'sip.server-refused',
      nextStep: expect.stringContaining('a name or address that its certificate is for') as string,
    });
  });

  test('a domain without servers is said with the next step', async () => {
    await expect(start(await secure('1004'), 'nobody.test').registered()).rejects.toMatchObject({
      code: 'sip.name-not-resolved',
      nextStep: expect.stringContaining('dig') as string,
    });
  });
});
