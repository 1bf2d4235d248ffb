import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  artefactFolder,
  eventually,
  freeServerPort,
  freeUdpPort,
  Kamailio,
  kamailioForTrunks,
  missingPrograms,
  runSipp,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answeringBehindProxy,
  expectAcceptanceAndRoutes,
  expectResponse,
  inDialog,
  request,
  routed,
  scenario,
} from '../../../manager/src/interop/sipp-scenario.fixture.ts';
import { startTestGateway, type TestGateway } from '../node/gateways.fixture.ts';
import { HandsetPort } from '../node/handset-port.fixture.ts';

const main = new URL('../../../cli/src/main.ts', import.meta.url).pathname;
const passwords = { right: 'canary of the carrier', wrong: 'canary of nobody' } as const;
const [realm, username] = ['carrier', '49305550'];

/** The forms in which a password could be shown, or be used by who sees them. */
const forms = Object.values(passwords).flatMap((password) => [
  password,
  Buffer.from(password).toString('base64'),
  Buffer.from(password).toString('hex'),
  ...['md5', 'sha256'].map((hash) => createHash(hash).update(`${username}:${realm}:${password}`).digest('hex')),
]);
const shown = (text: string) => forms.filter((form) => text.includes(form));

/** A carrier whose registrar and proxy ask for a password; SIPp plays the network beyond. */
describe.skipIf(missingPrograms('kamailio', 'sipp'))('Kamailio as the carrier', () => {
  const folder = artefactFolder('gateway-kamailio');
  const handset = new HandsetPort('0/1', new Int16Array(8_000));
  let kamailio: Kamailio;
  let gateway: TestGateway;
  let ports: { readonly carrier: number; readonly network: number };
  let runs = 0;

  const trunk = (name: string, secret: string, user: string) => `
  - name: ${name}
    server: "127.0.0.1:${ports.carrier}"
    transport: tcp
    register: { username: "${user}", passwordFile: ${secret}.password, clear: true }
    number: "+49305550"`;
  const document = (...trunks: readonly string[]) => `
h323: { address: 127.0.0.1, port: 0 }
ports: [{ name: 0/1, kind: fxs, line: simulation }]
trunks:${trunks.join('')}
dialPeers:
  - { name: out, pattern: 0T, to: { trunk: carrier }, called: { strip: 1, prefix: "+49" } }
  - { name: in, pattern: "${username}", to: { port: 0/1 }, from: [{ trunk: carrier }] }
`;
  const network = (text: string, target?: string) =>
    runSipp({
      directory: join(folder, `sipp-${++runs}`),
      scenario: text,
      localPort: ports.network,
      timeout: 15,
      variables: { number: username, line: '4930999' },
      ...(target === undefined ? {} : { target }),
    });

  beforeAll(async () => {
    ports = { carrier: await freeServerPort(), network: await freeUdpPort() };
    for (const [name, password] of Object.entries(passwords)) {
      writeFileSync(join(folder, `${name}.password`), `${password}\n`, { mode: 0o600 });
    }
    writeFileSync(join(folder, 'open.password'), `${passwords.right}\n`, { mode: 0o644 });
    const directory = join(folder, 'kamailio');
    mkdirSync(directory, { recursive: true });
    const configuration = kamailioForTrunks({
      port: ports.carrier,
      transport: 'tcp',
      realm,
      password: passwords.right,
      digestAlgorithm: 'SHA-256',
      workers: 1,
      network: `127.0.0.1:${ports.network}`,
    });
    kamailio = await Kamailio.start({ directory, port: ports.carrier, configuration });
    gateway = await startTestGateway(document(trunk('carrier', 'right', username)), [handset], { folder });
  });
  afterAll(async () => {
    await gateway?.gateway.stop();
    await kamailio?.stop();
  });

  test('RFC 3261 §10, RFC 8760: we register by SHA-256, and the self-test says so', async () => {
    await eventually('the registration', () => inspect(gateway.reports, { depth: 5 }).includes('registered for'));
  });

  test('RFC 3261 §22.3: INVITE and BYE of a call that goes out are challenged and answered', async () => {
    const called = network(answeringBehindProxy);
    const call = handset.call('0305551');
    await eventually('the answer', () => handset.told.includes('answer'));
    handset.hangUp(call);
    const { exitCode, errors, messages } = await called;
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors });
    expect(messages).toMatch(/^INVITE sip:\+49305551@/m);
  });

  test('a call to what we registered comes down our connection, and is taken', async () => {
    const { exitCode, errors } = await network(
      scenario(
        request('INVITE', { cseq: 1, described: true, repeat: 500 }),
        expectResponse(100, { optional: true }),
        expectResponse(180, { optional: true }),
        expectAcceptanceAndRoutes,
        request('ACK', { cseq: 1, ...inDialog, ...routed }),
        request('BYE', { cseq: 2, ...inDialog, ...routed, repeat: 500 }),
        expectResponse(200),
      ),
      `127.0.0.1:${ports.carrier}`,
    );
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors });
    expect(handset.placed.at(-1)?.called.digits).toBe(username);
  });

  test('the password is in nothing that the gateway told of this: no check, notice, event or record', () => {
    expect(gateway.records().length).toBeGreaterThan(0);
    const told = inspect(gateway.reports, { depth: null, showHidden: true, maxArrayLength: null });
    expect(shown(told + JSON.stringify(gateway.reports))).toEqual([]);
  });

  test('nor in what `trustline gateway run` says, with what Node logs of its connections: registered, refused, and a file that others may read', async () => {
    // Under a name of its own, so that no registration is moved.
    const runsOn = run('runs', document(trunk('carrier', 'right', '49305559'), trunk('refused', 'wrong', username)), [
      'registered for',
      'the registration failed: 401',
    ]);
    const ends = run('ends', document(trunk('carrier', 'open', username)), ['holds a secret']);
    expect(shown(await runsOn)).toEqual([]);
    expect(shown(await ends)).toEqual([]);
  });

  /** Runs the program until it has said all of this; what it said. */
  async function run(name: string, text: string, words: readonly string[]): Promise<string> {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, text);
    const child = spawn(process.execPath, [main, 'gateway', 'run', file], {
      env: { ...process.env, NODE_DEBUG: 'net,tls' },
    });
    const exited = once(child, 'exit');
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += String(chunk);
      });
    }
    await eventually(words.join(), () => words.every((one) => said.includes(one)));
    child.kill('SIGTERM');
    await exited;
    return said;
  }
});
