import { afterEach, expect, test } from 'vitest';
import type { VoicePortEvent } from '../voice-port.ts';
import { openConfiguredPort } from './open-port.ts';
import type { RunningPort } from './port-side.ts';

let running: RunningPort | undefined;
afterEach(() => running?.stop());

const simulation = { line: 'simulation', callerId: 'none' } as const;

test.each([
  ['pri', { name: '0/1', kind: 'pri', access: 'E1', side: 'user', line: 'simulation' }, '5550440'],
  ['fxo', { name: '1/0', kind: 'fxo', dialling: 'dtmf', answerSupervision: 'battery-reversal', ...simulation }, '0440'],
  ['fxs', { name: '2/0', kind: 'fxs', ...simulation }, ''],
] as const)('a port of kind %s opens, comes into service and has its call answered', async (_, configured, digits) => {
  const answered = Promise.withResolvers<VoicePortEvent>();
  let placed = false;
  const opened: RunningPort = openConfiguredPort(configured, 'GB', () => {
    const { port } = opened;
    for (let event = port.poll(); event !== undefined; event = port.poll()) {
      if (event.kind === 'answered' || event.kind === 'released') answered.resolve(event);
    }
    if (placed || !port.inService || port.freeChannels === 0) return;
    placed = true;
    port.place(performance.now(), { called: { typeOfNumber: 0, numberingPlan: 1, digits }, complete: true });
    opened.touched();
  });
  running = opened;
  expect(await answered.promise).toMatchObject({ kind: 'answered' });
});
