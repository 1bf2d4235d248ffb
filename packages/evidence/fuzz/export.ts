import { createPrivateKey, createPublicKey } from 'node:crypto';
import {
  appendEntry,
  ExportVerifier,
  ed25519Signer,
  emptyChain,
  exportEntryLine,
  exportHeaderLine,
  parseHead,
  securityEvent,
} from '../src/index.ts';

const at = '2026-11-23T18:42:00.000Z';
// A key of no secrecy, the same in every run: PKCS#8 around a seed of ones (RFC 8410 §7).
const der = Uint8Array.from(atob('MC4CAQAwBQYDK2VwBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB'), (c) =>
  c.charCodeAt(0),
);
const privateKey = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
const publicKey = createPublicKey(privateKey);
const genuine = exportOf(3);

/** Nothing but a genuine export holds, and any octets are a verdict. */
export function fuzz(data: Uint8Array): void {
  const verifier = new ExportVerifier({ publicKey });
  const size = 1 + (data.at(-1) ?? 0);
  for (let from = 0; from < data.byteLength; from += size) verifier.push(data.subarray(from, from + size));
  const verdict = verifier.finish();
  const text = new TextDecoder().decode(data);
  const lineEnd = text.indexOf('\n') + 1;
  parseHead(text);
  if (!verdict.ok) return;
  // Without a head a genuine beginning holds too; what an unsigned header of schema 1 says of node and time, anybody wrote.
  if (!genuine.includes(text.slice(lineEnd))) throw new Error('a forged export holds');
  if (verdict.headerSigned && !genuine.startsWith(text.slice(0, lineEnd))) throw new Error('a forged header holds');
}

export function corpus(): Uint8Array[] {
  const unsigned = genuine.replace(/,"signature":"[0-9a-f]+"}/, '}').replace('"schema":2', '"schema":1');
  return [...[0, 1, 3].map(exportOf), unsigned].map((text) => new TextEncoder().encode(text));
}

function exportOf(count: number): string {
  const sign = ed25519Signer(privateKey);
  let text = exportHeaderLine({ publicKey, node: 'node-1', at, sign });
  let state = emptyChain(publicKey);
  for (let index = 0; index < count; index++) {
    const event = securityEvent('started', { at, node: 'node-1', cause: `Start ${index}.` });
    const appended = appendEntry(state, { kind: 'event', event }, { at, salt: new Uint8Array(32).fill(index), sign });
    text += exportEntryLine(appended.entry);
    state = appended.state;
  }
  return text;
}
