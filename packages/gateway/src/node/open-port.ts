import { FxoPort } from '../analogue/fxo-port.ts';
import { FxsPort } from '../analogue/fxs-port.ts';
import type { GatewayConfiguration } from '../configuration/schema.ts';
import { PrimaryRatePort } from '../isdn/primary-rate-port.ts';
import { demonstrationPlan } from '../simulated-network/number-plan.ts';
import { SimulatedPublicNetwork } from '../simulated-network/simulated-network.ts';
import type { ToneCountry } from '../tones/call-progress-tones.ts';
import type { CompandingLaw } from '../voice-port.ts';
import { FarSide } from './far-side.ts';
import { pairedWires } from './line-wire.ts';
import { LoopbackLine } from './loopback-line.ts';
import type { RunningPort } from './port-side.ts';
import { TwoWireLoopback } from './two-wire-loopback.ts';

type ConfiguredPort = GatewayConfiguration['ports'][number];

/** How long the simulated telephone rings before it answers. */
const TELEPHONE_RINGS = 2_000;

/**
 * Opens the line of a port as its document says. So far there is no card: a line is one end of a loopback within this
 * process, with a simulated public network or a simulated telephone at its other end.
 *
 * @param changed called whenever the port may have something to say; never before this returns
 */
export function openConfiguredPort(port: ConfiguredPort, country: ToneCountry, changed: () => void): RunningPort {
  switch (port.kind) {
    case 'pri':
      return openPrimaryRate(port, country, changed);
    case 'fxs':
      return openFxs(port, country, changed);
    case 'fxo':
      return openFxo(port, country, changed);
  }
}

function openPrimaryRate(
  { name, access, side }: Extract<ConfiguredPort, { kind: 'pri' }>,
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
  const far: LoopbackLine = new LoopbackLine({
    port: farPort,
    wire: theirs,
    activity: (now) => farSide.activity(now),
  });
  const farSide = new FarSide(farPort, network, () => far.wake());
  const near = new LoopbackLine({ port, wire: ours, activity: changed });
  queueMicrotask(() => {
    far.start();
    near.start();
  });
  return {
    port,
    farSide,
    touched: () => near.wake(),
    stop: () => {
      near.close();
      far.close();
    },
  };
}

/** A telephone that answers, behind our line circuit. */
function openFxs(
  { name, number, callerId }: Extract<ConfiguredPort, { kind: 'fxs' }>,
  country: ToneCountry,
  changed: () => void,
): RunningPort {
  const law = lawOf(country);
  const port = new FxsPort({
    name,
    law,
    country,
    callerId,
    ...(number === undefined ? {} : { number: { typeOfNumber: 0, numberingPlan: 1, digits: number } }),
  });
  const telephone = new FxoPort({ name: 'simulation', law, country, callerId });
  const answers = { kind: 'answer', afterMilliseconds: TELEPHONE_RINGS, voice: { kind: 'echo' } } as const;
  const simulation = new SimulatedPublicNetwork({ port: telephone, plan: () => answers, country });
  return joined(port, { office: port, station: telephone }, simulation, changed);
}

/** An exchange with the numbers of the demonstration, behind our telephone line. */
function openFxo(
  { name, callerId, dialling, answerSupervision }: Extract<ConfiguredPort, { kind: 'fxo' }>,
  country: ToneCountry,
  changed: () => void,
): RunningPort {
  const law = lawOf(country);
  const port = new FxoPort({ name, law, country, callerId, dialling, answerSupervision });
  const answerReversal = answerSupervision === 'battery-reversal';
  const exchange = new FxsPort({ name: 'simulation', law, country, callerId, answerReversal });
  const simulation = new SimulatedPublicNetwork({ port: exchange, plan: demonstrationPlan, country });
  return joined(port, { office: exchange, station: port }, simulation, changed);
}

function joined(
  port: FxsPort | FxoPort,
  ends: { readonly office: FxsPort; readonly station: FxoPort },
  simulation: SimulatedPublicNetwork,
  changed: () => void,
): RunningPort {
  const line: TwoWireLoopback = new TwoWireLoopback({
    ...ends,
    activity: (now) => {
      farSide.activity(now);
      changed();
    },
  });
  const farPort = ends.office === port ? ends.station : ends.office;
  const farSide = new FarSide(farPort, simulation, () => line.wake());
  queueMicrotask(() => line.start());
  return { port, farSide, touched: () => line.wake(), stop: () => line.close() };
}

/** G.711's laws go by country (G.711 §3). */
function lawOf(country: ToneCountry): CompandingLaw {
  return country === 'US' ? 'mu' : 'A';
}
