import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { addAuditDiff } from './audit-diff.ts';
import { addAuditExplain } from './audit-explain.ts';
import type { AuditCommandOptions } from './audit-report.ts';
import { runAudit } from './audit-run.ts';
import { addAuditSchema } from './audit-schema.ts';

export function addAuditCommands(program: Command, terminal: Terminal): void {
  const collect = (value: string, before: readonly string[] = []) => [...before, value];
  const audit = program
    .command('audit')
    .description('what an eavesdropper hears of a capture, call by call, and what silences it')
    .argument('[captures...]', 'pcap or pcapng files (also .gz, .zst), folders of them, or - for standard input')
    .option('--interface <name>', 'capture live, by dumpcap, until Ctrl-C')
    .option('--filter <expression>', 'with --interface: which packets, as pcap-filter(7) has it')
    .option(
      '--keys <file>',
      'keys to open what was captured with: key log, RSA key, SDES lines; may be repeated',
      collect,
    )
    .option(
      '--records <file>',
      'records of our call manager (trustline records export), or a folder of them: claims are compared',
    )
    .option('--policy <file>', 'YAML: which verdicts and findings fail, and what is borne with')
    .option('--json', 'the report as JSON, and nothing else')
    .option('--html <file>', 'the report as one page that opens without a network')
    .option('--sarif <file>', 'the findings as SARIF 2.1.0, for pipelines')
    .option('--csv <file>', 'a row for each call')
    .option('--out <folder>', 'with --interface: a new report each minute, and one at the end')
    .option('--include-audio', 'put what is heard into the report, to be played')
    .option('--reveal', 'show digits and secrets unmasked; it is recorded in the report')
    .option('--all', 'every call and finding, not only a screenful')
    .option('--quiet', 'print nothing: the exit status says it')
    .addHelpText('after', examples)
    .action((captures: readonly string[], options: AuditCommandOptions) => runAudit(captures, options, terminal));
  addAuditExplain(audit, terminal);
  addAuditDiff(audit, terminal);
  addAuditSchema(audit, terminal);
}

const examples = `
Exit status: 0 every call is protected; 2 something is heard, digits are heard, keys are exposed or metadata lies open;
3 none of that, but something cannot be told or no call was found; 1 it could not be done.

Examples:
  trustline audit office.pcapng
  trustline audit office.pcapng --html report.html --include-audio
  trustline audit captures/ --keys keys.log --json > report.json
  tcpdump -i eth0 -w - | trustline audit -
  trustline audit --interface eth0 --out reports
  trustline audit explain voice-in-the-clear
  trustline audit diff before.json after.json`;
