import { resolve } from 'node:path';
import type { CredentialsAnswer } from '@trustline/manager';
import { baresipAccounts, baresipConfig, files, skinnyAccounts } from './baresip.ts';
import { type FolderOptions, type SecretFile, writeSecretFiles } from './secret-files.ts';

/** Every file that a folder of credentials may hold. */
export const credentialFiles: readonly string[] = [...Object.values(files), 'config', 'accounts'];

/** Writes what a phone needs to register, readable by its owner alone; returns the folder's absolute path. */
export function writeCredentials(credentials: CredentialsAnswer, options: FolderOptions): string {
  const { proof, trustBundlePem } = credentials;
  const certificate: readonly SecretFile[] =
    proof.kind !== 'certificate'
      ? []
      : [
          [files.certificate, proof.certificatePem],
          [files.key, proof.privateKeyPem],
          [files.trust, trustBundlePem],
          [files.both, proof.certificatePem + proof.privateKeyPem],
          [files.pkcs12, Buffer.from(proof.pkcs12, 'base64')],
        ];
  const isSkinny = credentials.device.protocol === 'sccp';
  if (isSkinny) return writeSecretFiles(options, [...certificate, ['accounts', skinnyAccounts(credentials)]]);
  return writeSecretFiles(options, [
    ...certificate,
    ['config', baresipConfig(credentials, resolve(options.out))],
    ['accounts', baresipAccounts(credentials)],
  ]);
}
