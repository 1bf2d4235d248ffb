import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CredentialsAnswer } from '@trustline/manager';
import { baresipAccounts, baresipConfig, files } from './baresip.ts';

/** Writes what a phone needs to register, readable by its owner alone; returns the folder's absolute path. */
export function writeCredentials(credentials: CredentialsAnswer, out: string): string {
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    chmodSync(path, 0o600); // a file that was there keeps its mode otherwise
  };
  const { proof, trustBundlePem } = credentials;
  if (proof.kind === 'certificate') {
    write(files.certificate, proof.certificatePem);
    write(files.key, proof.privateKeyPem);
    write(files.trust, trustBundlePem);
    write(files.both, proof.certificatePem + proof.privateKeyPem);
    write(files.pkcs12, Buffer.from(proof.pkcs12, 'base64'));
  }
  write('config', baresipConfig(credentials, folder));
  write('accounts', baresipAccounts(credentials));
  return folder;
}
