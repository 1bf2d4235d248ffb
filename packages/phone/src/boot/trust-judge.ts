import { createPrivateKey } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import {
  type AcceptanceOptions,
  certificatesFor,
  type HeldTrust,
  isReleasingList,
  judgeOfferedFile,
  judgeOfferedList,
  judgeServerByLists,
  parseTrustList,
  rolesForService,
  type TrustList,
} from '@trustline/pki';
import { PhoneError } from '../error.ts';
import type { CallManagerTrust, HeldLists, JudgingContext, TrustJudge } from './judge.ts';

/**
 * The rules of `@trustline/pki`, by which our phone believes and by which a manager simulates phones.
 *
 * Every function throws {@link PhoneError} phone.state-damaged when a list that is held cannot be read: a phone that
 * forgot whom it believes would take the next list blindly.
 */
export const trustListJudge: TrustJudge = {
  judgeList: (held, offered, context) => judgeOfferedList(readHeld(held), offered, optionsOf(context)),

  openFile: (held, offered, { privateKey, ...context }) =>
    judgeOfferedFile(readHeld(held), offered, {
      ...optionsOf(context),
      ...(privateKey === undefined ? {} : { privateKey: readKey(privateKey) }),
    }),

  judgeServer: (held, service, certificate, context) =>
    judgeServerByLists(readHeld(held), service, certificate, optionsOf(context)),

  // Stricter than "knows who signs files": a CTL, or an ITL that does not release the phone, is never followed by
  // an unsigned file, whatever it lacks. A list that was made wrongly locks a phone out then, and opens it to nobody.
  requiresSignedFiles(held) {
    const { ctl, itl } = readHeld(held);
    return ctl !== undefined || (itl !== undefined && !isReleasingList(itl));
  },

  callManagers: (held) => callManagersOf(readHeld(held)),
};

/** Where there is a CTL it alone decides, for in it stands whether the cluster is in mixed mode. */
function callManagersOf({ ctl, itl }: HeldTrust): CallManagerTrust {
  const deciding: HeldTrust = ctl === undefined ? { ctl, itl } : { ctl, itl: undefined };
  if (certificatesFor(deciding, 'CCM').length > 0) return 'secure';
  const roles = rolesForService('CCM');
  const isNamed = ctl?.records.some(({ role, certificate }) => roles.includes(role) && certificate === undefined);
  return isNamed === true ? 'non-secure' : 'unnamed';
}

function optionsOf({ now, voucher }: JudgingContext): AcceptanceOptions {
  return { now, tvs: () => voucher };
}

function readHeld({ ctl, itl }: HeldLists): HeldTrust {
  return { ctl: readList('CTL', ctl), itl: readList('ITL', itl) };
}

function readList(kind: string, octets: Uint8Array | undefined): TrustList | undefined {
  if (octets === undefined) return undefined;
  const parsed = parseTrustList(octets);
  if (parsed.ok) return parsed.list;
  throw new PhoneError('phone.state-damaged', `The ${kind} that the phone holds cannot be read: ${parsed.message}`, {
    nextStep: 'Restore the state folder, or delete the trust lists of the phone: it will take the next ones blindly.',
  });
}

function readKey(privateKey: Redacted<Uint8Array>) {
  try {
    return createPrivateKey({ key: privateKey.reveal() as Buffer, format: 'der', type: 'pkcs8' });
  } catch {
    // What OpenSSL says is left out: it may quote the key.
    throw new PhoneError('phone.state-damaged', 'The private key that the phone holds cannot be read.', {
      nextStep: 'Restore the state folder, or have CAPF issue a new certificate.',
    });
  }
}
