import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { cryptoLine, description, octets, Simulation, type SimulationOptions } from '../simulation.fixture.ts';

/** A carrier by UDP that answers no challenge, and a phone of ours. */
function setUp(securityMode: 'non-secure' | 'encrypted' = 'non-secure', options: SimulationOptions = {}) {
  const lab = new Simulation(new VirtualClock(1_000), new SeededRandom(7).bytes, {
    trunkAt: ({ id }) => (id === carrier.flow.id ? 'carrier' : undefined),
    ...options,
  });
  const carrier = lab.phone('carrier', '0', { kind: 'trunk', securityMode, transport: 'udp' });
  const stranger = lab.phone('SEP000000000002', '1002', { securityMode: 'non-secure', transport: 'udp' });
  const alice = lab.phone('SEP000000000001', '1001');
  alice.register();
  return { lab, carrier, stranger, alice };
}

describe('a trunk that is identified by its address', () => {
  test('calls without a password, in the clear, and talks within the call', () => {
    const { lab, carrier, alice } = setUp();
    carrier.call('1001', description([]));
    expect(alice.requests('INVITE')).toHaveLength(1);
    expect(lab.core.calls()).toMatchObject([{ level: 'non-secure', legs: [{ device: 'carrier', proof: 'none' }, {}] }]);
    lab.act((now) => alice.session.accept(now, octets(description([]))));
    lab.act((now) => carrier.session.bye(now));
    expect(lab.core.calls()).toEqual([]);
    // No call goes out by where it called from: that is what its configuration says.
    expect(lab.core.directory.flowsOf('carrier')).toEqual([]);
  });

  test('everybody else is asked for a password, and so is who brings one, or registers, at its address', () => {
    const { carrier, stranger, alice } = setUp();
    stranger.call('1001', description([]));
    expect(stranger.answerTo('INVITE').status).toBe(401);
    carrier.register();
    expect(carrier.answerTo('REGISTER').status).toBe(401);
    expect(alice.requests('INVITE')).toEqual([]);
  });

  test('fails closed: one that must use TLS is not believed, and where encryption is required the call is refused', () => {
    const secure = setUp('encrypted');
    secure.carrier.call('1001', description([]));
    expect(secure.carrier.answerTo('INVITE').status).toBe(401);
    const required = setUp('non-secure', { policy: 'require' });
    required.carrier.call('1001', description([cryptoLine(1)]));
    expect(required.carrier.answerTo('INVITE').status).toBe(488);
    expect(required.alice.requests('INVITE')).toEqual([]);
  });
});
