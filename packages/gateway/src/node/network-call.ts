import { wordsOfCause } from '@trustline/h323';
import type { SimulatedNetworkEvent } from '../simulated-network/simulated-network.ts';
import type { FarCall, FarCallRequest, FarSide } from './far-side.ts';

/** A call from the simulated network: whom, and what the caller does. */
export interface NetworkCallRequest extends FarCallRequest {
  /** Name of the port; the first one by default. */
  readonly port?: string;
  /** Keys that the caller presses once it is answered. */
  readonly digits?: string;
  /** Hangs up so long after the answer; otherwise the other side does. */
  readonly seconds?: number;
}

/** How it goes on. */
export type NetworkCallEvent =
  | { readonly kind: 'placed'; readonly port: string }
  | { readonly kind: 'ringing' | 'answered'; readonly port: string }
  /** The gateway has taken a telephone line, and is dialled to; whether somebody answers then nobody says. */
  | { readonly kind: 'line-taken'; readonly port: string }
  | { readonly kind: 'digits-sent'; readonly digits: string }
  | {
      readonly kind: 'released';
      /** Of Q.850, and in words. */
      readonly cause: number;
      readonly words: string;
      readonly by: 'caller' | 'called' | 'line';
      readonly isAnswered: boolean;
      readonly seconds: number;
      /** For how long something was to be heard, early media included. */
      readonly heardSeconds: number;
    };

/** Keys, and the number at a telephone line, are pressed so long after the answer (ms): the other end listens by then. */
const KEY_PAUSE = 600;
const BLOCK_SECONDS = 0.02;
/** Louder than the noise of a line (of 32,767). */
const AUDIBLE = 200;

/** Makes the call; `told` hears how it goes on, last of all `released`. The result ends it. */
export function callFromNetwork(
  port: string,
  farSide: FarSide,
  request: NetworkCallRequest,
  told: (event: NetworkCallEvent) => void,
): () => void {
  const timers: NodeJS.Timeout[] = [];
  let answeredAt: number | undefined;
  let heardBlocks = 0;
  const place = () => (call.channel === undefined ? port : `${port}:${call.channel}`);
  const after = (milliseconds: number, act: () => void) => void timers.push(setTimeout(act, milliseconds));
  const answered = () => {
    answeredAt = performance.now();
    const { digits = '', seconds, number } = request;
    const pressed = farSide.dialsAfterwards ? `${number}${digits}` : digits;
    told({ kind: farSide.dialsAfterwards ? 'line-taken' : 'answered', port: place() });
    if (seconds !== undefined) after(seconds * 1_000, () => call.hangUp());
    if (pressed === '') return;
    after(KEY_PAUSE, () => {
      call.sendKeys(pressed);
      told({ kind: 'digits-sent', digits: pressed });
    });
  };
  const heard = (event: SimulatedNetworkEvent) => {
    switch (event.kind) {
      case 'incoming':
        return;
      case 'alerting':
        told({ kind: 'ringing', port: place() });
        return;
      case 'answered':
        answered();
        return;
      case 'heard':
        if (isAudible(event.samples)) heardBlocks += 1;
        return;
      case 'released': {
        for (const timer of timers) clearTimeout(timer);
        const { value } = event.cause;
        told({
          kind: 'released',
          cause: value,
          words: wordsOfCause(value),
          by: event.by === 'gateway' ? 'caller' : event.by === 'far-end' ? 'called' : 'line',
          isAnswered: answeredAt !== undefined,
          seconds: answeredAt === undefined ? 0 : (performance.now() - answeredAt) / 1_000,
          heardSeconds: heardBlocks * BLOCK_SECONDS,
        });
      }
    }
  };
  const call: FarCall = farSide.place(request, heard);
  told({ kind: 'placed', port });
  return () => call.hangUp();
}

function isAudible(samples: Int16Array): boolean {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length)) > AUDIBLE;
}
