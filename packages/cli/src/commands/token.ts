import { randomBytes, verify } from 'node:crypto';
import { basename } from 'node:path';
import {
  type Certificate,
  decodeCertificatesPem,
  encodeCertificatesPem,
  type InitialisableToken,
  initialiseToken,
  isTokenCertificate,
  pinWarning,
  TokenError,
} from '@trustline/pki';
import { createSoftwareToken } from '@trustline/pki/node';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';
import {
  addPlaceOptions,
  addTokenOptions,
  chooseToken,
  type ListedToken,
  listedTokens,
  openListed,
  type PlaceOptions,
  type TokenOptions,
} from './token-choice.ts';
import { readPin, refusePinOption } from './token-pin.ts';

/** The version of the JSON outputs here. They are of tokens, wherever those are: no node's. */
const TOKEN_SCHEMA = 1;

interface ShowOptions extends TokenOptions {
  readonly prove?: true;
  readonly pem?: true;
}

export function addTokenCommands(program: Command, terminal: Terminal): void {
  const token = program
    .command('token')
    .description('security tokens, which sign trust lists; run where the tokens are');

  addPlaceOptions(token.command('list').description('every token on this machine, without any PIN'))
    .addHelpText('after', '\nExample:\n  trustline token list --module /usr/lib/softhsm/libsofthsm2.so')
    .action(async (options: PlaceOptions) => list(options, terminal));

  addTokenOptions(token.command('show').description('one token: where it comes from, its PIN, its certificates'))
    .option('--prove', 'ask for the PIN, and let the token sign something with each of its keys')
    .option('--pem', 'only its certificate, as PEM: for ctl --token-certificate, where the token itself is not')
    .addHelpText(
      'after',
      `
Examples:
  trustline token show --token 5f2d9c31a7e04b68 --prove
  trustline token show --token green --pem > green.pem`,
    )
    .action(async (options: ShowOptions) => show(options, terminal));

  addTokenOptions(
    token.command('init').description('make the key of a token on it, and get its certificate from the manager'),
  )
    .option('--label <name>', 'the name of a new software token (default: the name of its file)')
    .addHelpText(
      'after',
      `
A PKCS#11 token is formatted and given its PIN with its maker's tool first. --software makes a token in a file: for labs,
and every list that it signs is marked so.

Examples:
  trustline token init --token blue
  trustline token init --software blue.token`,
    )
    .action(async (options: TokenOptions & { readonly label?: string }, command: Command) =>
      init(options, command, terminal),
    );
}

async function list(options: PlaceOptions, terminal: Terminal): Promise<void> {
  const tokens = await listedTokens(options, terminal);
  if (options.json) {
    return terminal.out(json({ schema: TOKEN_SCHEMA, node: null, tokens: tokens.map(tokenAsJson) }));
  }
  const rows = tokens.map((one) => [
    one.label === '' ? '-' : one.label,
    one.serial,
    [one.attestation.manufacturer, one.attestation.model].join(' ').trim(),
    stateOf(one),
    one.certificates.filter(isTokenCertificate).map(({ subject }) => subject)[0] ?? '-',
  ]);
  terminal.out(table(['LABEL', 'SERIAL', 'MADE BY', 'STATE', 'CERTIFICATE'], rows));
}

async function show(options: ShowOptions, terminal: Terminal): Promise<void> {
  refusePinOption(options);
  const found = await chooseToken(options, terminal);
  if (options.pem) return terminal.out(certificatePem(found));
  const proven = options.prove === true ? await prove(found, options, terminal) : [];
  const isProven = ({ fingerprint }: Certificate) => proven.includes(fingerprint);
  if (options.json) {
    const proof = options.prove === true ? { signsWith: proven } : {};
    return terminal.out(json({ schema: TOKEN_SCHEMA, node: null, token: tokenAsJson(found), ...proof }));
  }
  const { attestation } = found;
  const lines = [
    ['label', found.label],
    ['serial', found.serial],
    ['made by', [attestation.manufacturer, attestation.model, attestation.firmware].join(' ').trim()],
    ['module', attestation.module],
    ['state', stateOf(found)],
    ...found.certificates.flatMap((one) => [
      ['certificate', one.subject],
      ['  issuer', one.issuer],
      ['  serial', one.serialNumber],
      ['  SHA-256', one.fingerprint],
      ['  valid', `${day(one.notBefore)} to ${day(one.notAfter)}`],
      ...(options.prove === true
        ? [['  signs', isProven(one) ? 'yes: a signature was made and verified' : 'no key']]
        : []),
    ]),
  ];
  for (const [name = '', value = ''] of lines) terminal.out(`${name.padEnd(14)}${value}\n`);
}

