import type { SigningDigest } from '@trustline/pki';
import { type Command, Option } from 'commander';
import type { TokenPlaces } from './ctl-tokens.ts';
import { addPinOptions, type PinOptions } from './token-pin.ts';

/** What a list becomes once it is signed. */
export interface PublishOptions {
  readonly wave?: readonly string[];
  readonly follow?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
  readonly recovery?: true;
}

/** What it takes to make a list and sign it. */
export interface SigningOptions extends PublishOptions, PinOptions, TokenPlaces {
  readonly token?: string;
  readonly finalTry?: true;
  readonly digest: SigningDigest;
  readonly out?: string;
}

export function addPublishOptions(command: Command): Command {
  return command
    .option('--wave <phones...>', 'publish to these phones first (SEP…), or to a share of them (10%)')
    .option('--follow', 'with --wave: then watch its phones come back')
    .option('--dry-run', 'say what would change and what phones would make of it; nothing is published')
    .option('--yes', 'do not ask before publishing')
    .option('--json', 'what came of it, as JSON');
}

export function addSigningOptions(command: Command): Command {
  const collect = (value: string, before: readonly string[] = []) => [...before, value];
  const withPlaces = command
    .option('--module <file>', 'the PKCS#11 module of the tokens (default: the well-known ones that are installed)')
    .option('--software <file>', 'a software token, for labs; may be repeated', collect)
    .option(
      '--token-certificate <file>',
      'the certificate (PEM) of a token that is elsewhere; may be repeated',
      collect,
    )
    .option('--token <name>', 'who signs: serial number or label (default: the first that phones know)')
    .option('--final-try', 'give the PIN although the token says that the next wrong one locks it')
    .addOption(
      new Option('--digest <name>', 'the hash of the signature; phones older than firmware 9 know SHA-1 alone')
        .choices(['SHA-512', 'SHA-1'])
        .default('SHA-512'),
    )
    .option('--out <file>', 'write the signed list to a file, and publish nothing');
  return addPublishOptions(addPinOptions(withPlaces));
}
