import { expect, test } from 'vitest';
import { FxoPort } from '../analogue/fxo-port.ts';
import { FxsPort } from '../analogue/fxs-port.ts';
import type { VoicePortEvent } from '../voice-port.ts';
import { TwoWireLoopback } from './two-wire-loopback.ts';

test('an FXO port dials a telephone number into an FXS port over the clock of this process, and both talk', async () => {
  const office = new FxsPort({ name: '2/0', law: 'A', country: 'GB', callerId: 'none' });
  const station = new FxoPort({ name: '1/0', law: 'A', country: 'GB', callerId: 'none' });
  let dialled = '';
  const heard = new Promise<void>((resolve) => {
    const takeOffice = (event: VoicePortEvent, now: number) => {
      if (event.kind === 'incoming') office.wantDigits(now, event.call);
      else if (event.kind === 'digits') {
        dialled += event.digits;
        if (dialled === '42') office.answer(now, event.call);
      } else if (event.kind === 'audio') office.write(event.call, new Uint8Array(160).fill(0x21));
    };
    const line = new TwoWireLoopback({
      office,
      station,
      activity: (now) => {
        for (let event = office.poll(); event !== undefined; event = office.poll()) takeOffice(event, now);
        for (let event = station.poll(); event !== undefined; event = station.poll()) {
          if (event.kind !== 'audio' || !event.octets.every((octet) => octet === 0x21)) continue;
          line.close();
          resolve();
        }
      },
    });
    line.start();
    station.place(performance.now(), { called: { typeOfNumber: 0, numberingPlan: 1, digits: '42' }, complete: true });
    line.wake();
  });
  await heard;
  expect([dialled, station.state, office.state]).toEqual(['42', 'talking', 'talking']);
});
