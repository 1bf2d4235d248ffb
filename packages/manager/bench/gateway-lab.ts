import { defaultGatewaySettings } from '../src/legs/h323/gateway-settings.ts';
import { FarGateway, H323Wire, managerAddress, type WiredEnd } from '../src/legs/h323/gateway-world.fixture.ts';
import { pooledRandom } from '../src/node/random.ts';
import { cryptoLine, description, type SimulatedPhone, Simulation } from '../src/simulation.fixture.ts';
import { Stopwatch } from './stopwatch.ts';

/** Calls between two looks at the clocks of the phones. */
const looksAtClocks = 50;

type SocketOutput = NonNullable<ReturnType<WiredEnd['next']>>;
type Machine = Parameters<Simulation['time']['attach']>[0];

/**
 * The core of a call manager with SIP phones, and a gateway at the other end of TCP connections without delay. Everything is
 * required to be encrypted, and each connection of H.323 is found to be proven.
 */
export class GatewayLab {
  readonly stopwatch = new Stopwatch();
  readonly #simulation: Simulation;
  readonly #wire = new H323Wire();
  readonly #manager: ManagerEnd;
  readonly #gateway: FarGateway;
  readonly #phones: readonly SimulatedPhone[];
  readonly #clocks: Machine[] = [];
  #turn = 0;

  /**
   * @param tunnelling whether H.245 goes within call signalling, or by a connection of its own
   * @param phones that take turns
   */
  constructor(tunnelling: boolean, phones: number) {
    const time = {
      get now() {
        return performance.now();
      },
      attach: (machine: Machine) => void this.#clocks.push(machine),
    };
    const target = { kind: 'trunk', devices: ['gw1'], discardAccessCode: false, prefix: '' } as const;
    this.#simulation = new Simulation(time, pooledRandom(), {
      policy: 'require',
      entries: [{ pattern: '9XXX', target }],
      h245Ports: {
        listen: (call) => this.#wire.listen(this.#manager, call),
        stop: (call) => this.#wire.stopListening(this.#manager, call),
      },
    });
    this.stopwatch.watch(this.#simulation);
    this.#manager = new ManagerEnd(this.#simulation);
    this.#wire.join(this.#manager);
    this.#gateway = new FarGateway(this.#wire, 10, { tunnelling, policy: 'require' });
    this.#addGateway(tunnelling);
    this.#phones = Array.from({ length: phones }, (_, at) => {
      const name = `SEP${at.toString(16).toUpperCase().padStart(12, '0')}`;
      return this.#simulation.phone(name, String(10_000 + at));
    });
    for (const phone of this.#phones) phone.register();
  }

  /** A whole call, to its record. */
  call(): void {
    const caller = this.begin();
    this.#simulation.act((now) => caller.session.bye(now));
    this.#settle();
    const record = this.#simulation.records.at(-1);
    if (record?.level !== 'encrypted') throw new Error(`a call was ${record?.level ?? 'not written down'}`);
    if (this.#gateway.calls.size > 0) throw new Error('a call did not end at the gateway');
    this.#simulation.records.length = 0;
    this.#forget(caller);
    this.#tick();
  }

  /** A phone calls, and is answered; the gateway has a key for each direction. */
  begin(): SimulatedPhone {
    const caller = this.#phones[this.#turn++ % this.#phones.length] as SimulatedPhone;
    const session = caller.call('9123', description([cryptoLine(this.#turn)]));
    this.#settle();
    const [transmits, receives] = [this.#gateway.opened('transmit'), this.#gateway.opened('receive')];
    if (!caller.happened.includes('accepted') || transmits?.protection === undefined || receives?.keys.length !== 1) {
      throw new Error(`no call with keys: ${caller.happened.join(', ')}; ${this.#gateway.kinds().join(', ')}`);
    }
    this.#forget(caller);
    caller.sessions.push(session);
    return caller;
  }

  /** Octets of memory that go with the core. It is of no more use. */
  discardCore(): number {
    const before = memory();
    this.#manager.core = undefined;
    Reflect.set(this.#simulation, 'core', undefined);
    return before - memory();
  }

  #addGateway(tunnelling: boolean): void {
    const { core } = this.#simulation;
    core.addDevice({ name: 'gw1', kind: 'gateway', securityMode: 'encrypted', lines: [] }, undefined);
    const settings = { ...defaultGatewaySettings, device: 'gw1', addresses: [this.#gateway.address] };
    core.onH323(performance.now(), (legs) =>
      legs.setGateway(performance.now(), { ...settings, tunnelling, channels: 100_000 }),
    );
  }

  #settle(): void {
    do this.#simulation.pump();
    while (this.#wire.carry(performance.now()));
  }

  #tick(): void {
    const now = performance.now();
    this.stopwatch.measure(() => this.#simulation.core.handleTime(now));
    this.#gateway.does(now, (calls) => calls.handleTimeout(now));
    if (this.#turn % looksAtClocks === 0) for (const clock of this.#clocks) clock.handleTime(now);
    this.#settle();
  }

  /** What was only kept to be looked at would be taken for the memory of a call. */
  #forget(caller: SimulatedPhone): void {
    caller.forget();
    this.#simulation.events.length = 0;
    this.#wire.seen.length = 0;
    this.#gateway.events.length = 0;
    this.#gateway.keys.length = 0;
    this.#gateway.ports.clear();
  }
}

/** The core as one end of connections of H.323. */
class ManagerEnd implements WiredEnd {
  readonly address = managerAddress;
  core: Simulation['core'] | undefined;
  readonly #outputs: SocketOutput[] = [];

  constructor({ core }: Simulation) {
    this.core = core;
    const poll = core.poll.bind(core);
    core.poll = () => {
      let output = poll();
      for (; output?.kind === 'h323'; output = poll()) {
        if (!('gatekeeper' in output.output)) this.#outputs.push(output.output);
      }
      return output;
    };
  }

  next(): SocketOutput | undefined {
    return this.#outputs.shift();
  }

  accepted(...[now, ...what]: Parameters<WiredEnd['accepted']>): void {
    this.core?.onH323(now, (legs) => legs.accepted(now, ...what));
  }

  connected(...[now, ...what]: Parameters<WiredEnd['connected']>): void {
    this.core?.onH323(now, (legs) => legs.connected(now, ...what));
  }

  failed(...[now, ...what]: Parameters<WiredEnd['failed']>): void {
    this.core?.onH323(now, (legs) => legs.failed(now, ...what));
  }

  received(...[now, ...what]: Parameters<WiredEnd['received']>): void {
    this.core?.onH323(now, (legs) => legs.received(now, ...what));
  }

  closed(...[now, ...what]: Parameters<WiredEnd['closed']>): void {
    this.core?.onH323(now, (legs) => legs.closed(now, ...what));
  }

  proved(...[now, ...what]: Parameters<WiredEnd['proved']>): void {
    this.core?.onH323(now, (legs) => legs.proved(now, ...what));
  }
}

function memory(): number {
  for (let time = 0; time < 3; time += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
