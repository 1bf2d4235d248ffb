import { SeededRandom, VirtualClock } from '@trustline/testing';
import { expect } from 'vitest';
import { cryptoLine, description, octets, Simulation, type SimulationOptions } from './simulation.fixture.ts';

/** Alice (1001) and Bob (1002), registered by TLS at the core of a manager on a virtual clock. */
export function aliceAndBob(options: SimulationOptions = {}) {
  const clock = new VirtualClock(1_000);
  const lab = new Simulation(clock, new SeededRandom(7).bytes, options);
  const [alice, bob] = [lab.phone('SEP000000000001', '1001'), lab.phone('SEP000000000002', '1002')];
  alice.register();
  bob.register();
  const ringing = (offer: string | undefined = description([cryptoLine(1)])) => {
    alice.call('1002', offer);
    return { alice, bob };
  };
  const answer = (sdp = description([cryptoLine(2)])) => lab.act((now) => bob.session.accept(now, octets(sdp)));
  const talking = () => {
    ringing();
    answer();
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
  };
  /** All is over: nothing is left of it in any table. */
  const nothingLeft = () => {
    clock.advance(120_000);
    expect(lab.core.calls()).toEqual([]);
    expect(lab.core.tableSizes).toEqual({
      sessions: 0,
      dialogs: 0,
      transactions: 0,
      callers: 0,
      legs: 0,
      lost: 0,
      kept: 0,
      over: 0,
    });
  };
  return { clock, lab, alice, bob, ringing, answer, talking, nothingLeft };
}

/** The lines of a description that bring keys. */
export const crypto = (sdp: string): string[] => sdp.split('\r\n').filter((line) => line.startsWith('a=crypto'));
