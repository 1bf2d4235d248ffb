/** A manager elsewhere, as an operator names it: what is wrong with the options is told before anything is connected to. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TrustlineError } from '@trustline/base';
import type { ApiTarget } from '@trustline/manager/node';

/** The files that `trustline operator add` writes. */
export interface OperatorFiles {
  readonly certificate: string;
  readonly key: string;
  readonly trust: string;
}

/** @throws {TrustlineError} cli.manager-address, cli.operator-files */
export function operatorTarget(manager: string, files: OperatorFiles): ApiTarget {
  const url = httpsAddress(manager);
  const certificate = readFileSync(files.certificate, 'utf8');
  const privateKey = readFileSync(files.key, 'utf8');
  const trustBundle = readFileSync(files.trust, 'utf8');
  const x509 = certificateIn('--certificate', files.certificate, certificate, 'operator.crt.pem');
  certificateIn('--trust', files.trust, trustBundle, 'trust.pem');
  if (!x509.checkPrivateKey(keyIn(files.key, privateKey))) {
    throw new TrustlineError(
      'cli.operator-files',
      `The key in ${files.key} is not that of the certificate in ${files.certificate}.`,
      { nextStep: 'Name with --certificate and --key two files of one folder: operator.crt.pem and operator.key.pem' },
    );
  }
  return { kind: 'https', url, certificate, privateKey, trustBundle };
}

function httpsAddress(manager: string): string {
  if (URL.canParse(manager) && new URL(manager).protocol === 'https:') return manager;
  const guess = `https://${manager.replace(/^[a-z]+:\/\//i, '')}`;
  throw new TrustlineError('cli.manager-address', `--manager ${manager} is no https:// address.`, {
    nextStep: `Write it with https:// and the port: --manager ${URL.canParse(guess) ? guess : 'https://192.0.2.1:5443'}`,
  });
}

function certificateIn(option: string, file: string, pem: string, usual: string): X509Certificate {
  try {
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return new X509Certificate(pem);
  } catch {
    // What stands there is said below.
  }
  throw notPem(option, file, 'certificate', usual);
}

function keyIn(file: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw notPem('--key', file, 'private key', 'operator.key.pem');
  }
}

function notPem(option: string, file: string, what: string, usual: string): TrustlineError {
  return new TrustlineError('cli.operator-files', `${file} holds no ${what} (PEM) that can be read.`, {
    nextStep: `Name with ${option} the ${usual} that trustline operator add wrote.`,
  });
}
