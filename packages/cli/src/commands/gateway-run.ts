import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { problemLine } from '@trustline/base';
import {
  type GatewayConfiguration,
  GatewayError,
  gatewayConfigurationReference,
  readGatewayConfiguration,
} from '@trustline/gateway';
import { ControlSocket, Gateway, type GatewayReport, openConfiguredPort } from '@trustline/gateway/node';
import type { Command } from 'commander';
import { onInterruption } from '../interruption.ts';
import { printable, type Terminal } from '../terminal.ts';
import { addGatewayCallCommand, controlPathOf } from './gateway-call.ts';

/** Adds what runs a gateway of our own, and what looks at its document, to the group `gateway`. */
export function addGatewayProgramCommands(program: Command, terminal: Terminal): void {
  const gateway =
    program.commands.find((command) => command.name() === 'gateway') ??
    program.command('gateway').description('voice gateways');

  gateway
    .command('run <document>')
    .description('run a voice gateway of our own here, as its document says, until Ctrl-C or SIGTERM')
    .option('--json', 'every line is a JSON document')
    .addHelpText(
      'after',
      `
The document is not that of the call manager; "gateway config reference" has its keys. Each call is one line when it has
ended, which says how far it was encrypted.

Examples:
  trustline gateway run gateway.yaml
  trustline gateway run gateway.yaml --json`,
    )
    .action((document: string, options: { readonly json?: true }) => run(document, options.json === true, terminal));

  addGatewayCallCommand(gateway, terminal, read);

  const config = gateway.command('config').description('the document of a gateway');
  config
    .command('check <document>')
    .description('say what is wrong with a document, all at once, with lines and the nearest valid names')
    .addHelpText('after', '\nExample:\n  trustline gateway config check gateway.yaml')
    .action((document: string) => {
      const { dialPeers } = read(document);
      terminal.out(`${document}: no error; ${dialPeers.length} dial peers.\n`);
    });
  config
    .command('reference')
    .description('every key with its meaning, values and default, as Markdown')
    .addHelpText('after', '\nExample:\n  trustline gateway config reference > gateway-configuration.md')
    .action(() => terminal.out(gatewayConfigurationReference()));
}

async function run(document: string, asJson: boolean, terminal: Terminal): Promise<void> {
  const configuration = read(document);
  const say = (report: GatewayReport) =>
    terminal.out(
      asJson ? `${JSON.stringify({ schema: 1, gateway: configuration.name, ...report })}\n` : linesOf(report),
    );
  const stopped = Promise.withResolvers<void>();
  const release = onInterruption(
    () => stopped.resolve(),
    () => process.exit(1),
  );
  try {
    const running = await Gateway.start({
      configuration,
      folder: dirname(resolve(document)),
      report: say,
      openPort: openConfiguredPort,
    });
    const control = await ControlSocket.listen(controlPathOf(document, configuration), (request, told) =>
      running.callFromNetwork(request, told),
    ).catch((error: unknown) => {
      if (!(error instanceof GatewayError)) throw error;
      // It does without: only calls of tests come by it.
      say({ kind: 'notice', level: 'warning', text: `${error.message}: gateway call finds nobody. ${error.nextStep}` });
      return undefined;
    });
    if (!asJson) terminal.out(`Gateway ${printable(configuration.name)} runs; Ctrl-C ends it.\n`);
    await stopped.promise;
    control?.stop();
    await running.stop();
  } finally {
    release();
  }
  if (!asJson) terminal.out('Stopped.\n');
}

/** @throws {GatewayError} where it cannot be read, or is wrong */
function read(document: string): GatewayConfiguration {
  const reading = readGatewayConfiguration(readFileSync(document, 'utf8'));
  if (reading.ok) return reading.configuration;
  const lines = reading.problems.map((problem) => problemLine(document, problem));
  throw new GatewayError('gateway.bad-configuration', lines.join('\n'), {
    nextStep: '"trustline gateway config reference" has every key.',
  });
}

function linesOf(report: GatewayReport): string {
  switch (report.kind) {
    case 'listening':
      return `listens for ${report.protocol} at ${report.address}:${report.port}\n`;
    case 'notice':
      return `${report.level === 'warning' ? 'warning: ' : ''}${printable(report.text)}\n`;
    case 'self-test': {
      const lines = report.checks.map(
        ({ passed, text }) => `  ${passed === true ? 'passed' : 'failed'}: ${printable(text)}\n`,
      );
      return `trunk ${printable(report.trunk)}:\n${lines.join('')}`;
    }
    case 'record': {
      const { from, to, calling, called, begunAt, answeredAt, endedAt, cause, demarcation } = report.record;
      const talked = answeredAt === undefined ? 'not answered' : `${((endedAt - answeredAt) / 1_000).toFixed(1)} s`;
      const parties = `${calling || 'unknown'} to ${called}, ${from}${to === undefined ? '' : ` to ${to}`}`;
      return `${new Date(begunAt).toISOString()} ${printable(parties)}: ${talked}, cause ${cause}; ${printable(demarcation)}\n`;
    }
    case 'call':
      return '';
  }
}
