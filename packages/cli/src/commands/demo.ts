import { type SdesSuiteName, sdesSuites } from '@trustline/keying';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { pageOf, styleOf } from '../demo/page.ts';
import type { Sabotage } from '../demo/plan.ts';
import { reportOf } from '../demo/report.ts';
import { runDemo } from '../demo/run.ts';
import { judge } from '../demo/verdict.ts';
import { exitCodes } from '../exit-codes.ts';
import { json, type Terminal } from '../terminal.ts';
import { demoGateway, type GatewayDemoCommandOptions } from './demo-gateway.ts';

interface DemoCommandOptions extends GatewayDemoCommandOptions {
  readonly gateway?: true;
  readonly clear?: true;
  readonly suite?: SdesSuiteName;
  readonly sabotage?: Sabotage;
}

export function addDemoCommand(program: Command, terminal: Terminal): void {
  program
    .command('demo')
    .description('prove on this machine that a call is encrypted: a manager, two phones and a tap')
    .addOption(
      new Option('--protocol <name>', 'what the two phones speak: sip, or sccp (Skinny)')
        .choices(['sip', 'sccp'])
        .default('sip'),
    )
    .option('--clear', 'the same call with SRTP off, where the tap hears everything')
    .addOption(
      new Option('--suite <name>', 'this crypto suite only, in place of the best')
        .choices(Object.keys(sdesSuites))
        .conflicts('clear'),
    )
    .addOption(
      new Option(
        '--gateway',
        'a call to the public network by an H.323 gateway: with root encrypted up to it, by IPsec',
      ).conflicts(['clear', 'suite', 'sabotage']),
    )
    .addOption(new Option('--allow-clear', 'with --gateway: the call may be clear, and is shown so'))
    .option('--no-ipsec', 'with --gateway: as root, too, what happens where IPsec is not there')
    .addOption(new Option('--beside <namespace>', 'where the gateway runs').hideHelp())
    .option('--out <folder>', 'where sound, capture and records are left (default: a new temporary folder)')
    .option('--json', 'one JSON object in place of the page')
    .addOption(
      new Option('--sabotage <what>', 'break it on purpose').choices(['srtp', 'keys']).conflicts('clear').hideHelp(),
    )
    .addHelpText(
      'after',
      `
By Skinny the phones also meet one that speaks SIP and one without any protection: they call both ways, hold, transfer,
and show an open lock where the tap hears everything.

With --gateway a phone calls a number behind an H.323 gateway, whose public network is simulated. Keys travel in that signalling, so
it has to be within IPsec, and the manager proves it before one leaves. As root the whole call is shown, in two network namespaces
of its own; without, that the call is refused and nothing leaves, or with --allow-clear what a tap hears of a clear one.

Takes about half a minute, by Skinny about a minute, needs no privilege, and minds no manager that is running: ports are those the system
gives, and its data folder is its own. Every figure is measured in the run. It ends with 0 when all of them hold and
with 1 when one does not.

To see it fail, --sabotage srtp gives both phones a cipher that does nothing while the signalling says encrypted, and
--sabotage keys hands the keys to the tap.

Examples:
  trustline demo
  trustline demo --clear
  trustline demo --protocol sccp
  trustline demo --gateway
  trustline demo --suite AES_CM_128_HMAC_SHA1_80
  trustline demo --json --out evidence`,
    )
    .action((options: DemoCommandOptions) => demo(options, terminal));
}

async function demo(options: DemoCommandOptions, terminal: Terminal): Promise<void> {
  const startedAt = performance.now();
  const say = (sentence: string) => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    terminal.error(`${seconds.padStart(5)} s  ${sentence}\n`);
  };
  if (options.gateway) return await demoGateway(options, say, terminal);
  if (options.allowClear) throw new InvalidArgumentError('--allow-clear goes with --gateway.');
  const measurement = await runDemo({
    protocol: options.protocol,
    mode: options.clear ? 'clear' : 'encrypted',
    suite: options.suite,
    sabotage: options.sabotage,
    out: options.out,
    say,
  });
  const checks = judge(measurement);
  const report = reportOf(measurement, checks);
  terminal.out(options.json ? json(report) : pageOf(measurement, checks, styleOf(terminal.takesColour === true)));
  if (!report.passed) terminal.exitCode = exitCodes.failed;
}
