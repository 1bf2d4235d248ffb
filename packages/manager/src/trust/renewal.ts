import {
  type Certificate,
  type HeldTrust,
  type IdentityRole,
  identityRoles,
  judgeServerByLists,
  type TrustService,
} from '@trustline/pki';
import { type KnownPhone, knowsVerification, type TrustVerification } from './simulation.ts';

export type RenewableRole = Exclude<IdentityRole, 'ipsec'>;
/** The identities that can be renewed by a command: those that phones know from their lists. */
export const renewableRoles: readonly RenewableRole[] = identityRoles.filter((role) => role !== 'ipsec');

/** What phones make of a server that shows another certificate. */
export interface RenewalSimulation {
  /** Their lists hold the new certificate for the service. */
  readonly knowing: readonly string[];
  /** They ask the Trust Verification Service, which vouches for it. */
  readonly healing: readonly string[];
  /** They would refuse the server. */
  readonly lost: readonly { readonly device: string; readonly words: string }[];
}

/** The service that an identity stands for in trust lists; undefined for what no phone connects to. */
export function serviceOfIdentity(role: IdentityRole): TrustService | undefined {
  switch (role) {
    case 'callmanager-rsa':
    case 'callmanager-ecdsa':
      return 'CCM';
    case 'capf':
      return 'CAPF';
    case 'tftp':
      return 'TFTP';
    case 'tvs':
      return 'TVS';
    case 'ipsec':
      return undefined;
  }
}

/**
 * Runs the rules by which every known phone believes a server against the certificate that it will show, in each state
 * that the phone may be in: it is lost if it would be in any of them. A phone that never took a list believes any and
 * cannot be lost by it.
 *
 * @param verification as it will be after the renewal: with the new certificate, where that is its own
 * @param now epoch milliseconds
 */
export function simulateRenewal(
  phones: readonly KnownPhone[],
  service: TrustService,
  certificate: Certificate,
  verification: TrustVerification,
  now: number,
): RenewalSimulation {
  const knowing: string[] = [];
  const healing: string[] = [];
  const lost: { device: string; words: string }[] = [];
  for (const phone of phones) {
    const { device } = phone;
    const judged = believingStates(phone).map((held) => {
      const alone = judgeServerByLists(held, service, certificate.der, { now });
      const mayAsk = !alone.accepted && service !== 'TVS' && knowsVerification(held, verification);
      const judgment = mayAsk
        ? judgeServerByLists(held, service, certificate.der, { now, tvs: (signer) => verification.vouch(signer) })
        : alone;
      return { held, judgment };
    });
    const refused = judged.find(({ judgment }) => !judgment.accepted);
    if (refused !== undefined) {
      const { ourWords } = refused.judgment;
      const words = refused.held === phone.held ? ourWords : `if it took what was given in its name: ${ourWords}`;
      lost.push({ device, words });
    } else if (judged.some(({ judgment }) => judgment.accepted && judgment.by === 'TVS')) healing.push(device);
    else knowing.push(device);
  }
  return { knowing, healing, lost };
}

/** The states that a phone may be in, but for that of one which never took a list. */
function believingStates({ held, mayHold }: KnownPhone): readonly HeldTrust[] {
  return [held, ...mayHold].filter(({ ctl, itl }) => ctl !== undefined || itl !== undefined);
}

/**
 * What phones would make of a certificate that is not made yet, and so stands in no list: who knows the Trust
 * Verification Service asks it, but for its own.
 */
export function foreseeRenewal(
  phones: readonly KnownPhone[],
  role: RenewableRole,
  verification: TrustVerification,
): RenewalSimulation {
  const asks = (phone: KnownPhone) =>
    role !== 'tvs' && believingStates(phone).every((held) => knowsVerification(held, verification));
  const words = 'its lists do not hold the new certificate yet';
  return {
    knowing: [],
    healing: phones.filter(asks).map(({ device }) => device),
    lost: phones.filter((phone) => !asks(phone)).map(({ device }) => ({ device, words })),
  };
}
