import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TrustlineError } from '@trustline/base';
import {
  type Certificate,
  decodeCertificatesPem,
  isTokenCertificate,
  readCertificate,
  TokenError,
} from '@trustline/pki';
import type { Terminal } from '../terminal.ts';
import { type ListedToken, listedTokens } from './token-choice.ts';

export interface TokenPlaces {
  readonly module?: string;
  readonly software?: readonly string[];
  /** Certificates of tokens that are elsewhere. */
  readonly tokenCertificate?: readonly string[];
}

/** A token whose certificate may stand in a CTL; `listed` is undefined where only the certificate is here. */
export interface ReachableToken {
  readonly certificate: Certificate;
  readonly listed: ListedToken | undefined;
}

/**
 * Of the tokens that are here and those whose certificates are, those that a list may hold: each certified by a
 * manufacturing authority of the cluster, without which no phone could verify it.
 *
 * @param listed those that are here
 * @throws {TrustlineError} cli.foreign-token for a certificate that was named and is of another cluster
 */
export function reachableTokens(
  listed: readonly ListedToken[],
  { tokenCertificate = [] }: TokenPlaces,
  authorities: readonly Certificate[],
): readonly ReachableToken[] {
  const here = listed.flatMap((token) =>
    token.certificates
      .filter((certificate) => isTokenCertificate(certificate) && isIssuedBy(certificate, authorities))
      .map((certificate) => ({ certificate, listed: token })),
  );
  const elsewhere = tokenCertificate.map((file) => ({
    certificate: certificateIn(file, authorities),
    listed: undefined,
  }));
  // Here first: the same certificate by file must not hide the token that can sign.
  return distinct([...here, ...elsewhere]);
}

/** The token among these that a person means by its label, its serial number, its name or its fingerprint. */
export function tokenNamed(tokens: readonly ReachableToken[], name: string): ReachableToken | undefined {
  return tokens.find((token) => isNamed(token, name));
}

export function isNamed({ certificate, listed }: ReachableToken, name: string): boolean {
  const names = [
    listed?.label,
    listed?.serial,
    certificate.fingerprint,
    certificate.subject,
    ...certificate.commonNames,
  ];
  return names.includes(name) || certificate.commonNames.includes(`SAST-${name}`);
}

/**
 * Who signs: a token that is here and that phones know, where they know any.
 *
 * @param known the tokens by which phones judge the list; undefined where any may sign
 * @param inList the tokens that the list will hold
 * @throws {TokenError} token.absent, token.ambiguous
 */
export function chooseSigner(
  tokens: readonly ReachableToken[],
  wanted: string | undefined,
  inList: readonly Certificate[],
  known: readonly Certificate[] | undefined,
): ReachableToken & { readonly listed: ListedToken } {
  const fits = ({ certificate }: ReachableToken) =>
    has(inList, certificate) && (known === undefined || has(known, certificate));
  const here = tokens.flatMap((one) => (one.listed === undefined ? [] : [{ ...one, listed: one.listed }]));
  const able = here.filter(fits);
  const named = wanted === undefined ? able : here.filter((one) => isNamed(one, wanted));
  const [first, ...others] = named;
  const may = inList.filter((one) => known === undefined || has(known, one));
  if (first === undefined) {
    // Whoever names one that is not here has lost it, or left it elsewhere: the others are what is left to do.
    const rest = may.filter(
      (certificate) => wanted === undefined || !isNamed({ certificate, listed: undefined }, wanted),
    );
    throw new TokenError(
      'token.absent',
      wanted === undefined
        ? 'No token that may sign this list is here.'
        : `There is no token ${wanted} of this cluster here.`,
      { nextStep: able.length > 0 ? signWithOne(rest, able) : putOneIn(rest) },
    );
  }
  if (!fits(first)) {
    const why = has(inList, first.certificate)
      ? 'phones do not know it from the published list'
      : 'it is not in the list';
    throw new TokenError('token.absent', `${first.certificate.subject} may not sign this list: ${why}.`, {
      nextStep:
        may.length > 0
          ? signWithOne(may, able)
          : 'No token of it is one that phones know by now: publish another list, with trustline ctl update.',
    });
  }
  if (others.length > 0 && wanted !== undefined) {
    throw new TokenError('token.ambiguous', `There are ${named.length} tokens called ${wanted}.`, {
      nextStep: 'Name one by its serial number.',
    });
  }
  return first;
}

function signWithOne(may: readonly Certificate[], here: readonly ReachableToken[]): string {
  const present = here.map(({ certificate }) => certificate);
  const marked = may.map((one) => `${one.subject}${has(present, one) ? ' (here)' : ''}`);
  return `Sign with one of these: ${marked.join('; ')}.`;
}

function putOneIn(may: readonly Certificate[]): string {
  const recovery = 'When all of them are lost: trustline ctl create --recovery';
  return may.length === 0
    ? recovery
    : `Put one of these in: ${may.map(({ subject }) => subject).join('; ')}. ${recovery}`;
}

export function has(certificates: readonly Certificate[], { fingerprint }: Certificate): boolean {
  return certificates.some((one) => one.fingerprint === fingerprint);
}

/** Every token of the places, with a certificate or without. No PIN is needed. */
export async function tokensHere({ module, software, tokenCertificate }: TokenPlaces, terminal: Terminal) {
  const files: ListedToken[] = [];
  for (const file of software ?? []) files.push(...(await listedTokens({ software: file }, terminal)));
  if (module !== undefined) return [...files, ...(await listedTokens({ module }, terminal))];
  if (files.length > 0) return files;
  try {
    return await listedTokens({}, terminal);
  } catch (error) {
    // Whoever names certificates alone may have no module here; who signs is asked for later.
    if (error instanceof TokenError && error.code === 'token.module-missing' && tokenCertificate !== undefined)
      return [];
    throw error;
  }
}

function certificateIn(file: string, authorities: readonly Certificate[]): Certificate {
  const [der] = decodeCertificatesPem(readFileSync(file, 'utf8'));
  const certificate = der === undefined ? undefined : readCertificate(der);
  if (certificate === undefined || !isTokenCertificate(certificate)) {
    throw new TrustlineError('cli.foreign-token', `${file} holds no certificate of a security token.`, {
      nextStep: 'Write it where the token is: trustline token show --token NAME --pem > FILE',
    });
  }
  if (isIssuedBy(certificate, authorities)) return certificate;
  throw new TrustlineError('cli.foreign-token', `${certificate.subject} in ${file} is a token of another cluster.`, {
    nextStep:
      'For a token of your own: trustline token init. Where phones are to follow that cluster, believe its manufacturing ' +
      'authority first, whose MICs may enrol here from then on: trustline pki manufacturer import',
  });
}

function isIssuedBy(certificate: Certificate, authorities: readonly Certificate[]): boolean {
  const x509 = new X509Certificate(certificate.der);
  return authorities.some(
    ({ subjectHash, publicKey }) => certificate.issuerHash === subjectHash && x509.verify(publicKey),
  );
}

function distinct(tokens: readonly ReachableToken[]): readonly ReachableToken[] {
  return tokens.filter(
    ({ certificate }, index) =>
      tokens.findIndex((one) => one.certificate.fingerprint === certificate.fingerprint) === index,
  );
}
