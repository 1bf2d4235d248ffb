import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { PrimaryRatePort } from '../isdn/primary-rate-port.ts';
import { demonstrationPlan } from '../simulated-network/number-plan.ts';
import { SimulatedPublicNetwork } from '../simulated-network/simulated-network.ts';
import type { VoicePortEvent } from '../voice-port.ts';
import { joinLine, type LineWire, listenForLine, pairedWires } from './line-wire.ts';
import { LoopbackLine } from './loopback-line.ts';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Our port on a wire, and the simulated network on the other. */
function lines(ours: LineWire, theirs: LineWire) {
  const port = new PrimaryRatePort({ name: '0/1', side: 'user', line: 'E1' });
  const farPort = new PrimaryRatePort({ name: 'simulation', side: 'network', line: 'E1' });
  const simulation = new SimulatedPublicNetwork({ port: farPort, plan: demonstrationPlan, country: 'GB' });
  const waiting: { readonly is: (event: VoicePortEvent) => boolean; readonly done: (event: VoicePortEvent) => void }[] =
    [];
  const near = new LoopbackLine({
    port,
    wire: ours,
    activity: () => {
      for (let event = port.poll(); event !== undefined; event = port.poll()) {
        const seen = event;
        const at = waiting.findIndex(({ is }) => is(seen));
        if (at >= 0) waiting.splice(at, 1)[0]?.done(seen);
        if (seen.kind === 'audio') port.write(seen.call, new Uint8Array(160).fill(0x11));
      }
    },
  });
  const far = new LoopbackLine({
    port: farPort,
    wire: theirs,
    activity: (now) => {
      simulation.handleTime(now);
      while (simulation.poll(now) !== undefined);
    },
  });
  closing.push(
    () => near.close(),
    () => far.close(),
  );
  const until = (is: (event: VoicePortEvent) => boolean) =>
    new Promise<VoicePortEvent>((done) => waiting.push({ is, done }));
  far.start();
  near.start();
  return { port, near, far, until };
}

async function callThrough({ port, near, until }: ReturnType<typeof lines>): Promise<void> {
  if (!port.inService) await until(({ kind }) => kind === 'service');
  const answered = until(({ kind }) => kind === 'answered');
  const echoed = until((event) => event.kind === 'audio' && event.octets.every((octet) => octet === 0x11));
  const number = port.place(performance.now(), {
    called: { typeOfNumber: 0, numberingPlan: 1, digits: '5550200' },
    complete: true,
  });
  near.wake();
  await answered;
  await echoed;
  const released = until(({ kind }) => kind === 'released');
  port.release(performance.now(), number, { value: 16, location: 0 });
  near.wake();
  expect(await released).toMatchObject({ by: 'gateway' });
}

describe('a loopback line', () => {
  test('within one process: a call goes through, and what was said comes back', async () => {
    await callThrough(lines(...pairedWires()));
  });

  test('over a local socket that is the owner’s alone, as between two processes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trustline-line-'));
    closing.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'line');
    let arrive: (wire: LineWire) => void = () => {};
    const arrived = new Promise<LineWire>((resolve) => {
      arrive = resolve;
    });
    const server = await listenForLine(path, (wire) => arrive(wire));
    closing.push(() => server.close());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const ours = await joinLine(path);
    await callThrough(lines(ours, await arrived));
  });

  test('an end that goes away is told to the other', async () => {
    const [ours, theirs] = pairedWires();
    const closed = new Promise<void>((resolve) => theirs.open({ message: () => {}, closed: resolve }));
    ours.close();
    await closed;
  });
});
