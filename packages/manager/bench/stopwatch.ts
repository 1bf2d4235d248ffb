import { parseDatagram, type SipMessage, serializeMessage, validateMessage } from '@trustline/sip';
import type { Simulation } from '../src/simulation.fixture.ts';

/** Counts the time that the manager takes of a simulation, reading and writing its messages included. */
export class Stopwatch {
  spent = 0;
  #since = 0;
  #depth = 0;

  /** The simulation reads for whoever receives: what the manager would do is done once more, and counted. */
  watch(lab: Simulation): void {
    const { core } = lab;
    const [receive, poll, onH323] = [core.receive.bind(core), core.poll.bind(core), core.onH323.bind(core)];
    core.receive = (now, flow, message) => {
      const bytes = serializeMessage(message);
      this.measure(() => receive(now, flow, read(bytes)));
    };
    core.onH323 = (now, act) => this.measure(() => onH323(now, act));
    core.poll = () =>
      this.measure(() => {
        const output = poll();
        if (output?.kind === 'transmit') serializeMessage(output.message);
        return output;
      });
  }

  measure<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth === 1) this.#since = performance.now();
    try {
      return work();
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.spent += performance.now() - this.#since;
    }
  }
}

function read(bytes: Uint8Array): SipMessage {
  const result = parseDatagram(bytes);
  const failure = result.ok ? validateMessage(result.message) : result;
  if (!result.ok || failure !== undefined) throw new Error('the manager refused what a phone sent');
  return result.message;
}
