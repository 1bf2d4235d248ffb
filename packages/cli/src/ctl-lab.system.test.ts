import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { artefactFolder, Lab, missingSoftHsm, SoftHsm, softHsmModule } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { exitCodes } from './exit-codes.ts';
import { startPhone } from './phone-visit.fixture.ts';

const pin = 'canary-55123';
const device = 'SEP001122334401';

describe.skipIf(missingSoftHsm())('a lab, whose trust the manager made itself', () => {
  let scratch: string;
  let lab: Lab;

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'trustline-ctl-lab-'));
    const ports = ['tftp', 'http', 'https', 'capf', 'tvs'].map((service) => `${service}Port: 0`);
    lab = await Lab.start(join(artefactFolder('cli-ctl-lab'), 'manager'), [
      `provisioning: { host: 127.0.0.1, ${ports.join(', ')} }`,
    ]);
    const hsm = new SoftHsm(scratch);
    for (const label of ['blue', 'green']) hsm.formatToken(label, pin);
    await lab.client.addDevice({ name: device, securityMode: 'encrypted', lines: [{ number: '1001' }] });
  });
  afterAll(async () => {
    await lab?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  const run = (...argv: readonly string[]) =>
    trustline([...argv, '--data', lab.dataFolder], { TRUSTLINE_TOKEN_PIN: pin });

  const boot = () => startPhone(lab.client, device);

  test('real tokens take the place of the lab’s own, and phones follow', async () => {
    await boot();
    expect((await run('trust', 'status')).out).toMatch(
      /^mixed mode · lab trust\n.*LAB SOFTWARE TOKEN.*up to date +1 /s,
    );
    for (const label of ['blue', 'green']) {
      expect((await run('token', 'init', '--module', softHsmModule, '--token', label)).code).toBe(0);
    }
    // Only `create` replaces the lab’s tokens: no other command may sign with one that phones do not know.
    expect((await run('ctl', 'update', '--module', softHsmModule, '--yes')).error).toMatch(/No token that may sign/);
    const created = await run('ctl', 'create', '--module', softHsmModule, '--token', 'blue', '--yes');
    expect(created).toMatchObject({ code: 0, error: '' });
    expect(created.out).toMatch(/1 take it because TVS vouches for the signer: SEP001122334401/);
    expect((await run('trust', 'status')).out).toMatch(/^mixed mode\n.*behind +1 /s);
    await boot();
    expect((await run('trust', 'status')).out).toMatch(/up to date +1 /);
    expect((await run('ctl', 'update', '--module', softHsmModule, '--yes')).out).toMatch(
      /1 take it, knowing who signed/,
    );
  });

  test('the manufacturing authority is not removed while tokens of the CTL need it, and a successor stands beside it', async () => {
    const standIn = (await lab.client.manufacturers()).manufacturers[0];
    const beginning = standIn?.fingerprint.slice(0, 16) ?? '';
    const dry = await run('pki', 'manufacturer', 'remove', beginning, '--dry-run');
    expect(dry).toMatchObject({ code: exitCodes.failed, error: '' });
    expect(dry.out).toMatch(
      /\n {2}Tokens that need it: CN=SAST-.*; CN=SAST-.*\.\n {2}Phones that need it: SEP001122334401\./,
    );
    expect((await run('pki', 'manufacturer', 'remove', beginning)).error).toMatch(
      / is needed: CN=SAST-.* could sign no list any more.*\n {2}next: .*token init.*--force/,
    );
    expect((await run('pki', 'manufacturer', 'export', 'none')).error).toMatch(/none fits 0 authorities/);

    expect((await run('pki', 'manufacturer', 'renew', '--dry-run')).out).toMatch(
      /Still believed: CN=LAB STAND-IN .*\n/,
    );
    expect((await lab.client.manufacturers()).manufacturers).toHaveLength(1);
    expect((await run('pki', 'manufacturer', 'renew')).out).toMatch(/^CN=LAB STAND-IN .* issues MICs/);
    expect((await lab.client.manufacturers()).manufacturers).toHaveLength(2);
    const updated = await run('ctl', 'update', '--module', softHsmModule, '--yes');
    expect(updated.out).toMatch(/CAPF certificate of LAB STAND-IN Manufacturing CA [0-9a-f]+: added/);
  });

  test('a connection outlives the renewal of the certificate by which it began', async () => {
    const { proof, trustBundlePem } = await lab.client.deviceCredentials(device);
    if (proof.kind !== 'certificate') throw new Error('no certificate was given');
    const socket = connect({
      ...{ host: '127.0.0.1', port: lab.ports.tls, ca: trustBundlePem },
      ...{ cert: proof.certificatePem, key: proof.privateKeyPem },
    });
    await once(socket, 'secureConnect');
    const before = socket.getPeerCertificate().serialNumber;
    for (const role of ['callmanager-rsa', 'callmanager-ecdsa']) {
      expect((await run('pki', 'renew', role)).out).toMatch(/It is shown now, seen on SIP \d+, SIP \d+ by connecting/);
    }
    socket.write(
      [
        'OPTIONS sip:127.0.0.1 SIP/2.0',
        'Via: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKrenewed',
        'Max-Forwards: 70',
        `From: <sip:1001@127.0.0.1>;tag=a`,
        'To: <sip:127.0.0.1>',
        'Call-ID: renewed',
        'CSeq: 1 OPTIONS',
        'Content-Length: 0',
        '\r\n',
      ].join('\r\n'),
    );
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^SIP\/2.0 \d{3} /);
    const later = connect({ host: '127.0.0.1', port: lab.ports.tls, ca: trustBundlePem });
    await once(later, 'secureConnect');
    expect(later.getPeerCertificate().serialNumber).not.toBe(before);
    later.destroy();
    socket.destroy();
  });
});
