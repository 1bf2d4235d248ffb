import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  artefactFolder,
  freeServerPort,
  freeUdpPort,
  Kamailio,
  kamailioForTrunks,
  missingPrograms,
} from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  answeringBehindProxy,
  expectAcceptanceAndRoutes,
  expectResponse,
  inDialog,
  invite,
  ofLast,
  request,
  routed,
  scenario,
} from './sipp-scenario.fixture.ts';

/** Two providers that challenge whatever we send, each a Kamailio; their network, where called and callers are, is SIPp. */
describe.skipIf(missingPrograms('kamailio', 'sipp'))('Kamailio as a provider that challenges', () => {
  const folder = artefactFolder('kamailio-trunk');
  const providers: Kamailio[] = [];
  let phones: SippLab;
  let network: number;
  let ports: { readonly secure: number; readonly clear: number };

  beforeAll(async () => {
    network = await freeUdpPort();
    ports = { secure: await freeServerPort(), clear: await freeServerPort() };
    mkdirSync(folder, { recursive: true });
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'of the trunk\n', { mode: 0o600 });
    const account = `username: "1002", passwordFile: "${passwordFile}"`;
    phones = await SippLab.start(folder, [
      'trunks:',
      `  - { device: secure, address: "sips:127.0.0.1:${ports.secure}", credentials: { ${account} }, registration: {} }`,
      `  - { device: clear, address: "sip:127.0.0.1:${ports.clear};transport=tcp", credentials: { ${account}, md5: true, clear: true }, registration: {} }`,
      `  - { device: careful, address: "sip:127.0.0.1:${ports.clear};transport=tcp", credentials: { ${account}, md5: true } }`,
      `  - { device: impostor, address: "sips:127.0.0.1:${ports.secure}" }`,
      'dialPlan:',
      '  - { to: trunk, pattern: "01.!", devices: [secure] }',
      '  - { to: trunk, pattern: "02.!", devices: [clear] }',
      '  - { to: trunk, pattern: "03.!", devices: [careful] }',
    ]);
    const { client } = phones.lab;
    await client.addDevice({ name: 'secure', kind: 'trunk', securityMode: 'encrypted', lines: [] });
    const { proof, trustBundlePem } = await client.deviceCredentials('secure');
    if (proof.kind !== 'certificate') throw new Error('the trunk was given no certificate');
    const file = (name: string, text: string) => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    const common = { realm: 'provider', password: 'of the trunk', network: `127.0.0.1:${network}`, workers: 1 };
    const tls = {
      certificate: file('certificate.pem', proof.certificatePem),
      privateKey: file('key.pem', proof.privateKeyPem),
      trust: file('trust.pem', trustBundlePem),
    };
    const start = async (port: number, configuration: string) => {
      const directory = join(folder, `provider-${port}`);
      mkdirSync(directory, { recursive: true });
      providers.push(await Kamailio.start({ directory, port, configuration }));
    };
    await Promise.all([
      start(
        ports.secure,
        kamailioForTrunks({ ...common, port: ports.secure, transport: 'tls', digestAlgorithm: 'SHA-256', tls }),
      ),
      start(ports.clear, kamailioForTrunks({ ...common, port: ports.clear, transport: 'tcp', digestAlgorithm: 'MD5' })),
    ]);
    for (const name of ['clear', 'careful']) {
      await client.addDevice({ name, kind: 'trunk', securityMode: 'non-secure', lines: [] });
    }
  });
  afterEach(() => phones.lab.idle());
  afterAll(async () => {
    await phones?.stop();
    for (const provider of providers) await provider.stop();
  });

  const talk = scenario(
    invite(),
    expectResponse(180, { optional: true }),
    expectResponse(200),
    request('ACK', { cseq: 2, ...inDialog }),
    request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
    expectResponse(200),
  );
  /** From the network to the number under which we have registered. */
  const callIn = (provider: number) =>
    phones.run(
      { name: 'network', line: '5550', password: '' },
      scenario(
        request('INVITE', { cseq: 1, described: true, repeat: 500 }),
        expectResponse(100, { optional: true }),
        expectResponse(180, { optional: true }),
        expectAcceptanceAndRoutes,
        request('ACK', { cseq: 1, ...inDialog, ...routed }),
        request('BYE', { cseq: 2, ...inDialog, ...routed, repeat: 500 }),
        expectResponse(200),
      ),
      { target: `127.0.0.1:${provider}`, number: '1002' },
    );

  test.each([
    ['by TLS, with SHA-256', 'secure', '0155'],
    ['by TCP, with MD5, as the configuration allows', 'clear', '0255'],
  ] as const)(
    '%s: INVITE and BYE are challenged and answered (RFC 3261 §22.3, RFC 7616)',
    async (_, device, number) => {
      await phones.lab.event(
        `registered with ${device}`,
        (event) => event.kind === 'trunk-registered' && event.device === device,
      );
      const called = phones.wait(answeringBehindProxy, { localPort: network });
      expect(await phones.call(talk, { number })).toMatchObject({ exitCode: 0 });
      expect(await called).toMatchObject({ exitCode: 0 });
    },
  );

  test('RFC 5922 §7: a server that shows the certificate of another trunk is not connected to, and takes no calls', async () => {
    const { client } = phones.lab;
    await client.addDevice({ name: 'impostor', kind: 'trunk', securityMode: 'encrypted', lines: [] });
    const { cause } = await phones.lab.event(
      'it is refused',
      ({ kind, device }) => kind === 'trunk-unreachable' && device === 'impostor',
    );
    expect(cause).toContain('its certificate is of secure, not of impostor');
    const { devices } = await client.devices();
    expect(devices.find(({ name }) => name === 'impostor')?.trunk).toMatchObject({ connections: [] });
  });

  test.each(['secure', 'clear'] as const)(
    'a call to the number that is registered there comes down the connection: %s',
    async (which) => {
      const called = phones.wait(answering);
      expect(await callIn(ports[which])).toMatchObject({ exitCode: 0 });
      expect(await called).toMatchObject({ exitCode: 0 });
    },
  );

  test('no password is used without TLS unless that is allowed, and both are events', async () => {
    const refused = scenario(invite(), expectResponse(603), request('ACK', { cseq: 2, ...ofLast }));
    expect(await phones.call(refused, { number: '0355' })).toMatchObject({ exitCode: 0 });
    const { cause, nextStep } = await phones.lab.event('refused', ({ kind }) => kind === 'trunk-credentials-refused');
    expect(cause).toBe('careful wants a password for INVITE without TLS; it was given nothing.');
    expect(nextStep).toContain('sips:');
    const { device } = await phones.lab.event('in the clear', ({ kind }) => kind === 'trunk-credentials-clear');
    expect(device).toBe('clear');
  });
});
