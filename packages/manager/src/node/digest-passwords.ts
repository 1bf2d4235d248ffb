import { createHash, randomBytes } from 'node:crypto';
import { Redacted } from '@trustline/base';
import type { ManagerContext } from './parts.ts';
import type { DigestSecret, StoredDevice } from './store/devices.ts';

/** The protection space of digest authentication (RFC 7616 §3.3); part of every stored H(A1), so it never changes. */
export const digestRealm = 'trustline';

/** Letters and digits that nobody confuses on a phone's keypad or a printed sheet: 32, so 5 bits of an octet each. */
const passwordAlphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
/** 120 bits. */
const passwordLength = 24;

type Context = Pick<ManagerContext, 'cluster' | 'configuration'>;

/** Another digest password for a device, with what is stored of it. */
export async function newDigestPassword(
  context: Context,
  device: string,
): Promise<{ readonly password: Redacted<string>; readonly digest: DigestSecret }> {
  const salt = randomBytes(16).toString('hex');
  const password = await derive(context, device, salt);
  return { password, digest: digestSecret(context, device, password, salt) };
}

/**
 * The digest password of a device, for its encrypted configuration. It is kept nowhere: it is derived from a key of the
 * cluster and the salt in the store. Undefined for one that was made before passwords were derived: nobody knows it here.
 */
export async function digestPasswordOf(
  context: Context,
  { name, digest }: Pick<StoredDevice, 'name' | 'digest'>,
): Promise<Redacted<string> | undefined> {
  return digest?.salt === undefined ? undefined : derive(context, name, digest.salt);
}

/**
 * Gives a password to every device of an earlier version that has none, and the H(A1) of MD5 to those that had theirs
 * made before a listener took MD5.
 */
export async function completeDigestPasswords(context: Context & Pick<ManagerContext, 'store'>): Promise<void> {
  for (const { name, digest } of await context.store.devices.list()) {
    if (digest === undefined) {
      await context.store.devices.setDigest(name, (await newDigestPassword(context, name)).digest);
    } else if (digest.salt !== undefined && digest.md5 === undefined && takesMd5(context)) {
      const password = await derive(context, name, digest.salt);
      await context.store.devices.setDigest(name, digestSecret(context, name, password, digest.salt));
    }
  }
}

/** A password that nothing is derived from and nobody keeps, in the same letters. */
export function randomPassword(): string {
  return spelled(randomBytes(passwordLength));
}

async function derive({ cluster }: Context, device: string, salt: string): Promise<Redacted<string>> {
  const secret = await cluster.deriveSecret(`digest password of ${device} in ${digestRealm}, ${salt}`, passwordLength);
  return new Redacted(spelled(secret.reveal()));
}

/** H(A1) of the device's name as user (RFC 7616 §3.4.2); of MD5 only where a listener takes it (RFC 8760). */
function digestSecret(context: Context, user: string, password: Redacted<string>, salt: string): DigestSecret {
  const hash = (algorithm: string) =>
    createHash(algorithm).update(`${user}:${digestRealm}:${password.reveal()}`).digest('hex');
  return { realm: digestRealm, sha256: hash('sha256'), md5: takesMd5(context) ? hash('md5') : undefined, salt };
}

function takesMd5({ configuration }: Pick<ManagerContext, 'configuration'>): boolean {
  return configuration.listeners.some(
    (listener) => 'digestAlgorithms' in listener && listener.digestAlgorithms.includes('MD5'),
  );
}

function spelled(octets: Uint8Array): string {
  return Array.from(octets, (octet) => passwordAlphabet[octet % passwordAlphabet.length]).join('');
}
