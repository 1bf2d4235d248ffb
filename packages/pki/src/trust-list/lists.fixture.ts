import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Craft, type Crafted, craft, craftedNow } from '../crafted-certificate.fixture.ts';
import type { HeldTrust } from './acceptance-types.ts';
import { buildTrustList, type RecordRequest, type TrustListRequest } from './build.ts';
import { parseTrustList } from './parse.ts';
import { type SignOctets, signFile } from './sign.ts';
import type { TrustList } from './types.ts';

/** Vectors of this room; see `vectors/README.md`. */
export const vector = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../vectors/trust-files/${name}`, import.meta.url)));

/** The moment of all lists that are made here, in seconds: that of the crafted certificates. */
export const listNow = craftedNow / 1000;

const keys = new Map<number, KeyObject>();

/** Lists and files are signed by RSA keys; tests share one, for certificates tell who is who. */
function rsaKey(which: number): KeyObject {
  const key = keys.get(which) ?? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  keys.set(which, key);
  return key;
}

export async function rsaCertificate(commonName: string, which = 0, how: Craft = {}): Promise<Crafted> {
  return craft({ commonName, privateKey: rsaKey(which), ...how });
}

export const signWith =
  (key: KeyObject): SignOctets =>
  async (digest, octets) =>
    new Uint8Array(sign(digest === 'SHA-1' ? 'sha1' : 'sha512', octets, key));

/** The people and servers of a small cluster. */
export async function makeCast() {
  return {
    token1: await rsaCertificate('SAST-1'),
    token2: await rsaCertificate('SAST-2', 1),
    strangersToken: await rsaCertificate('SAST-9', 2),
    expiredToken: await rsaCertificate('SAST-old', 0, { notAfter: craftedNow - 86_400_000 }),
    futureToken: await rsaCertificate('SAST-new', 0, { notBefore: craftedNow + 86_400_000 }),
    node1: await rsaCertificate('node-1', 1),
    node2: await rsaCertificate('node-2', 2),
    capf: await rsaCertificate('CAPF', 0),
    tvs: await rsaCertificate('TVS', 1),
  };
}

export type Cast = Awaited<ReturnType<typeof makeCast>>;

export const tokenRecord = ({ certificate }: Crafted): RecordRequest => ({ role: 'SAST', dnsName: '', certificate });

/** A list, signed; the signer is put in front of the records as a SAST unless it is there. */
export async function makeList(
  kind: TrustListRequest['kind'],
  signer: Crafted,
  records: readonly RecordRequest[],
  more: Partial<TrustListRequest> = {},
): Promise<Uint8Array> {
  const { certificate, privateKey } = signer;
  const isThere = records.some((record) => record.role === 'SAST' && record.certificate === certificate);
  const request: TrustListRequest = {
    kind,
    timestamp: listNow,
    digest: 'SHA-1',
    signer: certificate,
    records: isThere ? records : [tokenRecord(signer), ...records],
    ...more,
  };
  return signFile(buildTrustList(request), signWith(privateKey));
}

export function parsed(octets: Uint8Array): TrustList {
  const read = parseTrustList(octets);
  if (!read.ok) throw new Error(read.message);
  return read.list;
}

export const holding = (ctl: Uint8Array | undefined, itl?: Uint8Array): HeldTrust => ({
  ctl: ctl === undefined ? undefined : parsed(ctl),
  itl: itl === undefined ? undefined : parsed(itl),
});
