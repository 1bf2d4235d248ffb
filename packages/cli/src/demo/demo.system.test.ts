import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decodeDatagram } from '@trustline/capture';
import { sdesSuites } from '@trustline/keying';
import { loadConfiguration, ManagerClient, startManager } from '@trustline/manager/node';
import { readWavFile } from '@trustline/phone/node';
import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Dumpcap } from './dumpcap.fixture.ts';
import { withoutIpsec } from './gateway/namespaces.ts';
import type { GatewayDemoReport } from './gateway/report.ts';
import type { DemoReport } from './report.ts';
import { readPackets } from './tap.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const main = join(repository, 'packages/cli/src/main.ts');
const artefacts = artefactFolder('demo');
/** Where each run keeps its manager and keys, which are to be gone afterwards. */
const scratch = mkdtempSync(join(tmpdir(), 'demo-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const newTemporary = () => mkdtempSync(join(scratch, 'run-'));

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What is left where it kept what was to be gone. */
  readonly left: readonly string[];
}
interface Ran extends Said {
  readonly report: DemoReport;
}

/** Runs the command as people do. */
async function trustline(...args: string[]): Promise<Said> {
  const ran = Promise.withResolvers<Said>();
  const temporary = newTemporary();
  execFile(
    join(repository, 'trustline'),
    args,
    { encoding: 'utf8', timeout: 150_000, env: { ...process.env, TMPDIR: temporary } },
    (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? -1);
      ran.resolve({ code, stdout, stderr, left: readdirSync(temporary) });
    },
  );
  return ran.promise;
}

async function demo(name: string, ...args: string[]): Promise<Ran> {
  const ran = await trustline('demo', '--json', '--out', join(artefacts, name), ...args);
  expect(ran.stdout, ran.stderr).not.toBe('');
  // Exactly one object: anything beside it would not parse.
  return { ...ran, report: JSON.parse(ran.stdout) as DemoReport };
}

const authenticationFailed = { refused: 10, reasons: { 'authentication-failed': expect.any(Number) } };
const broken = ({ checks }: DemoReport) => checks.filter(({ holds }) => !holds).map(({ name }) => name);

/** A manager that runs already, on its own ports and in its own folder. */
async function startOther(): Promise<{ readonly client: ManagerClient; readonly stop: () => Promise<void> }> {
  const file = join(artefacts, 'trustline.yaml');
  writeFileSync(
    file,
    'dataFolder: data\nlog: { level: error }\napi: { metrics: { port: 0 } }\nprovisioning: { enabled: false }\nlisteners: [{ transport: tls, port: 0 }]\n',
  );
  const loaded = loadConfiguration({ file, environment: {} });
  const manager = await startManager({ loaded, environment: {} });
  return { client: new ManagerClient({ kind: 'socket', path: loaded.apiSocket }), stop: () => manager.stop() };
}

