import type { StatusAnswer } from '@trustline/manager';

/** What decides what people do next with a manager that has just started. */
type Situation = Pick<StatusAnswer, 'clusterKind' | 'noKeysBecause'>;

/**
 * What people do next, for the terminal: a lab is there to be tried, a production cluster wants its tokens first and then
 * its phones.
 *
 * @param same the options by which further commands mean the same manager
 */
export function nextCommands({ clusterKind, noKeysBecause }: Situation, same: string): string {
  const commands = clusterKind === 'lab' ? forLab(same) : noKeysBecause === null ? forPhones(same) : forTokens(same);
  return `\nIn another terminal:\n${commands.map((line) => `  ${line}\n`).join('')}\nCtrl-C stops it.\n`;
}

function forLab(same: string): readonly string[] {
  return [
    './trustline demo',
    `./trustline device add SEP001122334455 --line 1001 --security encrypted${same}`,
    `./trustline device credentials SEP001122334455 --out phone-1001${same}`,
  ];
}

function forTokens(same: string): readonly string[] {
  return [
    `trustline token init --token LABEL${same}   (for each of two security tokens)`,
    `trustline ctl create${same}   (mixed mode; until then no device is given keys)`,
    `trustline operator add NAME --role trust-officer --out FOLDER${same}   (for who keeps the tokens elsewhere)`,
  ];
}

function forPhones(same: string): readonly string[] {
  return [
    `trustline trust status${same}   (the lists in force, and where each phone stands)`,
    `trustline device add SEP001122334455 --line 1001${same}`,
    `trustline enrolment open SEP001122334455 --by string${same}   (then the phone may boot)`,
    `trustline backup --out FILE${same}   (keys, lists and store, encrypted)`,
  ];
}
