import { describe, expect, test } from 'vitest';
import type { GuardReading } from '../proof.ts';
import { CLEAR_PACKETS_PAUSE_MS, GuardWatch } from './watch.ts';

const reading = (inbound: number, outbound = 0, repairs = 0): GuardReading => ({
  inPlace: true,
  dropped: new Map([['gw1', { inbound, outbound }]]),
  segments: [],
  probes: new Map(),
  ...(repairs === 0 ? {} : { repairs: { count: repairs, problem: 'a rule was added', at: 1_000 } }),
});
const gone: GuardReading = { inPlace: false, problem: 'the table is gone' };

describe('the watch of the guard', () => {
  test('tells that it went and that it is back, once each', () => {
    const watch = new GuardWatch();
    expect(watch.observe(0, reading(0))).toEqual([]);
    expect(watch.observe(1, gone)).toEqual([{ kind: 'ipsec-guard-lost', problem: 'the table is gone', times: 1 }]);
    expect(watch.observe(2, gone)).toEqual([]);
    expect(watch.inPlace).toBe(false);
    expect(watch.observe(3, reading(0))).toEqual([{ kind: 'ipsec-guard-restored' }]);
    expect(watch.inPlace).toBe(true);
  });

  test('tells of one that was never there', () => {
    expect(new GuardWatch().observe(0, gone)).toHaveLength(1);
  });

  test('tells of one that was gone and put back between two looks, once each', () => {
    const watch = new GuardWatch();
    expect(watch.observe(0, reading(0, 0, 4))).toEqual([]);
    expect(watch.observe(1, reading(0, 0, 6))).toEqual([
      { kind: 'ipsec-guard-lost', problem: 'a rule was added', times: 2, at: 1_000 },
      { kind: 'ipsec-guard-restored' },
    ]);
    expect(watch.observe(2, reading(0, 0, 6))).toEqual([]);
    expect(watch.inPlace).toBe(true);
  });

  test('tells of a loss that it saw itself once, though its repair is counted too', () => {
    const watch = new GuardWatch();
    watch.observe(0, reading(0));
    expect(watch.observe(1, gone)).toHaveLength(1);
    expect(watch.observe(2, reading(0, 0, 1))).toEqual([{ kind: 'ipsec-guard-restored' }]);
    expect(watch.observe(3, reading(0, 0, 1))).toEqual([]);
  });

  test('takes a count of repairs that went back for that of a helper started anew', () => {
    const watch = new GuardWatch();
    watch.observe(0, reading(0, 0, 4));
    expect(watch.observe(1, reading(0))).toEqual([]);
    expect(watch.observe(2, reading(0, 0, 1))).toHaveLength(2);
  });

  test('of packets of ours it tells at once, though packets of strangers were told a moment ago', () => {
    const watch = new GuardWatch();
    watch.observe(0, reading(0));
    expect(watch.observe(1, reading(5))).toHaveLength(1);
    expect(watch.observe(2, reading(6, 1))).toEqual([
      { kind: 'ipsec-clear-packets', connection: 'gw1', dropped: { inbound: 1, outbound: 1 } },
    ]);
    expect(watch.observe(3, reading(7, 2))).toEqual([]);
  });

  test('tells of dropped packets at once, then once a minute with their sum', () => {
    const watch = new GuardWatch();
    watch.observe(0, reading(7));
    expect(watch.observe(1, reading(9, 1))).toEqual([
      { kind: 'ipsec-clear-packets', connection: 'gw1', dropped: { inbound: 2, outbound: 1 } },
    ]);
    expect(watch.observe(2, reading(10, 1))).toEqual([]);
    expect(watch.observe(1 + CLEAR_PACKETS_PAUSE_MS, reading(14, 1))).toEqual([
      { kind: 'ipsec-clear-packets', connection: 'gw1', dropped: { inbound: 5, outbound: 0 } },
    ]);
  });

  test('takes counters that went back for ones that began anew', () => {
    const watch = new GuardWatch();
    watch.observe(0, reading(7));
    expect(watch.observe(1, reading(0))).toEqual([]);
    expect(watch.observe(2, reading(1))).toHaveLength(1);
  });
});
