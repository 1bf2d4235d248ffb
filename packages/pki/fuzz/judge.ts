import { readFileSync } from 'node:fs';
import {
  decodeCertificatesPem,
  judgeDeviceCertificate,
  judgeOperatorCertificate,
  LabTrustSource,
  PkiError,
  readCertificate,
} from '@trustline/pki';

const now = Date.UTC(2027, 0, 1);

/** A CAPF CA and an LSC of it, made once by OpenSSL; see vectors/README.md. */
const [leaf = new Uint8Array(), authority = new Uint8Array()] = decodeCertificatesPem(
  readFileSync(new URL('../vectors/lsc-chain.pem', import.meta.url), 'utf8'),
);
const issuer = readCertificate(authority);
const trust = new LabTrustSource({
  securityMode: 'mixed',
  notice: 'lab trust',
  issuers: {
    'locally-significant': [issuer],
    manufacturer: [],
    operator: [],
    trunk: [],
    callmanager: [],
    'outside-lsc': [],
  },
  registrationProofs: ['LSC'],
  pins: [],
  revocations: [],
  phoneTrustBundle: [],
});
if (!judgeDeviceCertificate(trust, [leaf], now).accepted) throw new Error('the sample itself must be believed');

/** Whatever a peer presents is judged, never thrown over, and believed only when it is the sample to the last octet. */
export function fuzz(data: Uint8Array): void {
  judgeAs([data]);
  judgeAs([leaf.subarray(0, data.length), data]);
  const changed = Uint8Array.from(leaf);
  for (let at = 0; at + 2 < data.length; at += 3) {
    const position = ((data[at] ?? 0) * 256 + (data[at + 1] ?? 0)) % changed.length;
    changed[position] = (changed[position] ?? 0) ^ (data[at + 2] ?? 0);
  }
  judgeAs([changed, data, authority]);
  readText(String.fromCharCode(...data.subarray(0, 1000)));
}

function judgeAs(chain: readonly Uint8Array[]): void {
  const isSample = Buffer.from(chain[0] ?? []).equals(leaf);
  const { accepted } = judgeDeviceCertificate(trust, chain, now);
  if (accepted && !isSample) throw new Error('believed what is not the sample');
  if (judgeOperatorCertificate(trust, chain, now).accepted) throw new Error('believed an operator');
}

function readText(text: string): void {
  try {
    decodeCertificatesPem(`-----BEGIN CERTIFICATE-----${text}-----END CERTIFICATE-----`);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
  }
}
