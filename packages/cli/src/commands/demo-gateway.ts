import { SeparateNetworks, withoutIpsec } from '../demo/gateway/namespaces.ts';
import { gatewayPageOf } from '../demo/gateway/page.ts';
import { type DemoNetwork, type GatewayScene, loopback, separateNetworks } from '../demo/gateway/plan.ts';
import { gatewayReportOf } from '../demo/gateway/report.ts';
import { runGatewayDemo } from '../demo/gateway/run.ts';
import { judgeGateway } from '../demo/gateway/verdict.ts';
import { styleOf } from '../demo/page.ts';
import type { DemoProtocol } from '../demo/plan.ts';
import { exitCodes } from '../exit-codes.ts';
import { json, type Terminal } from '../terminal.ts';

export interface GatewayDemoCommandOptions {
  readonly protocol: DemoProtocol;
  readonly allowClear?: true;
  readonly ipsec: boolean;
  readonly out?: string;
  readonly json?: true;
  /** Given by the program to itself: the network namespace of the gateway, beside which it now runs. */
  readonly beside?: string;
}

/** `trustline demo --gateway`: with root the whole call, without the refusal, or with --allow-clear a clear one. */
export async function demoGateway(
  options: GatewayDemoCommandOptions,
  say: (sentence: string) => void,
  terminal: Terminal,
): Promise<void> {
  const { protocol, allowClear, ipsec, out, beside } = options;
  if (beside !== undefined) {
    const network = { ...separateNetworks, gatewayNamespace: beside, wire: 'gateway' };
    return await show(options, 'protected', network, say, terminal);
  }
  if (allowClear) return await show(options, 'clear', loopback, say, terminal);
  const reason = ipsec ? withoutIpsec() : 'it is not wanted';
  if (reason !== undefined) {
    say(`IPsec is not shown: ${reason}. What is shown is that nothing leaves without it`);
    return await show(options, 'withheld', loopback, say, terminal);
  }
  say('making two network namespaces, one for manager and phone, one for the gateway');
  const networks = SeparateNetworks.make();
  try {
    const given = [
      ...(options.json ? ['--json'] : []),
      ...(out === undefined ? [] : ['--out', out]),
      ...['--protocol', protocol, '--beside', networks.gateway],
    ];
    terminal.exitCode = await networks.runInside(['demo', '--gateway', ...given]);
  } finally {
    networks.remove();
  }
}

async function show(
  { protocol, out, json: asJson }: GatewayDemoCommandOptions,
  scene: GatewayScene,
  network: DemoNetwork,
  say: (sentence: string) => void,
  terminal: Terminal,
): Promise<void> {
  const measurement = await runGatewayDemo({ protocol, scene, network, out, say });
  const checks = judgeGateway(measurement);
  const report = gatewayReportOf(measurement, checks);
  terminal.out(asJson ? json(report) : gatewayPageOf(measurement, checks, styleOf(terminal.takesColour === true)));
  if (!report.passed) terminal.exitCode = exitCodes.failed;
}
