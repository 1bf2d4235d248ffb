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
    openPort: ({ name }, changed) => {
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

/** How alike two sounds are at the best lag up to a second and a half: the highest normalised correlation. */
export function likeness(heard: readonly number[], said: Int16Array, from = 6_000, length = 3_000): number {
  const part = Float64Array.from({ length }, (_, at) => heard[from + at] ?? 0);
  const energy = part.reduce((sum, sample) => sum + sample * sample, 0);
  let highest = 0;
  for (let start = Math.max(0, from - 12_000); start <= from; start++) {
    let [sum, other] = [0, 0];
    for (let at = 0; at < length; at++) {
      const sample = said[start + at] as number;
      sum += (part[at] as number) * sample;
      other += sample * sample;
    }
    if (energy > 0 && other > 0) highest = Math.max(highest, sum / Math.sqrt(energy * other));
  }
  return highest;
}
