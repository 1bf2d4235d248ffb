import { randomBytes, verify } from 'node:crypto';
import { basename } from 'node:path';
import {
  assertPinMayBeTried,
  type Certificate,
  decodeCertificatesPem,
  type InitialisableToken,
  initialiseToken,
  isTokenCertificate,
  type PinState,
  pinWarning,
  type TokenAttestation,
  TokenError,
} from '@trustline/pki';
import {
  createSoftwareToken,
  installedModules,
  listPkcs11Tokens,
  openPkcs11Token,
  openSoftwareToken,
  readSoftwareToken,
} from '@trustline/pki/node';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';
import { addPinOptions, type PinOptions, readPin, refusePinOption } from './token-pin.ts';

/** The version of the JSON outputs here. They are of tokens, wherever those are: no node's. */
const TOKEN_SCHEMA = 1;

interface PlaceOptions {
  readonly module?: string;
  readonly software?: string;
  readonly json?: true;
}

interface TokenOptions extends PlaceOptions, PinOptions {
  readonly token?: string;
  readonly finalTry?: true;
}

/** A token as it is listed, of either kind. */
interface ListedToken {
  readonly label: string;
  readonly serial: string;
  readonly attestation: TokenAttestation;
  readonly formatted: boolean;
  /** Absent for software tokens: a file counts no tries. */
  readonly pin?: PinState;
  readonly certificates: readonly Certificate[];
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
    .addHelpText('after', '\nExample:\n  trustline token show --token 5f2d9c31a7e04b68 --prove')
    .action(async (options: TokenOptions & { readonly prove?: true }) => show(options, terminal));

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

function addPlaceOptions(command: Command): Command {
  return command
    .option('--module <file>', 'the PKCS#11 module of the token (default: the well-known ones that are installed)')
    .option('--software <file>', 'a software token, for labs')
    .option('--json', 'as JSON');
}

function addTokenOptions(command: Command): Command {
  return addPinOptions(addPlaceOptions(command))
    .option('--token <name>', 'serial number or label, where there are several tokens')
    .option('--final-try', 'give the PIN although the token says that the next wrong one locks it');
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

async function show(options: TokenOptions & { readonly prove?: true }, terminal: Terminal): Promise<void> {
  refusePinOption(options);
  const found = await chooseToken(options, terminal);
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
  const { node } = await client.status(); // before a PIN is asked for: without a manager there is no certificate
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

/** Opens a token with its PIN, after its own warning has been shown. */
async function openListed(found: ListedToken, options: TokenOptions, terminal: Terminal): Promise<InitialisableToken> {
  const { module, kind } = found.attestation;
  const name = `token ${found.label === '' ? found.serial : `"${found.label}" (${found.serial})`}`;
  if (kind === 'software') return openSoftwareToken(module, await readPin(options, terminal, `PIN of ${name}`));
  const useFinalTry = options.finalTry === true;
  if (found.pin !== undefined) {
    assertPinMayBeTried(name, found.pin, useFinalTry);
    const warning = pinWarning(found.pin);
    if (warning !== undefined) terminal.error(`trustline: ${name}: ${warning}\n`);
  }
  const pin = await readPin(options, terminal, `PIN of ${name}`);
  return openPkcs11Token({ module, token: found.serial }, pin, { useFinalTry });
}

/** The one token that the options mean. @throws {TokenError} token.absent, token.ambiguous */
async function chooseToken(options: TokenOptions, terminal: Terminal): Promise<ListedToken> {
  const all = (await listedTokens(options, terminal)).filter(({ formatted }) => formatted);
  const wanted = options.token;
  const found = all.filter(({ serial, label }) => wanted === undefined || [serial, label].includes(wanted));
  const [first, ...others] = found;
  const names = (tokens: readonly ListedToken[]) =>
    tokens.map(({ label, serial }) => `"${label}" (${serial})`).join(', ');
  if (first === undefined) {
    const there = all.length === 0 ? '' : `; there is ${names(all)}`;
    throw new TokenError(
      'token.absent',
      `There is no formatted token${wanted === undefined ? '' : ` ${wanted}`}${there}.`,
      {
        nextStep:
          'Put it in, and see what is there: trustline token list. A new one is formatted with its maker’s tool first.',
      },
    );
  }
  if (others.length === 0) return first;
  throw new TokenError('token.ambiguous', `There are ${found.length} tokens: ${names(found)}.`, {
    nextStep: 'Name one by its serial number with --token, and its module with --module when two show the same.',
  });
}

async function listedTokens({ module, software }: PlaceOptions, terminal: Terminal): Promise<readonly ListedToken[]> {
  if (software !== undefined) {
    const { certificate, ...rest } = await readSoftwareToken(software);
    return [{ ...rest, formatted: true, certificates: [certificate] }];
  }
  if (module !== undefined) return listPkcs11Tokens(module);
  const found: ListedToken[] = [];
  const modules = installedModules();
  for (const path of modules) {
    try {
      found.push(...(await listPkcs11Tokens(path)));
    } catch (error) {
      // One module that cannot be used must not hide the tokens of the others.
      if (!(error instanceof TokenError) || error.code === 'token.library-missing') throw error;
      terminal.error(`trustline: ${error.message}\n`);
    }
  }
  if (modules.length > 0) return found;
  throw new TokenError('token.module-missing', 'No well-known PKCS#11 module is installed here.', {
    nextStep: 'Install the software of your token, or name its module with --module; for a lab, --software FILE.',
  });
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
