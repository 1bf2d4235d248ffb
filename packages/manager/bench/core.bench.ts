/**
 * REGISTER/s and calls/s of the call manager's core on one processor core: octets in, octets out. Reading, validating
 * and writing every message counts; the phones around it, sockets and the disk do not.
 *
 *     node packages/manager/bench/core.bench.ts
 */
import { pooledRandom } from '../src/node/random.ts';
import { cryptoLine, description, octets, type SimulatedPhone, Simulation } from '../src/simulation.fixture.ts';
import { Stopwatch } from './stopwatch.ts';

const phones = 100;
const rounds = 20;
const roundMilliseconds = 250;

/** Calls between two looks at the clocks of phones, which are many. */
const looksAtClocks = 50;

/** Time in the benches: the simulation has no delays, so the real one serves. */
const machines: { handleTime(now: number): void }[] = [];
const time = {
  get now() {
    return performance.now();
  },
  attach(machine: { nextDeadline(): number | undefined; handleTime(now: number): void }) {
    machines.push(machine);
  },
};

export function run(): void {
  const lab = new Simulation(time, pooledRandom());
  const devices = Array.from({ length: phones }, (_, at) => {
    const device = `SEP${at.toString(16).toUpperCase().padStart(12, '0')}`;
    return lab.phone(device, String(10_000 + at));
  });
  const stopwatch = new Stopwatch();
  stopwatch.watch(lab);
  let turn = 0;
  const register = () => {
    const phone = devices[turn++ % phones] as SimulatedPhone;
    lab.act((now) => phone.agent.sendRequest(now, phone.flow, phone.registerRequest(600)));
    if (phone.received.at(-1)?.kind !== 'response') throw new Error('a REGISTER was not answered');
    phone.forget();
  };
  for (let first = 0; first < phones; first += 1) register();
  report('REGISTER, challenge-free by certificate', 'REGISTER/s', stopwatch, register);

  let key = 0;
  const call = () => {
    const caller = devices[(2 * turn) % phones] as SimulatedPhone;
    const called = devices[(2 * turn + 1) % phones] as SimulatedPhone;
    turn += 1;
    key += 2;
    caller.call(called.line, description([cryptoLine(key)]));
    lab.act((now) => called.session.ring(now, 180));
    lab.act((now) => called.session.accept(now, octets(description([cryptoLine(key + 1)]))));
    lab.act((now) => caller.session.bye(now));
    if (lab.records.at(-1)?.level !== 'encrypted') throw new Error('a call was not encrypted');
    lab.records.length = 0;
    lab.events.length = 0;
    caller.forget();
    called.forget();
    stopwatch.measure(() => lab.core.handleTime(performance.now()));
    if (turn % looksAtClocks === 0) for (const machine of machines) machine.handleTime(performance.now());
  };
  report('call: INVITE, 180, 200, ACK, level shown, BYE, record; two legs, SDES', 'calls/s', stopwatch, call);
}

function report(what: string, unit: string, stopwatch: Stopwatch, work: () => void): void {
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    stopwatch.spent = 0;
    let count = 0;
    const end = performance.now() + roundMilliseconds;
    while (performance.now() < end) {
      work();
      count += 1;
    }
    best = Math.max(best, (count * 1_000) / stopwatch.spent);
  }
  console.log(`${what}: ${Math.round(best).toLocaleString('en-US')} ${unit} (best of ${rounds}, ${phones} phones)`);
}

if (import.meta.main) run();
