import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { encodeCertificatesPem } from '@trustline/pki';
import type { SipHostPort } from '@trustline/sip';
import { makeTestCertificates } from '@trustline/testing';
import { freeTcpPort, Kamailio, kamailioForPhones } from '@trustline/testing/node';
import { digestRealm } from '../src/node/digest-passwords.ts';
import { loadPassword, loadPhoneNames } from './load-phones.ts';
import type { LoadReady } from './load-server.ts';

export type Transport = 'udp' | 'tcp' | 'tls';

/** The servers have the first processor for themselves, the phones the others; nobody has where there is but one. */
export const isPinned = cpus().length > 1;
const onFirstProcessor = isPinned ? ['taskset', '-c', '0'] : [];

/** What phones that prove themselves by certificate show: one each, with a key that they share. */
export interface SecureCredentials {
  readonly certificates: readonly string[];
  readonly keyPem: string;
}

/** What a server has cost by now, all its processes together. */
export interface Usage {
  /** Milliseconds of processor time. */
  readonly processor: number;
  /** Octets in memory; what processes share counts once. */
  readonly memory: number;
}

/** A server that is measured, running, with devices of one kind. */
export interface Contender {
  readonly target: SipHostPort;
  readonly secure: SecureCredentials;
  /** With its garbage collected, where it has any. */
  settled(): Promise<Usage>;
  /** As it is at the moment. */
  usage(): Usage;
  stop(): Promise<void>;
}

export async function startManagerContender(transport: Transport, devices: number): Promise<Contender> {
  const script = fileURLToPath(new URL('load-server.ts', import.meta.url));
  const counts = transport === 'tls' ? [0, devices] : [devices, 0];
  // As this process, which `npm run bench` starts as a manager is started.
  const runtime = [process.execPath, ...process.execArgv];
  const [command = '', ...args] = [...onFirstProcessor, ...runtime, script, ...counts.map(String)];
  const server: ChildProcessByStdio<Writable, Readable, null> = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? 'null');
  const ready = (await next()) as LoadReady;
  const usage = () => usageOf(server.pid ?? 0);
  return {
    target: { host: '127.0.0.1', port: ready.ports[transport] },
    secure: ready,
    usage,
    async settled() {
      server.stdin.write('\n');
      await next();
      return usage();
    },
    async stop() {
      server.stdin.end();
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}

export async function startKamailioContender(transport: Transport, devices: number): Promise<Contender> {
  const directory = mkdtempSync(join(tmpdir(), 'trustline-kamailio-'));
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const secure: { certificates: string[]; keyPem: string } = { certificates: [], keyPem: '' };
  let tls: Parameters<typeof kamailioForPhones>[0]['tls'];
  if (transport === 'tls') {
    const made = await makeTestCertificates();
    const { certificatePem, privateKeyPem } = made.callManager.ecdsa;
    tls = {
      certificate: file('server.pem', certificatePem),
      privateKey: file('server-key.pem', privateKeyPem),
      trust: file('trust.pem', encodeCertificatesPem(made.document.issuers['locally-significant'])),
    };
    for (const { device } of loadPhoneNames('secure', devices)) {
      const identity = await made.device(device);
      secure.certificates.push(identity.certificatePem);
      secure.keyPem = identity.privateKeyPem;
    }
  }
  const port = await freeTcpPort();
  const configuration = kamailioForPhones({
    port,
    transport,
    realm: digestRealm,
    password: loadPassword,
    digestAlgorithm: 'SHA-256',
    workers: 1,
    ...(tls === undefined ? {} : { tls }),
  });
  const kamailio = await Kamailio.start({ directory, port, configuration, wrapper: onFirstProcessor });
  const usage = () => usageOf(kamailio.processId);
  return {
    target: kamailio.target,
    secure,
    usage,
    settled: async () => usage(),
    async stop() {
      await kamailio.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Milliseconds in one tick of the kernel's accounting. */
const tick = 10;

/** A process and those that it has started. */
function usageOf(processId: number): Usage {
  const family = [processId];
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), fieldsOf(Number(name))?.[1]]),
  );
  for (const member of family) for (const [id, parent] of parents) if (Number(parent) === member) family.push(id);
  let [processor, memory] = [0, 0];
  for (const member of family) {
    const fields = fieldsOf(member);
    if (fields === undefined) continue;
    processor += (Number(fields[11]) + Number(fields[12])) * tick;
    const [, kilobytes = '0'] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${member}/smaps_rollup`, 'utf8')) ?? [];
    memory += Number(kilobytes) * 1_024;
  }
  return { processor, memory };
}

/** What `/proc/PID/stat` says after the name: state, parent, …, with user and system time as fields 11 and 12. */
function fieldsOf(processId: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // it has ended meanwhile
  }
}
