import type { ManagerContext } from '../parts.ts';
import { opensFiles } from '../provisioning/encrypted-form.ts';
import type { StoredDevice } from '../store/devices.ts';

/** Why a secure phone cannot register while the cluster is not in mixed mode, and what to do about it. */
export interface LeftBehind {
  readonly device: string;
  readonly reason: 'no-certificate' | 'unsuited-key' | 'no-listener';
  /** One sentence without its stop. */
  readonly words: string;
  readonly nextStep: string;
}

/**
 * The secure phones that do not follow the cluster out of mixed mode by themselves. There they register by digest, and
 * the password reaches them in a file that is encrypted to their LSC, or not at all.
 */
export async function leftBehind(
  context: Pick<ManagerContext, 'store' | 'configuration'>,
): Promise<readonly LeftBehind[]> {
  const { store, configuration } = context;
  const takesClear = configuration.listeners.some(({ transport }) => transport === 'udp' || transport === 'tcp');
  const certificates = await store.enrolments.certificates();
  const secure = (await store.devices.list()).filter(
    ({ kind, securityMode }) => kind === 'phone' && securityMode !== 'non-secure',
  );
  return secure.flatMap((device) => why(device, certificates.get(device.name), takesClear) ?? []);
}

/** Says of each phone that the cluster leaves behind why, and what to do. It goes on by TLS while it is connected. */
export async function tellLeftBehind({ journal }: Pick<ManagerContext, 'journal'>, behind: readonly LeftBehind[]) {
  for (const { device, reason, words, nextStep } of behind) {
    const cause = `${device} cannot register while the cluster is non-secure: ${words}.`;
    await journal.event('phone-left-behind', { device, reason, cause, nextStep });
  }
}

function why({ name }: StoredDevice, certificate: Uint8Array | undefined, takesClear: boolean): LeftBehind | undefined {
  if (!takesClear) {
    return {
      device: name,
      reason: 'no-listener',
      words: 'no listener takes phones without TLS',
      nextStep: 'Add a listener with transport tcp under listeners in trustline.yaml, and start the manager again.',
    };
  }
  if (certificate === undefined) {
    return {
      device: name,
      reason: 'no-certificate',
      words: 'CAPF has issued it no certificate (LSC) to which its digest password could be encrypted',
      nextStep: `Let it enrol, then restart it: trustline enrolment open ${name} --by mic (or --by string)`,
    };
  }
  if (!opensFiles(certificate)) {
    return {
      device: name,
      reason: 'unsuited-key',
      words: 'the key of its certificate (LSC) is not RSA, and phone files are encrypted to RSA keys alone',
      nextStep: `Let it get another, then restart it: trustline enrolment open ${name} --by certificate --key-kind RSA-2048`,
    };
  }
  return undefined;
}
