/** The manager's process dies during a call of a SIP phone through an H.323 gateway, and another begins. */
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { expect, test } from 'vitest';
import { FarGateway, H323Wire } from '../legs/h323/gateway-world.fixture.ts';
import { ManagerEnd } from '../legs/h323/manager-end.fixture.ts';
import { cryptoLine, description, Simulation } from '../simulation.fixture.ts';

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
    // With whom it was and where protection ended is not lost with the leg.
    const called = { role: 'called', signalling: 'ipsec', level: 'encrypted', demarcation: { kind: 'gateway' } };
    expect(lab.records[0]?.legs).toMatchObject([{ role: 'calling' }, { ...called, party: { device: 'gw1' } }]);
    expect(lab.core.calls()).toEqual([]);

    // And the next call passes.
    phone.forget();
    phone.call('9123', description([cryptoLine(2)]));
    settle();
    expect(lab.core.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
  },
);
