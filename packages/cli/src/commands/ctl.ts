import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { addCtlClientCommands } from './ctl-client.ts';
import { diffLists } from './ctl-diff.ts';
import { showList } from './ctl-show.ts';
import { verifyFile } from './ctl-verify.ts';

export function addCtlCommands(program: Command, terminal: Terminal): void {
  const ctl = program.command('ctl').description('trust lists (CTL and ITL): which certificates phones believe');

  ctl
    .command('verify <file>')
    .description('say whether a trust list or signed file is in order, and if not, by which rule and where')
    .option('--list <files...>', 'for signed files (.sgn, .enc.sgn): the lists whose TFTP certificates may have signed')
    .option('--json', 'the verdict as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  trustline ctl verify CTLFile.tlv\n  trustline ctl verify SEP001122334455.cnf.xml.sgn --list CTLFile.tlv ITLFile.tlv',
    )
    .action((file: string, options: { readonly list?: readonly string[]; readonly json?: true }) =>
      verifyFile(file, options, terminal),
    );

  ctl
    .command('show <file>')
    .description('what stands in a trust list, and its hashes as phones show them; nothing is believed')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline ctl show CTLFile.tlv')
    .action((file: string, options: { readonly json?: true }) => showList(file, options, terminal));

  ctl
    .command('diff <old> <new>')
    .description(
      'what changes from one list to another, in words, and whether a phone with the old one takes the new one',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline ctl diff CTLFile.tlv CTLFile.new.tlv')
    .action((old: string, next: string, options: { readonly json?: true }) => diffLists(old, next, options, terminal));

  addCtlClientCommands(ctl, terminal);
}
