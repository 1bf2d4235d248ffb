import type { Command } from 'commander';

/** Options that every command takes, before or after its name. */
export interface CommonOptions {
  readonly config?: string;
  readonly data?: string;
  readonly set?: readonly string[];
  readonly manager?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly trust?: string;
  readonly reason?: string;
}

export function addCommonOptions(program: Command): void {
  const collect = (value: string, before: readonly string[] = []) => [...before, value];
  program
    .option('--config <file>', 'the configuration (default: TRUSTLINE_CONFIG, then trustline.yaml here)')
    .option('--data <folder>', 'the data folder of the manager; overrides dataFolder')
    .option('--set <key=value>', 'overrides one key of the configuration; may be repeated', collect)
    .option('--manager <url>', 'ask a manager elsewhere: https://host:5443, with the three options below')
    .option('--certificate <file>', 'operator’s certificate (PEM)')
    .option('--key <file>', 'its private key (PEM)')
    .option('--trust <file>', 'the manager’s trust bundle (PEM)')
    .option('--reason <text>', 'why you change something: it is kept in the record');
}

/** The options that another command needs to mean the same manager as this one, to be appended to it. */
export function sameManager({
  config,
  data,
}: {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
}): string {
  return `${config === undefined ? '' : ` --config ${config}`}${data === undefined ? '' : ` --data ${data}`}`;
}
