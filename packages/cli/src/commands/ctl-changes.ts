import { TrustlineError } from '@trustline/base';
import type { ManagerClient } from '@trustline/manager/node';
import type { Certificate, ClusterSecurityMode, TrustList } from '@trustline/pki';
import { installedModules } from '@trustline/pki/node';
import { modeOf, octets, publishedOf, readList, recordsFor, recordsOf, tokensOf } from './ctl-cluster.ts';
import type { CtlSituation, WantedCtl } from './ctl-make.ts';
import { has, isNamed, type ReachableToken, tokenNamed } from './ctl-tokens.ts';
import type { ListedToken } from './token-choice.ts';

const minimumTokens = 2;

/** The first CTL of the cluster, or the first one of real tokens after a lab's own. */
export function createdList(
  { cluster, tokens }: CtlSituation,
  mode: ClusterSecurityMode,
  recovery: boolean,
): WantedCtl {
  const { published, answer } = cluster;
  if (published !== undefined && !answer.labTokens && !recovery) {
    throw new TrustlineError('cli.list-exists', `The cluster has a CTL already, of ${subjects(tokensOf(published))}.`, {
      nextStep:
        'Change it with: trustline ctl update. When all of its tokens are lost: trustline ctl create --recovery',
    });
  }
  if (published !== undefined && recovery) refuseNeedlessRecovery(tokensOf(published), tokens);
  const certificates = tokens.map(({ certificate }) => certificate);
  if (certificates.length < minimumTokens) {
    throw new TrustlineError(
      'cli.two-tokens-needed',
      `A CTL needs two security tokens; ${certificates.length === 0 ? 'none' : 'one'} is here that is ready.`,
      { nextStep: nextToken(certificates.length) },
    );
  }
  return { records: recordsFor(cluster, certificates, mode), tokens: certificates, anySigner: true };
}

/** The new list would hold a token of the published one that can sign still: then that one signs, and phones know it. */
function refuseNeedlessRecovery(published: readonly Certificate[], tokens: readonly ReachableToken[]): void {
  const left = tokens.filter(
    ({ certificate, listed }) =>
      has(published, certificate) && certificate.notAfter > Date.now() && listed?.pin?.locked !== true,
  );
  if (left.length === 0) return;
  const names = subjects(left.map(({ certificate }) => certificate));
  throw new TrustlineError(
    'cli.recovery-needless',
    `This is no recovery: of the tokens in the published list ${names} ${left.length === 1 ? 'is' : 'are'} not lost.`,
    {
      nextStep: `Sign with ${left.length === 1 ? 'it' : 'one of them'}, without --recovery: trustline ctl update, trustline ctl add-token or trustline ctl remove-token`,
    },
  );
}

function nextToken(ready: number): string {
  const init = 'trustline token init --token LABEL (in a lab, --software FILE)';
  return ready === 0
    ? `Give each of two tokens a key and a certificate of this cluster, then try again: ${init}. trustline token list shows what is here.`
    : `Make another ready: ${init}; or name the certificate of one that is elsewhere with --token-certificate.`;
}

/** The present certificates of the servers; tokens and mode as published. */
export function updatedList({ cluster }: CtlSituation): WantedCtl {
  const published = publishedOf(cluster);
  return withTokens(cluster, tokensOf(published), modeOf(published));
}

/** With one token more, or with all that are here and not in the list. */
export function listWithToken({ cluster, here, tokens }: CtlSituation, name: string | undefined): WantedCtl {
  const published = publishedOf(cluster);
  const listed = tokensOf(published);
  const named = name === undefined ? undefined : tokenNamed(tokens, name);
  if (name !== undefined && named === undefined) {
    const uncertified = here.find(({ label, serial, formatted }) => formatted && [label, serial].includes(name));
    if (uncertified !== undefined) throw noCertificate(name, uncertified);
    throw noSuchToken(
      name,
      tokens.map(({ certificate }) => certificate),
    );
  }
  const added = (named === undefined ? tokens : [named])
    .map(({ certificate }) => certificate)
    .filter((certificate) => !has(listed, certificate));
  if (added.length > 0) return withTokens(cluster, [...listed, ...added], modeOf(published));
  throw new TrustlineError('cli.token-listed', 'Every token that is here stands in the published list already.', {
    nextStep: 'Put the new one in, or name its certificate with --token-certificate; trustline token list shows them.',
  });
}

