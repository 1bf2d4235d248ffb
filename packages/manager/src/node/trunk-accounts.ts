import { resolve } from 'node:path';
import { readPassphrase } from '@trustline/pki/node';
import { formatHost, parseSipUri } from '@trustline/sip';
import type { Configuration } from '../configuration/schema.ts';
import type { TrunkAccount, TrunkCredentials } from '../trunks/trunk-accounts.ts';

type TrunkConfiguration = Configuration['trunks'][number];
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads what trunks know the manager by, passwords included.
 *
 * @param base folder that the paths of the configuration are relative to
 * @throws {PkiError} when a password cannot be read, or others can read its file
 */
export function readTrunkAccounts(
  trunks: readonly TrunkConfiguration[],
  base: string,
  environment: Environment,
): Promise<readonly TrunkAccount[]> {
  const wanted = trunks.filter(({ credentials, registration }) => credentials ?? registration);
  return Promise.all(
    wanted.map(async (trunk) => ({
      device: trunk.device,
      credentials: await credentialsOf(trunk, base, environment),
      registration: registrationOf(trunk),
    })),
  );
}

async function credentialsOf(
  { credentials }: TrunkConfiguration,
  base: string,
  environment: Environment,
): Promise<TrunkCredentials | undefined> {
  if (credentials === undefined) return undefined;
  const { username, passwordFile, passwordVariable = '', md5, clear } = credentials;
  const source =
    passwordFile === undefined
      ? ({ kind: 'environment', variable: passwordVariable } as const)
      : ({ kind: 'file', path: resolve(base, passwordFile) } as const);
  const password = await readPassphrase(source, environment);
  return password && { username, password, md5, clear };
}

/** Registered is, if nothing else is said, the user name at the trunk's own name. */
function registrationOf({ address, credentials, registration }: TrunkConfiguration): TrunkAccount['registration'] {
  if (registration === undefined) return undefined;
  const usual = `sip:${credentials?.username ?? ''}@${formatHost(parseSipUri(address ?? '')?.host ?? '')}`;
  return { addressOfRecord: registration.addressOfRecord ?? usual, expires: registration.seconds };
}
