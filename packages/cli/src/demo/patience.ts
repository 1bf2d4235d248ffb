import { setTimeout as delay } from 'node:timers/promises';
import { demoFailed } from './error.ts';

/**
 * Waits for what should come soon.
 *
 * @throws {TrustlineError} cli.demo-failed
 */
export async function within<Value>(milliseconds: number, what: string, awaited: Promise<Value>): Promise<Value> {
  const patience = new AbortController();
  const stuck = delay(milliseconds, undefined, { signal: patience.signal }).then(() => {
    throw demoFailed(`The demo waited ${milliseconds / 1000} s in vain: ${what}.`);
  });
  stuck.catch(() => undefined);
  try {
    return await Promise.race([awaited, stuck]);
  } finally {
    patience.abort();
  }
}

/** Looks again and again until it is so, or until the time is over; returns whether it is so. */
export async function eventually(milliseconds: number, isSo: () => boolean): Promise<boolean> {
  const until = performance.now() + milliseconds;
  while (!isSo()) {
    if (performance.now() > until) return false;
    await delay(20);
  }
  return true;
}
