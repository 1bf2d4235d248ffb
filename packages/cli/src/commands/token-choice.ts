import {
  assertPinMayBeTried,
  type Certificate,
  type InitialisableToken,
  type PinState,
  pinWarning,
  type TokenAttestation,
  TokenError,
} from '@trustline/pki';
import {
  installedModules,
  listPkcs11Tokens,
  openPkcs11Token,
  openSoftwareToken,
  readSoftwareToken,
} from '@trustline/pki/node';
import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { addPinOptions, type PinOptions, readPin } from './token-pin.ts';

export interface PlaceOptions {
  readonly module?: string;
  readonly software?: string;
  readonly json?: true;
}

export interface TokenOptions extends PlaceOptions, PinOptions {
  readonly token?: string;
  readonly finalTry?: true;
}

/** A token as it is listed, of either kind. */
export interface ListedToken {
  readonly label: string;
  readonly serial: string;
  readonly attestation: TokenAttestation;
  readonly formatted: boolean;
  /** Absent for software tokens: a file counts no tries. */
  readonly pin?: PinState;
  readonly certificates: readonly Certificate[];
}

export function addPlaceOptions(command: Command): Command {
  return command
    .option('--module <file>', 'the PKCS#11 module of the token (default: the well-known ones that are installed)')
    .option('--software <file>', 'a software token, for labs')
    .option('--json', 'as JSON');
}

export function addTokenOptions(command: Command): Command {
  return addPinOptions(addPlaceOptions(command))
    .option('--token <name>', 'serial number or label, where there are several tokens')
    .option('--final-try', 'give the PIN although the token says that the next wrong one locks it');
}

/** The one token that the options mean. @throws {TokenError} token.absent, token.ambiguous */
export async function chooseToken(options: TokenOptions, terminal: Terminal): Promise<ListedToken> {
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

/** Opens a token with its PIN, after its own warning has been shown. */
export async function openListed(
  found: ListedToken,
  options: Pick<TokenOptions, 'pinFile' | 'finalTry'>,
  terminal: Terminal,
): Promise<InitialisableToken> {
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

/** Every token of a place, without any PIN. */
export async function listedTokens(
  { module, software }: Pick<PlaceOptions, 'module' | 'software'>,
  terminal: Terminal,
): Promise<readonly ListedToken[]> {
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
