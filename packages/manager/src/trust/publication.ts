import {
  type Certificate,
  type ClusterSecurityMode,
  diffTrustLists,
  isLabTokenCertificate,
  readCertificate,
  rolesForService,
  type TrustList,
  type TrustService,
  trustRoles,
  verifyTrustList,
} from '@trustline/pki';
import type { ListedServers } from './composition.ts';
import { type KnownPhone, type Simulation, simulate, type TrustVerification } from './simulation.ts';

/** Where the cluster stands when a CTL is offered for publishing. */
export interface PublicationContext {
  readonly servers: ListedServers;
  /** The CTL that is published now. */
  readonly published: TrustList | undefined;
  readonly phones: readonly KnownPhone[];
  readonly verification: TrustVerification | undefined;
  /**
   * True where the signer may be one whom no phone knows from the published list: that list is a lab's own, or no token
   * of it is left. Phones take the new one by the word of the Trust Verification Service, or not at all.
   */
  readonly newSignerAllowed?: boolean;
  /** True where an operator says that no token of the published list is left. */
  readonly recovery?: boolean;
  /** Authorities of other clusters that are believed: tokens of theirs, for phones that move, do not count as ours. */
  readonly foreignAuthorities?: readonly Certificate[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** One reason why a list is not published. */
export interface PublicationProblem {
  readonly rule: PublicationRule;
  readonly message: string;
  readonly nextStep: string;
}

export type PublicationRule = keyof typeof publicationRules;

/** Every rule that a CTL is held to before phones may get it, with what it says. */
export const publicationRules = {
  'list-broken': 'The file is a trust list in order, and its signature is that of a token in it.',
  'file-name': 'The list is named CTLFile.tlv.',
  timestamp: 'The list is newer than the one published, and not from the future.',
  tokens: 'Two security tokens of this cluster stand in the list, so that the loss of one is no disaster.',
  'signer-unknown': 'Phones know the token that signed the list from the list published before.',
  'recovery-needless': 'Only a token that the list published before has not signs in recovery: else one of it is left.',
  'server-missing': 'Every certificate that a server shows stands in a list of mixed mode.',
  'server-expired': 'No certificate that a server shows has ended.',
  'phones-locked': 'Every known phone takes the list.',
} as const;

export interface Publication {
  readonly list: TrustList;
  readonly mode: ClusterSecurityMode;
  /** True while a token of the list is one for labs. */
  readonly lab: boolean;
  /** What changes, in words. */
  readonly changes: readonly string[];
  readonly simulation: Simulation;
  /** Empty when the list may be published. */
  readonly problems: readonly PublicationProblem[];
}

/** The name that stands in every CTL, whichever a phone asked for (cisco-phones §1.2). */
const ctlFileName = 'CTLFile.tlv';
/** Clocks of tokens' machines run ahead by this at most, in milliseconds. */
const clockTolerance = 300_000;
const minimumTokens = 2;

/**
 * Judges a CTL before any phone sees it; the simulation over the fleet is part of it. A list that is no list at all
 * yields its problem alone.
 */
export function judgePublication(octets: Uint8Array, context: PublicationContext): Publication | PublicationProblem {
  const verified = verifyTrustList(octets);
  if (!verified.ok) {
    return {
      rule: 'list-broken',
      message: `${verified.message} (${verified.rule}, at octet ${verified.offset})`,
      nextStep: 'Look at it with: trustline ctl verify FILE',
    };
  }
  const { list, signer } = verified;
  const mode = modeOf(list);
  const tokens = certificatesOf(list, trustRoles.SAST);
  const simulation = simulate(context.phones, { kind: 'CTL', octets }, context.verification, context.now);
  return {
    list,
    mode,
    lab: tokens.some(isLabTokenCertificate),
    changes: [...modeChange(context.published, mode), ...diffTrustLists(context.published, list)],
    simulation,
    problems: [
      ...headerProblems(list, context),
      ...tokenProblems(signer, tokens, context),
      ...(mode === 'mixed' ? serverProblems(list, context) : []),
      ...lockProblems(simulation),
    ],
  };
}

/** What no comparison of records says: that phones change their ways. */
function modeChange(published: TrustList | undefined, mode: ClusterSecurityMode): readonly string[] {
  const before = published === undefined ? 'non-secure' : modeOf(published);
  return before === mode ? [] : [`The cluster goes from ${before} to ${mode} mode.`];
}

/** Mixed mode is, on the wire, a CTL with a certificate of the call manager in it (cisco-phones §1.3). */
export function modeOf({ records }: TrustList): ClusterSecurityMode {
  const callManager = rolesForService('CCM');
  const has = records.some(({ role, certificate }) => callManager.includes(role) && certificate !== undefined);
  return has ? 'mixed' : 'non-secure';
}

/** The certificates that stand in a list under this role; unreadable ones are left out. */
export function certificatesOf({ records }: TrustList, ...roles: readonly number[]): readonly Certificate[] {
  return records.flatMap(({ role, certificate }) => {
    if (!roles.includes(role) || certificate === undefined) return [];
    try {
      return [readCertificate(certificate)];
    } catch {
      return [];
    }
  });
}

function headerProblems({ header }: TrustList, { published, now }: PublicationContext): PublicationProblem[] {
  const problems: PublicationProblem[] = [];
  if (header.fileName !== ctlFileName) {
    problems.push({
      rule: 'file-name',
      message: `The list is named ${header.fileName}, not ${ctlFileName}.`,
      nextStep: 'Make it with: trustline ctl create or trustline ctl update',
    });
  }
  const before = published?.header.timestamp ?? 0;
  const at = header.timestamp ?? 0;
  if (at <= before || at * 1_000 > now + clockTolerance) {
    problems.push({
      rule: 'timestamp',
      message:
        at <= before
          ? `The list is of ${dateOf(at)} and not newer than the one published, of ${dateOf(before)}.`
          : `The list is of ${dateOf(at)}, which has not come yet.`,
      nextStep: 'Check the clock where the tokens are, and sign again.',
    });
  }
  return problems;
}

function tokenProblems(
  signer: Certificate,
  tokens: readonly Certificate[],
  { published, newSignerAllowed = false, recovery = false, foreignAuthorities = [] }: PublicationContext,
): PublicationProblem[] {
  const problems: PublicationProblem[] = [];
  const isForeign = (token: Certificate) => foreignAuthorities.some((authority) => token.signedBy(authority));
  const foreign = tokens.filter(isForeign);
  const own = new Set(tokens.filter((token) => !isForeign(token)).map(({ fingerprint }) => fingerprint)).size;
  if (own < minimumTokens) {
    const others = foreign.length === 0 ? '' : ` (${foreign.map(({ subject }) => subject).join('; ')} is another's)`;
    problems.push({
      rule: 'tokens',
      message: `${own} security token of this cluster stands in the list; ${minimumTokens} must${others}.`,
      nextStep: 'Add a second one: whoever loses the only token must visit every phone. trustline ctl add-token',
    });
  }
  if (published === undefined) return problems;
  const known = certificatesOf(published, trustRoles.SAST);
  const isKnown = known.some(({ fingerprint }) => fingerprint === signer.fingerprint);
  if (!isKnown && !newSignerAllowed) {
    problems.push({
      rule: 'signer-unknown',
      message: `The list is signed by ${signer.subject}, whom no phone knows yet.`,
      nextStep: `Sign with a token that stands in the published list: ${known.map(({ subject }) => subject).join('; ')}. When all are lost: trustline ctl create --recovery`,
    });
  }
  if (isKnown && recovery) {
    problems.push({
      rule: 'recovery-needless',
      message: `This is no recovery: ${signer.subject}, who signed the list, stands in the published one and is not lost.`,
      nextStep:
        'Sign with it, without --recovery: trustline ctl update, trustline ctl add-token or trustline ctl remove-token',
    });
  }
  return problems;
}

/** The services whose servers phones meet here. */
type ShownService = Extract<TrustService, 'CCM' | 'TFTP' | 'CAPF' | 'TVS'>;

/** A certificate that a server shows. */
export interface ShownCertificate {
  readonly service: ShownService;
  /** Who shows it, for a sentence. */
  readonly words: string;
  readonly certificate: Certificate;
}

function shownBy(servers: ListedServers): readonly ShownCertificate[] {
  const by = (service: ShownService, words: string, certificates: readonly Certificate[]) =>
    certificates.map((certificate) => ({ service, words, certificate }));
  return [
    ...by('CCM', 'the call manager', servers.callManager),
    ...by('TFTP', 'the file service', servers.tftp),
    ...by('CAPF', 'CAPF', servers.capf),
    ...by('TVS', 'the Trust Verification Service', servers.tvs),
  ];
}

/** What a server shows and the list lacks: a phone refuses a server whose certificate has no record of its service. */
export function unlistedCertificates(list: TrustList, servers: ListedServers): readonly ShownCertificate[] {
  return shownBy(servers).filter(({ service, certificate }) => {
    const listed = certificatesOf(list, ...rolesForService(service));
    return !listed.some(({ fingerprint }) => fingerprint === certificate.fingerprint);
  });
}

function serverProblems(list: TrustList, { servers, now }: PublicationContext): PublicationProblem[] {
  const missing = unlistedCertificates(list, servers).map(({ words, certificate }): PublicationProblem => {
    const { subject, serialNumber } = certificate;
    return {
      rule: 'server-missing',
      message: `The certificate that ${words} shows (${subject}, serial ${serialNumber}) is not in the list.`,
      nextStep: 'Make the list from the cluster’s present certificates: trustline ctl update',
    };
  });
  const ended = shownBy(servers).filter(({ certificate }) => certificate.notAfter <= now);
  return [
    ...missing,
    ...ended.map(
      ({ words, certificate }): PublicationProblem => ({
        rule: 'server-expired',
        message: `The certificate that ${words} shows ended on ${dateOf(certificate.notAfter / 1_000)}.`,
        nextStep: 'Renew it first: trustline pki renew',
      }),
    ),
  ];
}

function lockProblems({ locked }: Simulation): PublicationProblem[] {
  if (locked.length === 0) return [];
  const named = locked.slice(0, namedPhones).map(({ device }) => device);
  const more = locked.length > named.length ? ` and ${locked.length - named.length} more` : '';
  return [
    {
      rule: 'phones-locked',
      message: `${locked.length} ${locked.length === 1 ? 'phone' : 'phones'} would refuse the list: ${named.join(', ')}${more} (${locked[0]?.ourWords}).`,
      nextStep:
        'Sign with a token that they know, or publish to the others first with --wave; trustline trust status shows what each holds.',
    },
  ];
}

/** Phones that a refusal names; the answer holds them all. */
const namedPhones = 5;

function dateOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ');
}
