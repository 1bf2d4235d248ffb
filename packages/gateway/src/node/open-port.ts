import type { GatewayConfiguration } from '../configuration/schema.ts';
import { PrimaryRatePort } from '../isdn/primary-rate-port.ts';
import { demonstrationPlan } from '../simulated-network/number-plan.ts';
import { SimulatedPublicNetwork } from '../simulated-network/simulated-network.ts';
import type { ToneCountry } from '../tones/call-progress-tones.ts';
import { pairedWires } from './line-wire.ts';
import { LoopbackLine } from './loopback-line.ts';
import type { RunningPort } from './port-side.ts';

type ConfiguredPort = GatewayConfiguration['ports'][number];

/**
 * Opens the line of a port as its document says. So far there is no card: a line is one end of a loopback within this
 * process, whose other end is a simulated public network.
 *
 * @param changed called whenever the port may have something to say; never before this returns
 */
export function openConfiguredPort(
  { name, access, side }: ConfiguredPort,
  country: ToneCountry,
  changed: () => void,
): RunningPort {
  const [ours, theirs] = pairedWires();
  const port = new PrimaryRatePort({ name, side, line: access });
  const farPort = new PrimaryRatePort({
    name: 'simulation',
    side: side === 'user' ? 'network' : 'user',
    line: access,
  });
  const network = new SimulatedPublicNetwork({ port: farPort, plan: demonstrationPlan, country });
  const far = new LoopbackLine({
    port: farPort,
    wire: theirs,
    activity: (now) => {
      network.handleTime(now);
      while (network.poll(now) !== undefined);
    },
  });
  const near = new LoopbackLine({ port, wire: ours, activity: changed });
  queueMicrotask(() => {
    far.start();
    near.start();
  });
  return {
    port,
    touched: () => near.wake(),
    stop: () => {
      near.close();
      far.close();
    },
  };
}
