import { describe, expect, test } from 'vitest';
import { associations } from './associations.fixture.ts';
import { Tunnel, type TunnelOutput, tunnelTimes } from './tunnel.ts';

const peer = { connection: 'gw1', remoteIdentity: 'gw1.example', mode: 'tunnel' as const };
const make = (random = 0) => new Tunnel(peer, { random: () => random });

function drain(tunnel: Tunnel): TunnelOutput[] {
  const outputs: TunnelOutput[] = [];
  for (let output = tunnel.poll(); output !== undefined; output = tunnel.poll()) outputs.push(output);
  return outputs;
}
const kinds = (outputs: readonly TunnelOutput[]) =>
  outputs.map((one) => (one.kind === 'event' ? one.event.kind : one.kind));

describe('a tunnel', () => {
  test('that is there already is found and not asked for again', () => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(1, associations());
    tunnel.timeout(1);
    expect(kinds(drain(tunnel))).toEqual(['look', 'ipsec-up']);
    expect([tunnel.state, tunnel.upSince]).toEqual(['up', 1]);
  });

  test('is up when it is seen, not when the initiation says so', () => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(0, []);
    tunnel.timeout(0);
    expect(kinds(drain(tunnel))).toEqual(['look', 'initiate']);
    tunnel.initiated(5, undefined);
    expect(tunnel.state).toBe('initiating');
    tunnel.observe(6, associations({}, { 'encr-alg': 'AES_CBC', 'encr-keysize': 128, 'integ-alg': 'HMAC_SHA1_96' }));
    expect(drain(tunnel).at(-1)).toEqual({
      kind: 'event',
      event: {
        kind: 'ipsec-up',
        connection: 'gw1',
        remoteIdentity: 'gw1.example',
        encryption: 'AES_CBC-128',
        weak: ['HMAC_SHA1_96'],
      },
    });
  });

  test('is tried again after 1, 2, 4 … 30 s, and never given up', () => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(0, []);
    let now = 0;
    const pauses = Array.from({ length: 8 }, () => {
      tunnel.timeout(now);
      tunnel.initiated(now, 'nobody answers');
      const told = drain(tunnel).flatMap((one) => (one.kind === 'event' ? [one.event] : []));
      const [event] = told;
      if (told.length !== 1 || event?.kind !== 'ipsec-failed') throw new Error('no failure was told');
      now += event.retryIn;
      return event.retryIn;
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('retries are up to a fifth earlier at random', () => {
    const tunnel = make(0.999);
    tunnel.start(0);
    tunnel.observe(0, []);
    tunnel.timeout(0);
    tunnel.initiated(0, 'nobody answers');
    expect(drain(tunnel).at(-1)).toMatchObject({ event: { retryIn: 800 } });
  });

  test('whose initiation is never answered is tried again', () => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(0, []);
    tunnel.timeout(0);
    tunnel.timeout(2 * tunnelTimes.initiation);
    expect(kinds(drain(tunnel))).toContain('ipsec-failed');
    expect(tunnel.state).toBe('waiting');
  });

  test.each<[string, Parameters<Tunnel['observe']>[1]]>([
    ['its child is gone', associations({}, { state: 'DELETED' })],
    ['the far end is another', associations({ 'remote-id': 'gw2.example' })],
    ['it does not encrypt', associations({}, { 'encr-alg': 'NULL' })],
    ['the daemon cannot be read', undefined],
  ])('is down when %s, and asked for at once', (_, seen) => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(0, associations());
    tunnel.hint(100);
    tunnel.observe(101, seen);
    tunnel.timeout(101);
    expect(kinds(drain(tunnel))).toEqual(['look', 'ipsec-up', 'look', 'ipsec-down', 'initiate']);
    expect(tunnel.upSince).toBeUndefined();
  });

  test('that the daemon works on, and so does not show, is looked at again at once and stays up', () => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(0, associations());
    drain(tunnel);
    tunnel.observe(100, []);
    expect([tunnel.state, tunnel.nextDeadline()]).toEqual(['up', 100 + tunnelTimes.lookAgain]);
    tunnel.timeout(150);
    tunnel.observe(151, associations());
    expect(kinds(drain(tunnel))).toEqual(['look']);
    expect(tunnel.upSince).toBe(0);
  });

  test('is down when IKE is gone in four looks, and asked for at once', () => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(0, associations());
    for (const now of [100, 150, 200]) tunnel.observe(now, []);
    expect(tunnel.state).toBe('up');
    tunnel.observe(250, []);
    tunnel.timeout(250);
    expect(kinds(drain(tunnel))).toEqual(['look', 'ipsec-up', 'ipsec-down', 'initiate']);
  });

  test('whose child is being replaced stays up until the successor is there', () => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(0, associations());
    tunnel.observe(1, associations({}, { state: 'REKEYING' }));
    expect(kinds(drain(tunnel))).toEqual(['look', 'ipsec-up']);
  });

  test('whose keys are replaced stays up, and it is told', () => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(0, associations());
    drain(tunnel);
    tunnel.observe(1, associations({}, { 'spi-out': '00000002' }));
    tunnel.observe(2, associations({}, { 'spi-out': '00000002' }));
    expect(drain(tunnel)).toEqual([
      { kind: 'event', event: { kind: 'ipsec-rekeyed', connection: 'gw1', encryption: 'AES_GCM_16-256' } },
    ]);
    expect(tunnel.upSince).toBe(0);
  });

  test('of the end that waits to be called is watched, and never asked for', () => {
    const tunnel = new Tunnel(peer, { random: () => 0, initiates: false });
    tunnel.start(0);
    tunnel.observe(0, []);
    tunnel.timeout(tunnelTimes.look);
    tunnel.observe(tunnelTimes.look, associations());
    tunnel.observe(tunnelTimes.look + 1, associations({}, { state: 'DELETED' }));
    tunnel.timeout(1_000_000);
    expect(kinds(drain(tunnel))).toEqual(['look', 'look', 'ipsec-up', 'ipsec-down', 'look']);
  });

  test('is looked at without an event too, and is lost with the daemon', () => {
    const tunnel = make();
    tunnel.start(0);
    tunnel.observe(0, associations());
    drain(tunnel);
    tunnel.timeout(tunnel.nextDeadline() ?? 0);
    expect(kinds(drain(tunnel))).toEqual(['look']);
    tunnel.daemonLost(9_000);
    expect(kinds(drain(tunnel))).toEqual(['ipsec-down']);
    expect([tunnel.state, tunnel.nextDeadline()]).toEqual(['stopped', undefined]);
    tunnel.observe(9_001, associations());
    tunnel.hint(9_002);
    expect(drain(tunnel)).toEqual([]);
    tunnel.start(10_000);
    tunnel.observe(10_001, associations());
    expect(tunnel.state).toBe('up');
  });
});
