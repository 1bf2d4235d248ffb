import { type ServerTarget, SipError, type SipFlow, type SipUri } from '@trustline/sip';
import { expect, test } from 'vitest';
import { type TrunkAddress, TrunkConnections } from './trunk-connections.ts';

const target = (port: number): ServerTarget => ({ transport: 'tcp', host: '192.0.2.1', port, domain: 'carrier.test' });

function setUp(targets: readonly ServerTarget[] | SipError) {
  const state = { targets, now: 0, asked: 0, unreachable: new Set<number>(), preferred: 0 };
  const told: string[] = [];
  const opened: number[] = [];
  const trunks = new TrunkConnections(
    [{ device: 'carrier', address: 'sip:carrier.test' }],
    {
      locate: async () => {
        state.asked += 1;
        if (state.targets instanceof SipError) throw state.targets;
        return state.targets;
      },
    },
    {
      mayConnect: () => true,
      open: async (_, { port, host, transport }) => {
        if (state.unreachable.has(port)) throw new SipError('sip.connect-refused', `nothing at ${port}`);
        opened.push(port);
        return { id: `f${port}-${opened.length}`, transport, local: { host, port: 1 }, remote: { host, port } };
      },
      connected: (_, flow: SipFlow) => {
        state.preferred = flow.remote.port;
      },
      settled: () => {},
      told: (_, is, sentence) => told.push(`${is}: ${sentence}`),
    },
    () => state.now,
  );
  const keep = async () => {
    trunks.keep();
    await expect.poll(() => Promise.resolve(true)).toBe(true); // what has been begun is done
  };
  return { state, told, opened, trunks, keep };
}

test('every server is connected, the best one last, since calls go down the newest', async () => {
  const { state, opened, told, keep } = setUp([target(1), target(2), target(3)]);
  await keep();
  expect([opened, state.preferred]).toEqual([[3, 2, 1], 1]);
  expect(told).toEqual(['connected: carrier is connected at sip:carrier.test.']);
  await keep();
  expect(opened).toHaveLength(3);
});

test('one that was lost is opened again, and does not go before the best', async () => {
  const { state, opened, trunks, keep } = setUp([target(1), target(2)]);
  await keep();
  trunks.closed('f2-1');
  await keep();
  expect([opened, state.preferred]).toEqual([[2, 1, 2], 1]);
});

test('names are asked for again after five minutes, and not before', async () => {
  const { state, keep } = setUp([target(1)]);
  await keep();
  state.now = 299_000;
  await keep();
  expect(state.asked).toBe(1);
  state.now = 301_000;
  await keep();
  expect(state.asked).toBe(2);
});

test('a trunk without any server is told once, and again when it is back', async () => {
  const { state, told, keep } = setUp([target(1)]);
  state.unreachable.add(1);
  await keep();
  await keep();
  expect(told).toEqual(['unreachable: carrier cannot be reached at sip:carrier.test: nothing at 1.']);
  state.unreachable.clear();
  await keep();
  expect(told).toHaveLength(2);
});

test('a trunk that is identified by its address is known at the servers that this leads to, and nowhere else', async () => {
  const at = (host: string, transport: SipFlow['transport'] = 'udp') => ({ transport, remote: { host, port: 9 } });
  const trunks = (addresses: readonly TrunkAddress[]) => {
    const locate = async ({ host }: SipUri): Promise<readonly ServerTarget[]> => [
      { transport: 'udp', host, port: 5060, domain: host },
    ];
    const nothing = { connected: () => {}, settled: () => {}, told: () => {} };
    const open = () => Promise.reject(new SipError('sip.connect-refused', 'nobody'));
    return new TrunkConnections(addresses, { locate }, { mayConnect: () => true, open, ...nothing }, () => 0);
  };
  const one = { device: 'one', address: 'sip:192.0.2.1', identifiedBy: 'address' } as const;
  const byPassword = { device: 'two', address: 'sip:192.0.2.2', identifiedBy: 'password' } as const;
  const known = trunks([one, byPassword]);
  expect(known.identifiedAt(at('192.0.2.1'))).toBeUndefined(); // not before it is known where it is
  known.keep();
  await expect.poll(() => known.identifiedAt(at('192.0.2.1'))).toBe('one');
  expect(known.identifiedAt(at('192.0.2.1', 'tls'))).toBeUndefined();
  expect(['192.0.2.2', '192.0.2.3'].map((host) => known.identifiedAt(at(host)))).toEqual([undefined, undefined]);
  const ambiguous = trunks([one, { ...one, device: 'another' }]);
  ambiguous.keep();
  await expect.poll(() => Promise.resolve(true)).toBe(true);
  expect(ambiguous.identifiedAt(at('192.0.2.1'))).toBeUndefined();
});
