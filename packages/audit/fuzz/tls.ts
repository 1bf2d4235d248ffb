import { KeyMaterial } from '../src/keys/key-material.ts';
import { TlsSecrets } from '../src/secure-transport/tls/secrets.ts';
import { TlsReader } from '../src/secure-transport/tls/tls-reader.ts';

/** Secrets of the connection whose client sends a random of zeros: mutated hellos with it are opened, or tried. */
const random = '00'.repeat(32);
const lines = [
  `CLIENT_RANDOM ${random} ${'01'.repeat(48)}`,
  ...['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_EARLY_TRAFFIC_SECRET'].map(
    (label) => `${label} ${random} ${'02'.repeat(32)}`,
  ),
  ...['CLIENT_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0'].map((label) => `${label} ${random} ${'03'.repeat(32)}`),
];
const material = new KeyMaterial();
material.add(lines.join('\n'));

/** Cuts the octets into what two sides say and what of it was lost: two octets before each part choose. */
export function fuzz(data: Uint8Array): void {
  let given = 0;
  const reader = new TlsReader({
    secrets: new TlsSecrets(material),
    inner: { data: (_from, octets) => (given += octets.byteLength), gap: () => {}, ended: () => {} },
  });
  let number = 0;
  for (let at = 0; at < data.byteLength; ) {
    const [choice = 0, length = 0] = data.subarray(at, at + 2);
    const from = (choice & 1) === 0 ? 'client' : 'server';
    const place = { number: ++number, microseconds: 0 };
    if ((choice & 6) === 6) reader.gap(from, 1 + length, place);
    else reader.data(from, data.subarray(at + 2, at + 2 + length), place);
    at += (choice & 6) === 6 ? 2 : 2 + length;
  }
  for (const side of ['client', 'server'] as const) reader.ended(side, { number, microseconds: 0 });
  reader.facts();
  if (given > data.byteLength) throw new Error('more was read than was there');
}
