import { configurationReference } from '@trustline/manager';
import { loadConfiguration, redactedConfiguration } from '@trustline/manager/node';
import type { Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { clientOf, configurationOf } from '../options.ts';
import { json, type Terminal } from '../terminal.ts';

export function addConfigCommands(program: Command, terminal: Terminal): void {
  const config = program.command('config').description('the configuration, trustline.yaml');

  config
    .command('check [file]')
    .description('say what is wrong with a configuration, all at once, with lines and the nearest valid names')
    .addHelpText('after', '\nExamples:\n  trustline config check\n  trustline config check /etc/trustline.yaml')
    .action((file: string | undefined, _options: unknown, command: Command) => {
      const common = command.optsWithGlobals<CommonOptions>();
      const named = file ?? common.config;
      const loaded = loadConfiguration({ file: named, set: common.set, environment: terminal.environment });
      terminal.out(`${loaded.file ?? 'No trustline.yaml here: the defaults'}: no error.\n`);
    });

  config
    .command('show')
    .description('the effective configuration: of this folder, or with --running of the running manager')
    .addHelpText('after', '\nExamples:\n  trustline config show\n  trustline config show --running')
    .option('--running', 'ask the running manager')
    .action(async (options: { readonly running?: true }, command: Command) => {
      const effective = options.running
        ? (await clientOf(command, terminal).configuration()).configuration
        : redactedConfiguration(configurationOf(command, terminal).configuration);
      terminal.out(json(effective));
    });

  config
    .command('reference')
    .description('every key with its meaning, values and default, as Markdown')
    .addHelpText('after', '\nExample:\n  trustline config reference > configuration.md')
    .action(() => terminal.out(configurationReference()));
}