function certificatePem({ label, certificates }: ListedToken): string {
  const own = certificates.filter(isTokenCertificate);
  if (own.length > 0) return encodeCertificatesPem(own);
  throw new TokenError('token.absent', `Token "${label}" has no certificate of a security token yet.`, {
    nextStep: 'Make its key and certificate: trustline token init',
  });
}

/** The fingerprints of the certificates by whose keys the token signs. */
async function prove(found: ListedToken, options: TokenOptions, terminal: Terminal): Promise<readonly string[]> {
  const token = await openListed(found, options, terminal);
  try {
    const challenge = randomBytes(32);
    const proven: string[] = [];
    for (const certificate of await token.certificates()) {
      const signature = await token.sign(certificate, 'SHA-512', challenge).catch((error: unknown) => {
        if (error instanceof TokenError && error.code === 'token.key-missing') return undefined;
        throw error;
      });
      if (signature !== undefined && verify('sha512', challenge, certificate.publicKey, signature)) {
        proven.push(certificate.fingerprint);
      }
    }
    return proven;
  } finally {
    await token.close();
  }
}

async function init(
  options: TokenOptions & { readonly label?: string },
  command: Command,
  terminal: Terminal,
): Promise<void> {
  refusePinOption(options);
  const client = clientOf(command, terminal);
  const { node } = await client.mayIssueTokenCertificates(); // before a PIN is asked for and a key is made
  const token = await tokenToInitialise(options, terminal);
  try {
    const { manufacturer, model } = token.attestation;
    const certificate = await initialiseToken(token, async (request, identity) => {
      const answer = await client.issueTokenCertificate({ request, ...identity, manufacturer, model });
      return { certificate: onlyCertificate(answer.certificatePem), issuer: onlyCertificate(answer.issuerPem) };
    });
    if (options.json) {
      const made = { formatted: true, certificates: [certificate] };
      const { label, serial, attestation } = token;
      return terminal.out(
        json({ schema: TOKEN_SCHEMA, node, token: tokenAsJson({ label, serial, attestation, ...made }) }),
      );
    }
    const mark = token.attestation.lab ? ' It is a LAB SOFTWARE TOKEN: every list that it signs is marked so.' : '';
    terminal.out(
      `Token ${token.serial} is ready: ${certificate.subject}, until ${day(certificate.notAfter)}.${mark}\n` +
        `  SHA-256 ${certificate.fingerprint}\n`,
    );
  } finally {
    await token.close();
  }
}

async function tokenToInitialise(
  options: TokenOptions & { readonly label?: string },
  terminal: Terminal,
): Promise<InitialisableToken> {
  const { software } = options;
  if (software === undefined) return openListed(await chooseToken(options, terminal), options, terminal);
  const label = options.label ?? basename(software).replace(/\.token$/, '');
  return createSoftwareToken(software, label, await readPin(options, terminal, `New PIN for ${software}`, true));
}

function stateOf({ attestation, formatted, pin, certificates }: ListedToken): string {
  if (!formatted) return 'not formatted';
  const warning = pin === undefined ? undefined : pinWarning(pin);
  const words = [
    certificates.some(isTokenCertificate) ? 'ready' : 'no certificate',
    ...(attestation.lab ? ['LAB SOFTWARE TOKEN'] : []),
    ...(warning === undefined ? [] : [warning]),
  ];
  return words.join(', ');
}

function tokenAsJson({ label, serial, attestation, formatted, pin, certificates }: ListedToken): unknown {
  return {
    label,
    serial,
    attestation,
    formatted,
    pin: pin ?? null,
    certificates: certificates.map((one) => ({
      subject: one.subject,
      issuer: one.issuer,
      serialNumber: one.serialNumber,
      fingerprint: one.fingerprint,
      notBefore: new Date(one.notBefore).toISOString(),
      notAfter: new Date(one.notAfter).toISOString(),
      securityToken: isTokenCertificate(one),
    })),
  };
}

function onlyCertificate(pem: string): Uint8Array {
  const [der] = decodeCertificatesPem(pem);
  return der ?? new Uint8Array();
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
