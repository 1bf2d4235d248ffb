import { readFileSync } from 'node:fs';
import { decodeCertificatesPem, judgeOcspResponse, readCertificate } from '@trustline/pki';

const now = Date.UTC(2027, 0, 1);
const vector = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../vectors/revocation/${name}`, import.meta.url)));

/** What a responder answered, and whom it was about, by OpenSSL; see vectors/README.md. */
const sample = vector('response.der');
const [leaf = new Uint8Array(), authority = new Uint8Array()] = decodeCertificatesPem(
  new TextDecoder().decode(vector('chain.pem')),
);
const question = {
  certificate: readCertificate(leaf),
  issuer: readCertificate(authority),
  nonce: new Uint8Array(32),
};
const judged = judgeOcspResponse(question, sample, undefined, now);
if (!judged.accepted || judged.answer.revoked === undefined) throw new Error('the sample itself must be believed');
const said = JSON.stringify(judged.answer);

/** Whatever a responder sends is judged, never thrown over, and what is believed says what the sample says. */
export function fuzz(data: Uint8Array): void {
  judge(data);
  judge(Uint8Array.of(...sample.subarray(0, data.length), ...data));
  const changed = Uint8Array.from(sample);
  for (let at = 0; at + 2 < data.length; at += 3) {
    const position = ((data[at] ?? 0) * 256 + (data[at + 1] ?? 0)) % changed.length;
    changed[position] = (changed[position] ?? 0) ^ (data[at + 2] ?? 0);
  }
  judge(changed);
}

function judge(octets: Uint8Array): void {
  const judgment = judgeOcspResponse(question, octets, undefined, now);
  if (judgment.accepted && JSON.stringify(judgment.answer) !== said) throw new Error('believed what nobody said');
}