/** Without a token, which may be lost. */
export function listWithoutToken({ cluster, tokens }: CtlSituation, name: string): WantedCtl {
  const published = publishedOf(cluster);
  const listed = tokensOf(published);
  const isMeant = (certificate: Certificate) => {
    const here = tokens.find((one) => one.certificate.fingerprint === certificate.fingerprint);
    return isNamed(here ?? { certificate, listed: undefined }, name);
  };
  const left = listed.filter((certificate) => !isMeant(certificate));
  if (left.length === listed.length) throw noSuchToken(name, listed);
  if (left.length >= minimumTokens) return withTokens(cluster, left, modeOf(published));
  throw new TrustlineError('cli.two-tokens-needed', `Without ${name} only ${subjects(left)} would stand in the list.`, {
    nextStep: 'Add another token first: trustline ctl add-token',
  });
}

/** In mixed mode, or not. */
export function listOfMode({ cluster }: CtlSituation, mode: ClusterSecurityMode): WantedCtl {
  const published = publishedOf(cluster);
  if (modeOf(published) !== mode) return withTokens(cluster, tokensOf(published), mode);
  throw new TrustlineError('cli.mode-in-force', `The published list says ${mode} mode already.`, {
    nextStep: 'Bring its certificates up to date with: trustline ctl update',
  });
}

/**
 * What an earlier list said, to be signed anew: phones refuse the list itself, for it is older than their own.
 *
 * @param number of the list; that before the published one without
 */
export async function earlierList({ cluster, client }: CtlSituation, number: number | undefined): Promise<WantedCtl> {
  publishedOf(cluster);
  const list = number === undefined ? await listBefore(client) : await listOf(client, number);
  return { records: recordsOf(list), tokens: tokensOf(list), anySigner: false };
}

function withTokens(
  cluster: CtlSituation['cluster'],
  tokens: readonly Certificate[],
  mode: ClusterSecurityMode,
): WantedCtl {
  return { records: recordsFor(cluster, tokens, mode), tokens, anySigner: false };
}

/** Numbers count lists of both kinds: the one before may be some numbers away. */
async function listBefore(client: ManagerClient): Promise<TrustList> {
  const { lists } = await client.trust();
  const current = lists.find(({ kind, state }) => kind === 'CTL' && state === 'current');
  for (let number = (current?.number ?? 1) - 1; number > 0; number -= 1) {
    const { list, content } = await client.trustList(number);
    if (list.kind === 'CTL') return readList(octets(content));
  }
  throw new TrustlineError('cli.no-earlier-list', 'No CTL was published before this one.', {
    nextStep: 'trustline trust status shows what is published.',
  });
}

async function listOf(client: ManagerClient, number: number): Promise<TrustList> {
  const { list, content } = await client.trustList(number);
  if (list.kind === 'CTL') return readList(octets(content));
  throw new TrustlineError('cli.no-earlier-list', `List ${number} is an ITL, which the cluster signs itself.`, {
    nextStep: 'trustline trust status --json names the numbers; ITLs and CTLs are counted together.',
  });
}

function noCertificate(name: string, { attestation }: ListedToken): TrustlineError {
  const { kind, module } = attestation;
  const isSoftware = kind === 'software';
  return new TrustlineError(
    'cli.token-uncertified',
    `The token ${name} is here, and has no certificate of this cluster${isSoftware ? '' : ' yet'}.`,
    {
      nextStep: isSoftware
        ? `${module} was made for another cluster: make one for this with trustline token init --software FILE`
        : `Give it one: trustline token init --token ${name}${installedModules().includes(module) ? '' : ` --module ${module}`}`,
    },
  );
}

function noSuchToken(name: string, tokens: readonly Certificate[]): TrustlineError {
  return new TrustlineError('cli.token-unknown', `There is no token ${name} among ${subjects(tokens)}.`, {
    nextStep:
      'Name it by its serial number, by its label where it is here, or by the name of its certificate. trustline token list shows which are here: one that is lost is not.',
  });
}

function subjects(certificates: readonly Certificate[]): string {
  return certificates.length === 0 ? 'none' : certificates.map(({ commonNames }) => commonNames.join('+')).join(', ');
}
