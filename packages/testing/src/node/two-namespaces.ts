import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, type CertificateRole, issueCertificate } from '@trustline/pki';

/** Two network namespaces with one wire between them: what the machines of a manager and of a gateway are. */
export interface TwoNamespaces {
  readonly manager: NamespaceEnd;
  readonly gateway: NamespaceEnd;
  /** A folder of the test, made and taken away with the namespaces. */
  readonly folder: string;
  /** Starts a program in one of the two; it is killed with them. */
  run(end: 'manager' | 'gateway', program: string, parameters: readonly string[]): ChildProcess;
  close(): void;
}

export interface NamespaceEnd {
  readonly namespace: string;
  readonly address: string;
  readonly address6: string;
  /** Further ones of the same network, outside of every tunnel unless it is said. */
  readonly others: readonly [string, string];
  readonly device: string;
}

/** Needs the rights of the administrator, which it says when it has none. */
export function makeTwoNamespaces(): TwoNamespaces {
  if (process.getuid?.() !== 0) throw new Error('This test makes network namespaces: run it as root (CAP_NET_ADMIN)');
  const suffix = `${process.pid}-${randomBytes(2).toString('hex')}`;
  const [a, b] = [`tl-m-${suffix}`, `tl-g-${suffix}`];
  const ip = (...parameters: string[]) => execFileSync('ip', parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  for (const namespace of [a, b]) {
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
  }
  ip('-n', a, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', b);
  const ends = {
    manager: {
      namespace: a,
      address: '10.98.0.1',
      address6: 'fd98::1',
      others: ['10.98.0.11', '10.98.0.21'],
      device: 'wire',
    },
    gateway: {
      namespace: b,
      address: '10.98.0.2',
      address6: 'fd98::2',
      others: ['10.98.0.12', '10.98.0.22'],
      device: 'wire',
    },
  } as const;
  for (const { namespace, address, address6, others } of [ends.manager, ends.gateway]) {
    for (const one of [address, ...others]) ip('-n', namespace, 'address', 'add', `${one}/24`, 'dev', 'wire');
    // Without the detection of duplicates, which takes seconds.
    ip('-n', namespace, 'address', 'add', `${address6}/64`, 'dev', 'wire', 'nodad');
    ip('-n', namespace, 'link', 'set', 'wire', 'up');
  }
  const folder = mkdtempSync(join(tmpdir(), 'trustline-ipsec-'));
  const running: ChildProcess[] = [];
  return {
    ...ends,
    folder,
    run: (end, program, parameters) => {
      const child = spawn('ip', ['netns', 'exec', end === 'manager' ? a : b, program, ...parameters], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      running.push(child);
      return child;
    },
    close: () => {
      for (const child of running) child.kill('SIGKILL');
      for (const namespace of [a, b]) ip('netns', 'delete', namespace);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface IpsecIdentity {
  readonly identity: string;
  readonly certificate: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** An authority for IPsec and what it issues. */
export async function makeIpsecAuthority(): Promise<{
  readonly certificate: Uint8Array;
  issue(identity: string): Promise<IpsecIdentity>;
}> {
  const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const authority = await issue('ipsec-ca', 'Test IPsec CA', privateKey, undefined);
  return {
    certificate: authority.der,
    issue: async (identity) => {
      const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
      const certificate = await issue('ipsec', identity, key, {
        kind: 'authority',
        certificate: authority,
        privateKey,
      });
      return { identity, certificate: certificate.der, privateKey: key.export({ type: 'pkcs8', format: 'der' }) };
    },
  };
}

async function issue(
  role: CertificateRole,
  commonName: string,
  key: KeyObject,
  signer: Parameters<typeof issueCertificate>[1] | undefined,
): Promise<Certificate> {
  return await issueCertificate(
    {
      role,
      commonName,
      organization: 'Trustline test',
      subjectNames: role === 'ipsec' ? [{ kind: 'dns', value: commonName }] : [],
      publicKey: createPublicKey(key),
    },
    signer ?? { kind: 'self', privateKey: key },
    { now: Date.now(), random: randomBytes },
  );
}
