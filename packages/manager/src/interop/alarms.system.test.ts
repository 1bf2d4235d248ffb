import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { artefactFolder, eventually, freeTcpPort, freeUdpPort, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManagerClient } from '../node/api/client.ts';
import { loadConfiguration } from '../node/load-configuration.ts';
import { startManager } from '../node/manager.ts';

const folder = artefactFolder('manager-alarms');
const undo: (() => Promise<unknown> | undefined)[] = [];
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** A certificate of its own for whoever listens on loopback, made by OpenSSL. */
function makeCertificate(): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  if (!existsSync(certificate)) {
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3', '-subj', '/CN=localhost'];
    execFileSync('openssl', ['req', ...made, '-keyout', key, '-out', certificate, ...names], { stdio: 'ignore' });
  }
  return { certificate, key };
}

async function startWith(name: string, alarms: string): Promise<ManagerClient> {
  const set = [
    `dataFolder=${join(folder, name)}`,
    'log.level=error',
    'listeners=[{transport: tls, host: 127.0.0.1, port: 0}]',
    'api.metrics.port=0',
    'provisioning.enabled=false',
    `alarms=${alarms}`,
  ];
  const loaded = loadConfiguration({ set, environment: {} });
  const manager = await startManager({ loaded, environment: {} });
  undo.push(() => manager.stop());
  return new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
}

async function kindsOf(client: ManagerClient): Promise<readonly string[]> {
  const kinds: string[] = [];
  for await (const event of client.events({ limit: 1_000 })) kinds.push(event.kind);
  return kinds;
}

describe.skipIf(missingPrograms('rsyslogd', 'openssl'))('rsyslog', () => {
  const place = join(folder, 'rsyslog');
  const received = join(place, 'received.log');
  let ports: { readonly udp: number; readonly tcp: number; readonly tls: number };
  let rsyslog: ChildProcess;

  beforeAll(async () => {
    mkdirSync(place, { recursive: true });
    const { certificate, key } = makeCertificate();
    ports = { udp: await freeUdpPort(), tcp: await freeTcpPort(), tls: await freeTcpPort() };
    // What it understood of each message, field by field.
    const fields = ['pri', 'protocol-version', 'timestamp', 'hostname', 'app-name', 'procid', 'msgid', 'msg'];
    const template = fields.map((field) => `${field}=%${field}%`).join('|');
    const configuration = [
      `global(workDirectory="${place}" defaultNetstreamDriverCAFile="${certificate}" defaultNetstreamDriverCertFile="${certificate}" defaultNetstreamDriverKeyFile="${key}")`,
      'module(load="imudp")',
      'module(load="imtcp")',
      `template(name="fields" type="string" string="${template}\\n")`,
      `ruleset(name="all") { action(type="omfile" file="${received}" template="fields") }`,
      `input(type="imudp" address="127.0.0.1" port="${ports.udp}" ruleset="all")`,
      `input(type="imtcp" address="127.0.0.1" port="${ports.tcp}" ruleset="all")`,
      `input(type="imtcp" address="127.0.0.1" port="${ports.tls}" ruleset="all" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")`,
    ];
    writeFileSync(join(place, 'rsyslog.conf'), `${configuration.join('\n')}\n`);
    const args = ['-n', '-f', join(place, 'rsyslog.conf'), '-i', join(place, 'pid')];
    rsyslog = spawn('/usr/sbin/rsyslogd', args, { stdio: ['ignore', 'inherit', 'inherit'] });
    undo.push(async () => {
      if (rsyslog.exitCode === null && rsyslog.kill('SIGTERM')) await once(rsyslog, 'exit');
    });
    await eventually('rsyslog', async () => existsSync(join(place, 'pid')));
  });

  const lines = () => (existsSync(received) ? readFileSync(received, 'utf8').split('\n') : []);

  test.each(['udp', 'tcp', 'tls'] as const)('takes alarms by %s and understands every field', async (transport) => {
    const { certificate } = makeCertificate();
    const trust = transport === 'tls' ? `, trustFile: ${certificate}` : '';
    const client = await startWith(
      `by-${transport}`,
      `{syslog: {host: 127.0.0.1, port: ${ports[transport]}, transport: ${transport}${trust}}}`,
    );
    const { tests } = await client.testAlarms();
    expect(tests).toEqual([{ destination: `syslog ${transport} 127.0.0.1:${ports[transport]}`, failure: null }]);
    await eventually('a test that arrived', async () => lines().some((line) => line.includes('alarm-test')));
    const line = lines().findLast((one) => one.includes('alarm-test')) ?? '';
    expect(line).toMatch(
      /^pri=85\|protocol-version=1\|timestamp=[^|]+\|hostname=[^|]+\|app-name=trustline\|procid=\d+\|msgid=alarm-test\|msg=\ufeff?\d{4}-\S+ notice alarm-test: This is a test/,
    );
    // The start told of lab trust, which is an alarm by default; that it started is none.
    await eventually('lab trust', async () => lines().some((one) => one.includes('msgid=lab-trust')));
    expect(lines().join('\n')).not.toContain('msgid=started');
  });

  test('that is away is no reason to stop; it is told of once, and gets what waited when it is back', async () => {
    const port = await freeTcpPort();
    const client = await startWith('away', `{syslog: {host: 127.0.0.1, port: ${port}, transport: tcp}}`);
    await eventually('the first failure', async () => (await kindsOf(client)).includes('alarm-undelivered'));
    expect((await client.testAlarms()).tests[0]?.failure).toMatch(/ECONNREFUSED/);
    expect((await kindsOf(client)).filter((kind) => kind === 'alarm-undelivered')).toHaveLength(1);
    const back = join(place, 'back.log');
    const configuration = [
      `global(workDirectory="${place}")`,
      'module(load="imtcp")',
      `input(type="imtcp" address="127.0.0.1" port="${port}")`,
      `action(type="omfile" file="${back}")`,
    ];
    writeFileSync(join(place, 'back.conf'), `${configuration.join('\n')}\n`);
    const args = ['-n', '-f', join(place, 'back.conf'), '-i', join(place, 'back.pid')];
    const late = spawn('/usr/sbin/rsyslogd', args, { stdio: ['ignore', 'inherit', 'inherit'] });
    undo.push(async () => {
      if (late.exitCode === null && late.kill('SIGTERM')) await once(late, 'exit');
    });
    await eventually('what waited', async () => existsSync(back) && readFileSync(back, 'utf8').includes('lab-trust'));
  });
});

