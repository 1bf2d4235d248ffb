import { type CatalogueEntry, catalogue, catalogueEntry, systems } from '@trustline/audit';
import { nearestName, TrustlineError } from '@trustline/base';
import type { Command } from 'commander';
import { json, type Terminal, table } from '../terminal.ts';

export function addAuditExplain(audit: Command, terminal: Terminal): void {
  audit
    .command('explain')
    .description('what a finding is, why it matters, and how it is mended on common systems')
    .argument('[finding]', 'its code; without one they are listed')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline audit explain voice-in-the-clear')
    .action((code: string | undefined, _: unknown, command: Command) => {
      // The command above it has an option of this name, too, which may stand before or behind.
      const options = command.optsWithGlobals<{ readonly json?: true }>();
      if (code === undefined) {
        terminal.out(options.json ? json(catalogue) : listText());
        return;
      }
      const entry = catalogueEntry(code);
      if (entry === undefined) throw unknownCode(code);
      terminal.out(options.json ? json(entry) : entryText(entry));
    });
}

function unknownCode(code: string): TrustlineError {
  const nearest = nearestName(
    code,
    catalogue.map((entry) => entry.code),
  );
  return new TrustlineError('cli.unknown-finding', `There is no finding "${code}".`, {
    nextStep: nearest === undefined ? 'trustline audit explain lists them.' : `trustline audit explain ${nearest}`,
  });
}

function listText(): string {
  return table(
    ['harm', 'finding', 'what it is'],
    catalogue.map(({ harm, code, title }) => [harm, code, title]),
  );
}

function entryText({ code, harm, title, means, why, rules, fix, how }: CatalogueEntry): string {
  const lines = [
    `${title} (${code}, ${harm})`,
    '',
    means,
    '',
    `Why it matters`,
    `  ${why}`,
    '',
    'What to change',
    `  ${fix}`,
  ];
  for (const [system, name] of Object.entries(systems)) {
    const words = how[system as keyof typeof systems];
    if (words !== undefined) lines.push('', `${name}`, `  ${words}`);
  }
  if (rules.length > 0) lines.push('', `Rules: ${rules.join('; ')}`);
  return `${lines.join('\n')}\n`;
}