describe('trustline demo', () => {
  const wire = join(artefacts, 'lo.pcapng');
  let ran: Ran;
  /** Or why there is none. */
  let dumpcap: Dumpcap | string;
  let other: Awaited<ReturnType<typeof startOther>>;
  beforeAll(async () => {
    const missing = missingPrograms('dumpcap');
    dumpcap = missing === false ? await Dumpcap.start(wire, 'udp and not port 53') : missing;
    other = await startOther();
    ran = await demo('encrypted');
    await delay(1_500); // dumpcap hands packets over in blocks
    if (typeof dumpcap !== 'string') await dumpcap.stop();
  }, 180_000);
  afterAll(() => other?.stop());

  test('proves its call within a minute, and ends with 0', () => {
    expect(broken(ran.report)).toEqual([]);
    expect(ran.code).toBe(0);
    expect(ran.report).toMatchObject({
      schema: 1,
      node: 'node-1',
      passed: true,
      level: 'encrypted',
      digitsSeenByTap: '',
      digitsReceived: ran.report.digitsSent,
      forgedAccepted: 0,
      forgedSent: 20,
      replayedAccepted: 0,
      replayedSent: 20,
      attacks: {
        // One may be overtaken by the real packet of its number, and is a replay then.
        forged: [authenticationFailed, authenticationFailed],
        replayed: [{ reasons: { replayed: 10 } }, { reasons: { replayed: 10 } }],
      },
      records: { verified: true, level: 'encrypted' },
    });
    expect(ran.report.tapCorrelation).toBeLessThan(0.05);
    expect(ran.report.keyedCorrelation).toBeGreaterThan(0.95);
    expect(ran.report.directions.every(({ secondsCompared }) => secondsCompared >= 5)).toBe(true);
    expect(ran.report.seconds).toBeLessThan(60);
  });

  test('says how each leg proved itself and who made which key', () => {
    const [caller, called] = ran.report.legs;
    expect(ran.report.legs).toMatchObject([
      {
        device: 'SEP020000001001',
        certificate: {
          subject: expect.stringContaining('CN=SEP020000001001'),
          issuer: expect.stringContaining('CAPF'),
        },
        tls: { protocol: 'TLSv1.3', group: 'X25519MLKEM768' },
        signalling: 'tls-mutual',
        proof: 'certificate',
        keying: 'sdes',
        suite: 'AEAD_AES_256_GCM',
        levelShown: 'encrypted',
      },
      { device: 'SEP020000001002', tls: { protocol: 'TLSv1.3', group: 'X25519MLKEM768' } },
    ]);
    expect(caller?.keyMade).toBe(called?.keyReceived);
    expect(called?.keyMade).toBe(caller?.keyReceived);
    expect(caller?.keyMade).not.toBe(called?.keyMade);
  });

  test('leaves sound, capture and records for its owner alone, and nothing of its manager', async () => {
    const { folder, capture } = ran.report;
    expect(readdirSync(folder).sort()).toEqual([
      '1001-heard.wav',
      '1001-said.wav',
      '1002-heard.wav',
      '1002-said.wav',
      'call.pcapng',
      'records.jsonl',
      'report.html',
      'tap-heard-of-1001.wav',
      'tap-heard-of-1002.wav',
    ]);
    expect(capture).toBe(join(folder, 'call.pcapng'));
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
      if (name.endsWith('.wav')) expect(readWavFile(join(folder, name)).samples.length, name).toBeGreaterThan(40_000);
    }
    expect((await readPackets(capture)).length).toBe(ran.report.packets);
    expect(await trustline('records', 'verify', join(folder, 'records.jsonl'))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Verified: ${ran.report.records.entries} entries`),
    });
    expect(ran.left).toEqual([]);
  });

  test('beside a manager that runs it minds its own ports and data', async () => {
    expect(await other.client.status()).toMatchObject({ devices: 0, registered: 0, calls: 0 });
  });

  test('its capture is what dumpcap saw', async ({ skip }) => {
    if (typeof dumpcap !== 'string') return await expectEqualCaptures(ran.report, wire);
    if (process.env['CI'] === 'true') throw new Error(dumpcap);
    return skip(dumpcap);
  });

  test.skipIf(missingPrograms('tshark'))('tshark reads the capture: RTP both ways, no malformed packet', () => {
    const { capture, legs } = ran.report;
    const decode = legs.flatMap(({ rtp }) => ['-d', `udp.port==${rtp.port},rtp`]);
    const rows = (filter: string) =>
      execFileSync('tshark', ['-n', '-r', capture, ...decode, '-Y', filter], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
        .split('\n')
        .filter((line) => line !== '');
    // SRTCP is nothing that tshark can know.
    const rtcp = legs.map(({ rtp }) => `udp.port==${rtp.port + 1}`).join(' || ');
    expect(rows(`(_ws.malformed || _ws.expert.severity >= 6291456) && !(${rtcp})`)).toEqual([]);
    for (const { rtp } of legs) expect(rows(`rtp && udp.srcport==${rtp.port}`).length).toBeGreaterThan(800);
  });
});

const isFull = process.env['TRUSTLINE_FULL'] === '1';
/** In full every suite is tried; the gateway's call has the one that every phone has. */
const otherSuites = isFull ? Object.keys(sdesSuites).filter((name) => name !== 'AEAD_AES_256_GCM') : [];

// Most of a run is speech: where nothing else is looked at meanwhile two go side by side.
describe.concurrent('trustline demo, with another choice,', () => {
  test.each(otherSuites)('--suite %s: proves its call as well', async (suite) => {
    const { code, report } = await demo(suite, '--suite', suite);
    expect(broken(report)).toEqual([]);
    expect(code).toBe(0);
    expect(report.legs.map((leg) => leg.suite)).toEqual([suite, suite]);
    expect(report).toMatchObject({ level: 'encrypted', digitsSeenByTap: '', forgedAccepted: 0, replayedAccepted: 0 });
  });

  test('--clear: shows a tap that hears every word and digit, and phones that take what anybody sends', async () => {
    const { code, report } = await demo('clear', '--clear');
    expect(broken(report)).toEqual([]);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      mode: 'clear',
      level: 'authenticated',
      keyedCorrelation: null,
      digitsSeenByTap: report.digitsSent,
      forgedAccepted: report.forgedSent,
      replayedAccepted: report.replayedSent,
    });
    expect(report.tapCorrelation).toBeGreaterThan(0.95);
  });
});

describe.concurrent('trustline demo --protocol sccp', () => {
  test('proves its call, and shows others: with SIP both ways, held, transferred, and without protection', async () => {
    const { code, report, left } = await demo('skinny', '--protocol', 'sccp');
    expect(broken(report)).toEqual([]);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      schema: 1,
      protocol: 'sccp',
      level: 'encrypted',
      digitsSeenByTap: '',
      forgedAccepted: 0,
      replayedAccepted: 0,
      records: { verified: true, level: 'encrypted' },
    });
    expect(report.legs.map(({ keying, signalling, tls }) => [keying, signalling, tls.protocol])).toEqual([
      ['sccp', 'tls-mutual', 'TLSv1.3'],
      ['sccp', 'tls-mutual', 'TLSv1.3'],
    ]);
    expect(report.tapCorrelation).toBeLessThan(0.05);
    expect(report.keyedCorrelation).toBeGreaterThan(0.95);
    expect(report.scenes).toMatchObject([
      { name: 'to-sip', from: '1001', to: '1003', levelsShown: ['encrypted', 'encrypted'], keysAgree: true },
      { name: 'from-sip', from: '1003', to: '1001', levelsShown: ['encrypted', 'encrypted'], keysAgree: true },
      {
        name: 'held-and-transferred',
        from: '1002',
        to: '1003',
        hold: { packets: 0, goesOn: true, keysAreNew: true },
        keysAreNew: true,
      },
      { name: 'open-lock', from: '1001', to: '1004', levelsShown: ['non-secure', 'non-secure'], suite: 'clear' },
    ]);
    for (const { name, tap } of report.scenes) {
      if (name === 'open-lock') expect(tap.lowest).toBeGreaterThan(0.95);
      else expect(tap.highest).toBeLessThan(0.05);
    }
    expect(left).toEqual([]);
  }, 180_000);
});

describe.concurrent('trustline demo --gateway', () => {
  const gatewayDemo = async (name: string, ...args: string[]) => {
    const { code, report, ...said } = await demo(name, '--gateway', ...args);
    const { checks, ...rest } = report as unknown as GatewayDemoReport;
    expect(checks.filter(({ holds }) => !holds)).toEqual([]);
    return { code, report: { ...rest, checks }, ...said };
  };

  test('--no-ipsec: not an octet leaves for the gateway, and the call is refused with the reason', async () => {
    const { code, report } = await gatewayDemo('gateway-withheld', '--no-ipsec');
    expect(code).toBe(0);
    expect(report).toMatchObject({
      mode: 'withheld',
      answered: false,
      ipsecProven: false,
      keysOnWire: 0,
      signallingOverheard: 0,
      packets: 0,
      demarcation: null,
      tapCorrelation: null,
      level: null,
      records: { verified: true },
    });
    expect(report.reason).toMatch(/IPsec to \S+ is not proven/);
  });

  test('--allow-clear: shown as non-secure, heard by a tap, and no key on the wire', async () => {
    const { code, report } = await gatewayDemo('gateway-clear', '--allow-clear', '--protocol', 'sccp');
    expect(code).toBe(0);
    expect(report).toMatchObject({
      mode: 'clear',
      level: 'non-secure',
      levelShown: 'non-secure',
      ipsecProven: false,
      keysOnWire: 0,
      demarcation: expect.stringMatching(/^not protected to gateway gw1, port 0\/1:\d+; beyond it the public network$/),
    });
    expect(report.signallingOverheard).toBeGreaterThan(100);
    expect(report.tapCorrelation).toBeGreaterThan(0.95);
  });

  test.skipIf(process.env['CI'] !== 'true' && withoutIpsec() !== undefined)(
    'as root: encrypted up to the gateway by a proof of IPsec; the wire has IKE, ESP and SRTP, and no key (needs root)',
    async () => {
      const { code, report } = await gatewayDemo('gateway-protected');
      expect(code).toBe(0);
      expect(report).toMatchObject({
        mode: 'protected',
        level: 'encrypted',
        levelShown: 'encrypted',
        suite: 'AES_CM_128_HMAC_SHA1_80',
        ipsecProven: true,
        keysOnWire: 0,
        demarcation: expect.stringMatching(/^encrypted to gateway gw1, port 0\/1:\d+; beyond it the public network$/),
        wire: { others: [] },
      });
      expect(report.wire?.esp).toBeGreaterThan(0);
      expect(report.tapCorrelation).toBeLessThan(0.05);
      expect(report.heardBackCorrelation).toBeGreaterThan(0.6);
    },
  );
});

describe.concurrent('trustline demo, sabotaged,', () => {
  test('fails when the phones’ cipher does nothing while the signalling says encrypted', async () => {
    const { code, report } = await demo('sabotage-srtp', '--sabotage', 'srtp');
    expect(code).toBe(1);
    expect(report).toMatchObject({ passed: false, sabotage: 'srtp', level: 'encrypted' });
    // With the keys it decrypts what was never encrypted; without them it hears and reads everything.
    expect(broken(report)).toEqual(['tap-without-keys', 'tap-with-keys', 'digits-seen-by-tap', 'audited']);
    expect(report.digitsSeenByTap).toBe(report.digitsSent);
    expect(report.tapCorrelation).toBeGreaterThan(0.95);
  });

  test.runIf(isFull)('fails when the key is handed to the tap', async () => {
    const { code, report } = await demo('sabotage-keys', '--sabotage', 'keys');
    expect(code).toBe(1);
    expect(report).toMatchObject({ passed: false, sabotage: 'keys', digitsSeenByTap: report.digitsSent });
    expect(broken(report)).toEqual(['tap-without-keys', 'digits-seen-by-tap']);
    expect(report.tapCorrelation).toBeGreaterThan(0.95);
  });
});

test('an interrupted run leaves no key and no data of its manager behind', async () => {
  const temporary = newTemporary();
  const child = spawn(process.execPath, [main, 'demo', '--out', join(artefacts, 'interrupted')], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const text of child.stderr.setEncoding('utf8') as AsyncIterable<string>) {
    if (text.includes('registered')) break;
  }
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect((await ended)[0]).toBe(130);
  expect(readdirSync(temporary)).toEqual([]);
});

test('a folder that holds something is not written to', async () => {
  writeFileSync(join(artefacts, 'evidence'), 'of yesterday');
  const { code, stdout, stderr } = await trustline('demo', '--out', artefacts);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^trustline: The folder .* is not empty\.\n {2}next: /m);
});

/** Every datagram at the phones' sockets, in our capture and on the wire. */
async function expectEqualCaptures({ capture, legs }: DemoReport, wire: string): Promise<void> {
  const phones = new Set(legs.flatMap(({ rtp }) => [rtp.port, rtp.port + 1]));
  const ours = await datagramsIn(capture);
  // The system may give the same ports to others, before and after.
  const [from = 0, to = 0] = [ours[0]?.at, ours.at(-1)?.at];
  const margin = 50_000;
  const theirs = (await datagramsIn(wire)).filter(
    ({ at, source, destination }) =>
      at > from - margin && at < to + margin && (phones.has(source) || phones.has(destination)),
  );
  const sentByPhones = ({ source }: Datagram) => phones.has(source);
  const sentByOthers = (datagram: Datagram) => !sentByPhones(datagram);
  const texts = (datagrams: readonly Datagram[]) => datagrams.map(({ text }) => text).sort();
  const outbound = ours.filter(({ direction }) => direction === 'outbound');
  const inbound = ours.filter(({ direction }) => direction === 'inbound');
  expect(outbound.length).toBeGreaterThan(1_000);
  expect(texts(outbound)).toEqual(texts(theirs.filter(sentByPhones)));
  expect(texts(inbound.filter(sentByOthers))).toEqual(texts(theirs.filter(sentByOthers)));
  expect(inbound.filter(sentByOthers)).toHaveLength(40);
  // What came in is what was sent, but for goodbyes to a phone that has closed its sockets.
  const sent = new Set(texts(theirs));
  expect(texts(inbound).filter((text) => !sent.has(text))).toEqual([]);
  expect(inbound.filter(sentByPhones).length).toBeGreaterThan(outbound.length - 10);
}

interface Datagram {
  readonly at: number;
  readonly source: number;
  readonly destination: number;
  readonly direction: string | undefined;
  /** Ports and payload, to be compared. */
  readonly text: string;
}

async function datagramsIn(path: string): Promise<Datagram[]> {
  return (await readPackets(path)).flatMap(({ interface: { linkType }, data, direction, time }) => {
    const frame = decodeDatagram(linkType, data);
    if (frame === undefined) return [];
    const [source, destination] = [frame.source.port, frame.destination.port];
    const text = `${source} ${destination} ${Buffer.from(frame.payload).toString('hex')}`;
    return [{ at: time?.microseconds ?? 0, source, destination, direction, text }];
  });
}
