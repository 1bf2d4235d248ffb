import { readGatewayConfiguration } from '../configuration/document.ts';
import { Gateway, type GatewayCallRecord, type GatewayOptions, type GatewayReport } from './gateway.ts';
import type { HandsetPort } from './handset-port.fixture.ts';

/** A gateway that runs for a test, and all that it told. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly reports: GatewayReport[];
  readonly port: number;
  records(): GatewayCallRecord[];
  notices(): string[];
}

/** Starts a gateway of this document; its ports are handsets. */
export async function startTestGateway(
  document: string,
  handsets: readonly HandsetPort[],
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const reading = readGatewayConfiguration(document);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  const reports: GatewayReport[] = [];
  const gateway = await Gateway.start({
    configuration: reading.configuration,
    report: (report) => reports.push(report),
    openPort: ({ name }, _country, changed) => {
      const handset = handsets.find((one) => one.name === name);
      if (handset === undefined) throw new Error(`nobody is at port ${name}`);
      return handset.open(changed);
    },
    ...options,
  });
  const listening = reports.find((report) => report.kind === 'listening');
  return {
    gateway,
    reports,
    port: listening?.kind === 'listening' ? listening.port : 0,
    records: () => reports.flatMap((report) => (report.kind === 'record' ? [report.record] : [])),
    notices: () => reports.flatMap((report) => (report.kind === 'notice' ? [report.text] : [])),
  };
}

/** Samples that are compared at a time: a busy machine may leave out or add a frame between two such parts. */
const PART = 2_400;

/**
 * How alike what was heard is to what was said, where it is most: the highest normalised correlation of any 0.3 s of it, at
 * any lag of up to 2.5 s.
 */
export function likeness(heard: readonly number[], said: Int16Array): number {
  let highest = 0;
  for (let from = PART; from + PART < heard.length && highest < 0.9; from += PART) {
    const part = Float64Array.from({ length: PART }, (_, at) => heard[from + at] ?? 0);
    const energy = part.reduce((sum, sample) => sum + sample * sample, 0);
    if (energy > PART * 10_000) highest = Math.max(highest, ...correlations(part, energy, said, from));
  }
  return highest;
}

function* correlations(part: Float64Array, energy: number, said: Int16Array, from: number): Generator<number> {
  // What is said runs from the beginning of a call, what is heard from when it can be.
  for (let start = Math.max(0, from - 6_000); start <= from + 20_000; start++) {
    let [sum, other] = [0, 0];
    for (let at = 0; at < PART; at++) {
      const sample = said[start + at] as number;
      sum += (part[at] as number) * sample;
      other += sample * sample;
    }
    yield other === 0 ? 0 : sum / Math.sqrt(energy * other);
  }
}