describe.skipIf(missingPrograms('openssl'))('a webhook', () => {
  const posted: { readonly authorization: string | undefined; readonly body: string }[] = [];
  let status = 200;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    const { certificate, key } = makeCertificate();
    const context = { cert: readFileSync(certificate), key: readFileSync(key) };
    server = createServer(context, async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      if (status === 200) posted.push({ authorization: request.headers.authorization, body });
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `https://localhost:${(server.address() as AddressInfo).port}/hooks/secret-path`;
    undo.push(async () => void server.close());
  });

  test('gets the event as JSON with the text for people, and the authorization of the file', async () => {
    const authorizationFile = join(folder, 'authorization');
    writeFileSync(authorizationFile, 'Bearer of-news\n', { mode: 0o600 });
    const trust = makeCertificate().certificate;
    const hook = `{webhook: {url: "${url}", trustFile: ${trust}, authorizationFile: ${authorizationFile}}}`;
    const client = await startWith('hook', hook);
    await eventually('lab trust', async () => posted.some(({ body }) => body.includes('lab-trust')));
    const { tests } = await client.testAlarms();
    expect(tests).toEqual([{ destination: `webhook ${new URL(url).origin}`, failure: null }]);
    const last = posted.at(-1);
    expect(last?.authorization).toBe('Bearer of-news');
    expect(JSON.parse(last?.body ?? '')).toMatchObject({
      schema: 1,
      node: 'node-1',
      text: expect.stringMatching(/notice alarm-test: This is a test/),
      event: { kind: 'alarm-test', severity: 'notice' },
    });
  });

  test('that answers 503 gets the alarm again when it is well', async () => {
    status = 503;
    posted.length = 0;
    const client = await startWith('ill', `{webhook: {url: "${url}", trustFile: ${makeCertificate().certificate}}}`);
    await eventually('the failure', async () => (await kindsOf(client)).includes('alarm-undelivered'));
    expect((await client.testAlarms()).tests[0]?.failure).toBe('it answered HTTP 503');
    status = 200;
    await eventually('the alarm', async () => posted.some(({ body }) => body.includes('lab-trust')));
    expect(posted.filter(({ body }) => body.includes('"kind":"lab-trust"'))).toHaveLength(1);
  });

  test('whose certificate nobody vouches for gets nothing', async () => {
    posted.length = 0;
    const client = await startWith('unknown', `{webhook: {url: "${url}"}}`);
    expect((await client.testAlarms()).tests[0]?.failure).toMatch(/self-signed certificate/);
    expect(posted).toEqual([]);
  });
});

test('an address without protection is refused, unless it is of this machine', () => {
  const load = (url: string) => loadConfiguration({ set: [`alarms.webhook={url: "${url}"}`], environment: {} });
  expect(() => load('http://alarms.example/')).toThrow(/An address with https:\/\/ is wanted/);
  expect(load('http://127.0.0.1:8080/').configuration.alarms.webhook?.url).toBe('http://127.0.0.1:8080/');
});

test('with nobody to tell, the test of the alarms says so', async () => {
  const client = await startWith('nobody', '{}');
  await expect(client.testAlarms()).rejects.toMatchObject({ code: 'manager.no-alarms' });
});
