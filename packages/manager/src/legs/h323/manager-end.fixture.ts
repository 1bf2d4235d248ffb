/** The manager of a simulation as one end of connections of H.323, with a gateway that it knows. */

import type { Simulation } from '../../simulation.fixture.ts';
import { defaultGatewaySettings } from './gateway-settings.ts';
import { managerAddress, type WiredEnd } from './gateway-world.fixture.ts';

type SocketOutput = NonNullable<ReturnType<WiredEnd['next']>>;

/** The process that runs now, as one end of connections of H.323. */
export class ManagerEnd implements WiredEnd {
  readonly address = managerAddress;
  readonly #lab: Simulation;
  readonly #outputs: SocketOutput[] = [];
  readonly open = new Set<string>();

  constructor(lab: Simulation) {
    this.#lab = lab;
    this.begin();
  }

  /** A process begins: it has no connection, and what it wants of some is carried out from now on. */
  begin(): void {
    const { core } = this.#lab;
    const poll = core.poll.bind(core);
    core.poll = () => {
      let output = poll();
      for (; output?.kind === 'h323'; output = poll()) {
        if (!('gatekeeper' in output.output)) this.#outputs.push(output.output);
      }
      return output;
    };
    const settings = { ...defaultGatewaySettings, device: 'gw1', addresses: ['10.98.0.10'] };
    core.addDevice({ name: 'gw1', kind: 'gateway', securityMode: 'encrypted', lines: [] }, undefined);
    core.onH323(this.#lab.time.now, (legs) => legs.setGateway(this.#lab.time.now, settings));
  }

  /** The process is gone, and its connections with it. */
  die(): void {
    this.#outputs.length = 0;
    for (const connection of this.open) this.#outputs.push({ kind: 'close', connection });
    this.open.clear();
  }

  next(): SocketOutput | undefined {
    return this.#outputs.shift();
  }

  accepted(...[now, id, ...what]: Parameters<WiredEnd['accepted']>): void {
    this.open.add(id);
    this.#lab.core.onH323(now, (legs) => legs.accepted(now, id, ...what));
  }

  connected(...[now, id, ends]: Parameters<WiredEnd['connected']>): void {
    this.open.add(id);
    this.#lab.core.onH323(now, (legs) => legs.connected(now, id, ends));
  }

  failed(...[now, ...what]: Parameters<WiredEnd['failed']>): void {
    this.#lab.core.onH323(now, (legs) => legs.failed(now, ...what));
  }

  received(...[now, ...what]: Parameters<WiredEnd['received']>): void {
    this.#lab.core.onH323(now, (legs) => legs.received(now, ...what));
  }

  closed(...[now, id]: Parameters<WiredEnd['closed']>): void {
    this.open.delete(id);
    this.#lab.core.onH323(now, (legs) => legs.closed(now, id));
  }

  proved(...[now, ...what]: Parameters<WiredEnd['proved']>): void {
    this.#lab.core.onH323(now, (legs) => legs.proved(now, ...what));
  }
}
