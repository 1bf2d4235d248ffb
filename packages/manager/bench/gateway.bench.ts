/**
 * What calls through an H.323 gateway cost the call manager's core, with slow start and the keys of H.235.8: a SIP phone
 * calls a number behind the gateway, which answers; each has the other's key; the phone hangs up. Octets in, octets out:
 * reading and writing every message of the manager counts; the phone, the gateway, sockets and the disk do not. Then what the
 * proof of IPsec adds to the set-up of a call, between two network namespaces with strongSwan at both ends.
 *
 *     npm run bench -- h323 [--rounds 12] [--held 500] [--proofs 100] [--json]
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { GatewayLab } from './gateway-lab.ts';
import { measureProof, type ProofDelay } from './proof-delay.ts';

const goals = { callsPerSecond: 200, addedMilliseconds: 20 } as const;
const roundMilliseconds = 800;
const phones = 100;
const warmUp = 100;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    held: { type: 'string', default: '500' },
    proofs: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});
const [rounds, held, proofs] = [values.rounds, values.held, values.proofs].map(Number) as [number, number, number];

interface CallCost {
  readonly h245: 'tunnelled' | 'separate';
  /** Of the core, a second of one processor; other work on the machine only ever makes it fewer. */
  readonly callsPerSecond: { readonly best: number; readonly median: number };
  readonly milliseconds: { readonly best: number; readonly median: number };
  /** Octets of memory of the core, by each call that is up. */
  readonly octetsPerCall: number;
}

function costOf(h245: CallCost['h245']): CallCost {
  const isTunnelled = h245 === 'tunnelled';
  const lab = new GatewayLab(isTunnelled, phones);
  for (let call = 0; call < warmUp; call += 1) lab.call();
  const costs = Array.from({ length: rounds }, () => round(lab)).toSorted((a, b) => a - b);
  const [best, median] = [costs[0] ?? Number.NaN, costs[Math.floor(costs.length / 2)] ?? Number.NaN];
  return {
    h245,
    callsPerSecond: { best: 1_000 / best, median: 1_000 / median },
    milliseconds: { best, median },
    octetsPerCall: (coreWith(held, isTunnelled) - coreWith(0, isTunnelled)) / held,
  };
}

/** Milliseconds of the core for a call. */
function round(lab: GatewayLab): number {
  lab.stopwatch.spent = 0;
  let calls = 0;
  for (const end = performance.now() + roundMilliseconds; performance.now() < end; calls += 1) lab.call();
  return lab.stopwatch.spent / calls;
}

/** Octets of a core that has so many calls, each of a phone of its own; there are as many phones without calls. */
function coreWith(calls: number, isTunnelled: boolean): number {
  const lab = new GatewayLab(isTunnelled, held);
  for (let call = 0; call < calls; call += 1) lab.begin();
  return lab.discardCore();
}

const text = (value: number, digits = 0) => value.toLocaleString('en-US', { maximumFractionDigits: digits });

function showCost({ h245, callsPerSecond, milliseconds, octetsPerCall }: CallCost): void {
  console.log(`calls from a SIP phone to a gateway, slow start, ${h245} H.245, H.235.8, record and evidence:`);
  console.log(
    `  best of ${rounds} rounds  ${text(callsPerSecond.best)} calls/s a core, ${text(milliseconds.best, 2)} ms a call`,
  );
  console.log(
    `  median           ${text(callsPerSecond.median)} calls/s a core, ${text(milliseconds.median, 2)} ms a call`,
  );
  console.log(`  memory           ${text(octetsPerCall / 1_000, 1)} kB a call that is up, of ${held}`);
}

function showProof({ calls, ...delays }: ProofDelay): void {
  console.log(
    `set-up between two network namespaces, strongSwan at both ends, ${calls} calls of each kind, ms (p50, p99):`,
  );
  for (const what of ['without', 'with', 'added'] as const) {
    const { ringing, media } = delays[what];
    const one = ({ p50, p99 }: typeof ringing) => `${text(p50, 1)}, ${text(p99, 1)}`;
    const name = what === 'added' ? 'added by the proof' : `${what} the proof`;
    console.log(`  ${name.padEnd(20)} to ringing ${one(ringing).padEnd(14)} to media both ways ${one(media)}`);
  }
}

/** What IPsec needs is not everywhere. */
async function proofOrReason(): Promise<ProofDelay | string> {
  try {
    return await measureProof(proofs);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const costs = (['tunnelled', 'separate'] as const).map(costOf);
if (!values.json) for (const cost of costs) showCost(cost);
const proof = await proofOrReason();
const load = loadavg()[0] ?? 0;
if (values.json) {
  const measured = typeof proof === 'string' ? { proof: null, notMeasured: proof } : { proof };
  console.log(JSON.stringify({ held, costs, ...measured, load, goals }));
} else {
  if (typeof proof === 'string') console.log(`what the proof of IPsec adds was not measured: ${proof}`);
  else showProof(proof);
  console.log(
    `the aims are ${goals.callsPerSecond} calls/s a core, and p99 of what is added below ${goals.addedMilliseconds} ms`,
  );
  console.log(`load of the machine: ${text(load, 1)}`);
}
