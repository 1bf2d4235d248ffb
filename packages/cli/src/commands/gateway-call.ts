import { dirname, join, resolve } from 'node:path';
import { TrustlineError } from '@trustline/base';
import type { GatewayConfiguration } from '@trustline/gateway';
import {
  askForCall,
  type ControlAnswer,
  type NetworkCallEvent,
  type NetworkCallRequest,
} from '@trustline/gateway/node';
import { type Command, InvalidArgumentError } from 'commander';
import { onInterruption } from '../interruption.ts';
import { phoneExitCodeMeanings, phoneExitCodes } from '../phone/exit-codes.ts';
import { printable, type Terminal } from '../terminal.ts';

interface CallOptions {
  readonly from?: string;
  readonly anonymous?: true;
  readonly port?: string;
  readonly digits?: string;
  readonly seconds?: number;
  readonly json?: true;
}

type Released = Extract<NetworkCallEvent, { kind: 'released' }>;

/** Where a gateway that runs from a document is told to do something. */
export function controlPathOf(document: string, { name }: Pick<GatewayConfiguration, 'name'>): string {
  return join(dirname(resolve(document)), `${encodeURIComponent(name)}.sock`);
}

/** Adds the command that calls from behind a port to the group `gateway`. */
export function addGatewayCallCommand(
  gateway: Command,
  terminal: Terminal,
  read: (document: string) => GatewayConfiguration,
): void {
  const meanings = new Set<number>([
    phoneExitCodes.completed,
    phoneExitCodes.failed,
    phoneExitCodes.busy,
    phoneExitCodes.noAnswer,
    phoneExitCodes.refused,
    phoneExitCodes.refusedForSecurity,
    phoneExitCodes.unreachable,
    phoneExitCodes.noSuchNumber,
  ]);
  const codes = phoneExitCodeMeanings
    .filter(([code]) => meanings.has(code))
    .map(
      ([code, meaning]) => `  ${String(code).padStart(2)}  ${code === phoneExitCodes.unreachable ? noWay : meaning}`,
    );
  gateway
    .command('call <document> <number>')
    .description('call from the simulated network behind a port of the gateway that runs from this document')
    .option('--port <name>', 'the port whose far side calls (default: the first)')
    .option('--from <number>', 'who calls', digitsOf('a number is of digits, * and #, with a plus before it or not'))
    .option('--anonymous', 'the caller withholds his number')
    .option('--digits <digits>', 'press these keys once it is answered: 0-9 * # A-D', keys)
    .option('--seconds <seconds>', 'hang up so long after the answer', seconds)
    .option('--json', 'events as NDJSON, the last object says how it went')
    .addHelpText(
      'after',
      `
Only a line that is a simulation has a far side that calls. At \`pri\` it is the public network, at \`fxs\` the telephone,
which dials the number, at \`fxo\` the exchange, whose caller dials it once the gateway has taken the line. A carrier
(\`trunks\`) is somebody else's: call from one of its telephones. The caller says a tone of 440 Hz. Ctrl-C hangs up.

Examples:
  trustline gateway call gateway.yaml 2001 --from 030123456 --seconds 5
  trustline gateway call gateway.yaml 2001 --port 0/1 --digits 12# --json

Exit codes:
${codes.join('\n')}`,
    )
    .action(async (document: string, number: string, options: CallOptions) => {
      const configuration = read(document);
      await call(
        controlPathOf(document, configuration),
        configuration.name,
        requestOf(number, options),
        options,
        terminal,
      );
    });
}

const noWay = 'no way there: nothing is reached, or has a channel';

async function call(
  path: string,
  gateway: string,
  request: NetworkCallRequest,
  options: CallOptions,
  terminal: Terminal,
): Promise<void> {
  const interruption = new AbortController();
  const release = onInterruption(
    () => interruption.abort(),
    () => process.exit(130),
  );
  terminal.exitCode = phoneExitCodes.noAnswer;
  try {
    for await (const told of askForCall(path, request, interruption.signal)) {
      if (told.kind === 'refused') throw refusal(told);
      const exitCode = told.kind === 'released' ? exitCodeOf(told) : undefined;
      if (exitCode !== undefined) terminal.exitCode = exitCode;
      if (options.json) {
        const at = new Date().toISOString();
        terminal.out(
          `${JSON.stringify({ schema: 1, gateway, at, ...told, ...(exitCode === undefined ? {} : { exitCode }) })}\n`,
        );
      } else {
        terminal.out(`${printable(sentence(told, request))}\n`);
      }
    }
  } finally {
    release();
  }
}

function requestOf(
  number: string,
  { from, anonymous, port, digits, seconds: talked }: CallOptions,
): NetworkCallRequest {
  return {
    number: digitsOf('a number is of digits, * and #, with a plus before it or not')(number),
    ...(from === undefined ? {} : { calling: from }),
    ...(anonymous === true ? { isAnonymous: true } : {}),
    ...(port === undefined ? {} : { port }),
    ...(digits === undefined ? {} : { digits }),
    ...(talked === undefined ? {} : { seconds: talked }),
  };
}

function sentence(told: NetworkCallEvent, { number }: NetworkCallRequest): string {
  switch (told.kind) {
    case 'placed':
      return `Somebody behind port ${told.port} calls ${number}.`;
    case 'ringing':
      return `It rings (port ${told.port}).`;
    case 'answered':
      return `Answered (port ${told.port}).`;
    case 'line-taken':
      return `The gateway has taken the line (port ${told.port}); whether somebody answers beyond it nobody says.`;
    case 'digits-sent':
      return `Pressed ${told.digits}.`;
    case 'released': {
      const { cause, words, by, isAnswered, seconds: talked, heardSeconds } = told;
      const heard = `${heardSeconds.toFixed(1)} s of sound came`;
      const times = isAnswered ? `${talked.toFixed(1)} s after the answer, ${heard}` : `not answered, ${heard}`;
      return `The call ended: cause ${cause} (${words}), by the ${by}; ${times}.`;
    }
  }
}

/** By the cause, as a phone has them by how its call ended. */
function exitCodeOf({ cause, isAnswered }: Released): number {
  if (isAnswered) return phoneExitCodes.completed;
  switch (cause) {
    case 17:
      return phoneExitCodes.busy;
    case 16:
    case 18:
    case 19:
    case 102:
      return phoneExitCodes.noAnswer;
    case 1:
    case 22:
    case 28:
      return phoneExitCodes.noSuchNumber;
    case 57:
      return phoneExitCodes.refusedForSecurity;
    case 2:
    case 3:
    case 20:
    case 27:
    case 34:
    case 38:
    case 41:
    case 42:
    case 44:
    case 47:
      return phoneExitCodes.unreachable;
    default:
      return phoneExitCodes.refused;
  }
}

function refusal({ code, message, nextStep }: Extract<ControlAnswer, { kind: 'refused' }>): TrustlineError {
  return new TrustlineError(code, message, nextStep === undefined ? {} : { nextStep });
}

function digitsOf(wanted: string): (text: string) => string {
  return (text) => {
    if (!/^\+?[0-9*#]{1,32}$/.test(text)) throw new InvalidArgumentError(wanted);
    return text;
  };
}

function keys(text: string): string {
  if (!/^[0-9*#A-D]{1,64}$/i.test(text)) throw new InvalidArgumentError('keys are 0-9, *, # and A-D');
  return text.toUpperCase();
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('seconds up to a day are wanted');
  return value;
}
