/** The manager's process dies during a call of a SIP phone through an H.323 gateway, and another begins. */
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { expect, test } from 'vitest';
import { defaultGatewaySettings } from '../legs/h323/gateway-settings.ts';
import { FarGateway, H323Wire, managerAddress, type WiredEnd } from '../legs/h323/gateway-world.fixture.ts';
import { cryptoLine, description, Simulation } from '../simulation.fixture.ts';

type SocketOutput = NonNullable<ReturnType<WiredEnd['next']>>;

/** The process that runs now, as one end of connections of H.323. */
class ManagerEnd implements WiredEnd {
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

test.each([true, false])(
  'the gateway is released, the phone is hung up, and the record says interrupted (tunnelling: %s)',
  (tunnelling) => {
    const clock = new VirtualClock(1_000);
    const wire = new H323Wire();
    const target = { kind: 'trunk', devices: ['gw1'], discardAccessCode: false, prefix: '' } as const;
    const lab = new Simulation(clock, new SeededRandom(7).bytes, {
      entries: [{ pattern: '9XXX', target }],
      h245Ports: { listen: (call) => wire.listen(manager, call), stop: (call) => wire.stopListening(manager, call) },
    });
    const manager = new ManagerEnd(lab);
    wire.join(manager);
    const gateway = new FarGateway(wire, 10, { tunnelling });
    const settle = () => {
      do lab.pump();
      while (wire.carry(clock.now));
    };
    const phone = lab.phone('SEP000000000001', '1001');
    phone.register();
    phone.call('9123', description([cryptoLine(1)]));
    settle();
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
    expect([...lab.kept.values()].join()).not.toContain('inline');

    manager.die();
    lab.restart(2_000);
    manager.begin();
    settle();
    expect(gateway.live.size).toBe(0);
    expect(gateway.events.at(-1)?.event).toMatchObject({ kind: 'released', by: 'connection', cause: 41 });
    phone.connect();
    lab.act((now) => phone.session.moveTo(now, phone.flow));
    settle();
    expect(phone.event('ended')).toMatchObject({ by: 'remote' });
    expect(lab.records).toMatchObject([{ outcome: 'answered', reason: 'interrupted', level: 'encrypted' }]);
    expect(lab.core.calls()).toEqual([]);

    // And the next call passes.
    phone.forget();
    phone.call('9123', description([cryptoLine(2)]));
    settle();
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
  },
);
