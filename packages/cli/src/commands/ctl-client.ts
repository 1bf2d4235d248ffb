import type { ClusterSecurityMode } from '@trustline/pki';
import { Argument, type Command, Option } from 'commander';
import type { Terminal } from '../terminal.ts';
import { createdList, earlierList, listOfMode, listWithoutToken, listWithToken, updatedList } from './ctl-changes.ts';
import { makeList } from './ctl-make.ts';
import { addPublishOptions, addSigningOptions, type PublishOptions, type SigningOptions } from './ctl-options.ts';
import { publishFile } from './ctl-publish.ts';
import { addWaveCommands } from './ctl-wave.ts';
import { wholeNumber } from './start.ts';

const recoveryOption = () =>
  new Option(
    '--recovery',
    'all tokens of the published list are lost: phones that trust TVS take the new one by its word',
  );

/** The CTL client: these run where the tokens are, and publish from there. */
export function addCtlClientCommands(ctl: Command, terminal: Terminal): void {
  addSigningOptions(
    ctl.command('create').description('make the cluster’s first CTL with two security tokens, and publish it'),
  )
    .addOption(
      new Option('--mode <mode>', 'mixed: devices may be encrypted').choices(['mixed', 'non-secure']).default('mixed'),
    )
    .addOption(recoveryOption())
    .addHelpText(
      'after',
      `
Every token that is here and ready stands in the list, and those named with --token-certificate; one of them signs.
The PIN is asked for, or comes from --pin-file or TRUSTLINE_TOKEN_PIN. What is signed and not published is thrown away.

Examples:
  trustline ctl create --token blue
  trustline ctl create --software blue.token --software green.token --dry-run
  trustline ctl create --manager https://192.0.2.1:5443 --certificate … --key … --trust …`,
    )
    .action((options: SigningOptions & { readonly mode: ClusterSecurityMode }, command: Command) =>
      makeList(options, command, terminal, (situation) =>
        createdList(situation, options.mode, options.recovery === true),
      ),
    );

  addSigningOptions(
    ctl.command('update').description('sign the list anew, with the present certificates of the servers'),
  )
    .addHelpText('after', '\nExample:\n  trustline ctl update --wave 10%')
    .action((options: SigningOptions, command: Command) => makeList(options, command, terminal, updatedList));

  addSigningOptions(
    ctl.command('add-token [name]').description('take a further token into the list (default: all that are here)'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  trustline ctl add-token red --token blue\n  trustline ctl add-token --token-certificate red.pem',
    )
    .action((name: string | undefined, options: SigningOptions, command: Command) =>
      makeList(options, command, terminal, (situation) => listWithToken(situation, name)),
    );

  addSigningOptions(
    ctl.command('remove-token <name>').description('take a token out of the list, lost or not; two must stay'),
  )
    .addHelpText('after', '\nExample:\n  trustline ctl remove-token 5f2d9c31a7e04b68')
    .action((name: string, options: SigningOptions, command: Command) =>
      makeList(options, command, terminal, (situation) => listWithoutToken(situation, name)),
    );

  addSigningOptions(ctl.command('set-cluster').description('enter mixed mode, or leave it'))
    .addArgument(new Argument('<mode>', 'what the list says').choices(['mixed', 'non-secure']))
    .addHelpText('after', '\nExample:\n  trustline ctl set-cluster mixed')
    .action((mode: ClusterSecurityMode, options: SigningOptions, command: Command) =>
      makeList(options, command, terminal, (situation) => listOfMode(situation, mode)),
    );

  addSigningOptions(ctl.command('rollback').description('sign what an earlier list said anew, and publish it'))
    .option('--to <number>', 'the list (default: the one before)', wholeNumber)
    .addHelpText('after', '\nExample:\n  trustline ctl rollback --to 4')
    .action((options: SigningOptions & { readonly to?: number }, command: Command) =>
      makeList(options, command, terminal, (situation) => earlierList(situation, options.to)),
    );

  addPublishOptions(ctl.command('publish <file>').description('publish a list that was signed before (--out)'))
    .addOption(recoveryOption())
    .addHelpText('after', '\nExample:\n  trustline ctl publish CTLFile.tlv --wave SEP001122334455')
    .action((file: string, options: PublishOptions, command: Command) => publishFile(file, options, command, terminal));

  addWaveCommands(ctl, terminal);
}
