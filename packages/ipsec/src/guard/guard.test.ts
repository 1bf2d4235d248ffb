import { describe, expect, test } from 'vitest';
import { IpsecError } from '../error.ts';
import { guardNormalForm, readGuard, readHeld } from './reading.ts';
import { type GuardPlan, guardScript, heldScript, removalScript } from './ruleset.ts';

const plan: GuardPlan = {
  table: 'trustline_guard',
  stack: 'kernel-libipsec',
  tunnelDevice: 'ipsec0',
  peers: [{ connection: 'gw1', address: '10.98.0.2' }],
};

describe('the script', () => {
  test('closes whatever does not go through the tunnel, whatever the interface', () => {
    const script = guardScript(plan);
    expect(script).toContain('iifname "ipsec0" accept');
    expect(script).toContain('ip saddr 10.98.0.2 counter drop comment "gw1"');
    expect(script).toContain('ip daddr 10.98.0.2 counter reject with icmpx admin-prohibited comment "gw1"');
    expect(script).not.toMatch(/tcp.*accept/);
  });

  test('looks again at the device by which a packet really leaves', () => {
    const [, departing = ''] = guardScript(plan).split('chain departing');
    expect(departing).toContain('hook postrouting priority 300');
    expect(departing).toContain('oifname "ipsec0" accept');
    expect(departing).toContain('ip daddr 10.98.0.2 counter drop comment "gw1"');
  });

  test('counts a probe apart from what nobody meant to send', () => {
    const script = guardScript(plan);
    const probe = 'ip daddr 10.98.0.2 udp dport 9 counter reject with icmpx admin-prohibited comment "gw1 probe"';
    expect(script.indexOf(probe)).toBeGreaterThan(0);
    expect(script.indexOf(probe)).toBeLessThan(script.indexOf('admin-prohibited comment "gw1"'));
  });

  test('keeps apart to which connections segments in the clear belong, in a set that is bounded, and drops them', () => {
    const script = guardScript(plan);
    const kept =
      'ip saddr 10.98.0.2 meta l4proto tcp update @segments { ip saddr . tcp sport . ip daddr . tcp dport counter }';
    expect(script.indexOf(kept)).toBeGreaterThan(0);
    expect(script.indexOf(kept)).toBeLessThan(script.indexOf('ip saddr 10.98.0.2 counter drop comment "gw1"'));
    expect(script.match(/size 256/g)).toHaveLength(2);
  });

  test('is written a second time, behind the first, as one line for the process that its table belongs to', () => {
    const script = heldScript(plan);
    expect(script).not.toContain('\n');
    expect(script.match(/flags owner/g)).toHaveLength(2);
    expect(script).toContain('table inet trustline_guard_held');
    expect(script).toContain('hook input priority -9');
    expect(script).toContain('hook postrouting priority 301');
    expect(script).toContain('ip daddr 10.98.0.2 counter reject with icmpx admin-prohibited comment "gw1"');
    expect(() => heldScript({ ...plan, table: 'x; flush ruleset' })).toThrow(IpsecError);
  });

  test('asks the kernel, where the kernel does ESP', () => {
    const script = guardScript({ ...plan, stack: 'kernel' });
    expect(script).toContain('meta ipsec exists accept');
    expect(script).toContain('rt ipsec exists accept');
    expect(script).not.toContain('ipsec0');
  });

  test('knows IPv6, and lets media beside the tunnel only where it is said', () => {
    const peers = [{ connection: 'gw2', address: '2001:db8::2', mediaPorts: { first: 16_384, last: 32_767 } }];
    const script = guardScript({ ...plan, peers });
    expect(script).toContain('ip6 saddr 2001:db8::2 udp dport 16384-32767 accept');
    expect(script).toContain('ip6 daddr 2001:db8::2 udp sport 16384-32767 accept');
    expect(script).toContain('icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept');
  });

  test('counts no answer to IKE of a gateway whose daemon does not run yet, and drops it', () => {
    const peers = ['10.98.0.2', '2001:db8::2'].map((address, at) => ({ connection: `gw${at + 1}`, address }));
    const lines = guardScript({ ...plan, peers }).split('\n');
    for (const start of ['ip saddr 10.98.0.2 icmp', 'ip6 saddr 2001:db8::2 icmpv6']) {
      const at = lines.findIndex((line) => line.trim() === `${start} type destination-unreachable drop`);
      const counted = lines.findIndex(
        (line) => /counter drop comment "gw\d"/.test(line) && line.includes(start.split(' icmp')[0] ?? '?'),
      );
      expect(at).toBeGreaterThan(0);
      expect(counted).toBeGreaterThan(at);
    }
  });

  test.each<[string, Partial<GuardPlan>]>([
    ['a table', { table: 'x; flush ruleset' }],
    ['a device', { tunnelDevice: 'ipsec0" accept #' }],
    ['a name', { peers: [{ connection: 'gw1" }', address: '10.98.0.2' }] }],
    ['an address', { peers: [{ connection: 'gw1', address: '0.0.0.0/0' }] }],
    ['an address with a zone', { peers: [{ connection: 'gw1', address: 'fe80::1%eth0' }] }],
    ['ports below 1024', { peers: [{ connection: 'gw1', address: '10.98.0.2', mediaPorts: { first: 1, last: 9 } }] }],
  ])('%s that is not plain is refused: it would run with the rights of the administrator', (_, wrong) => {
    expect(() => guardScript({ ...plan, ...wrong })).toThrow(IpsecError);
  });

  test('taking it away names one table', () => {
    expect(removalScript('trustline_guard')).toBe('table inet trustline_guard {}\ndelete table inet trustline_guard\n');
    expect(() => removalScript('a b')).toThrow(IpsecError);
  });
});

/** As nft 1.0.6 prints it; handles and counters are what changes. */
function listing(handle: number, inbound: number, { without = '', elements = [] as readonly unknown[] } = {}): string {
  const chain = (name: string, hook: string) => ({ chain: { family: 'inet', name, handle, hook, policy: 'accept' } });
  const drop = (name: string, packets: number, verdict: object, comment = 'gw1') => ({
    rule: {
      chain: name,
      handle: handle + 3,
      comment,
      expr: [{ match: { right: '10.98.0.2' } }, { counter: { packets, bytes: packets * 60 } }, verdict],
    },
  });
  return JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6' } },
      { table: { family: 'inet', name: 'trustline_guard', handle } },
      { set: { name: 'segments', handle, ...(elements.length === 0 ? {} : { elem: elements }) } },
      chain('inbound', 'input'),
      chain('outbound', 'output'),
      chain('departing', 'postrouting'),
      drop('inbound', 0, { drop: null }, 'gw1 probe'),
      drop('outbound', 5, { reject: { type: 'icmpx' } }, 'gw1 probe'),
      drop('inbound', inbound, { drop: null }),
      drop('outbound', 0, { reject: { type: 'icmpx' } }),
      drop('departing', 0, { drop: null }, 'gw1 probe'),
      drop('departing', 0, { drop: null }),
    ].filter((one) => without === '' || !JSON.stringify(one).includes(without)),
  });
}

describe('the reading of the second table', () => {
  // As nft 1.0.6 prints it.
  const rules = (verdict: string, probes: number, packets: number) => `		ip daddr 10.98.0.2 meta l4proto esp accept
		ip daddr 10.98.0.2 udp dport 9 counter packets ${probes} bytes 43 ${verdict} comment "gw1 probe"
		ip daddr 10.98.0.2 counter packets ${packets} bytes 180 ${verdict} comment "gw1"`;
  const text = `table inet trustline_guard_held { # progname nft
	flags owner

	chain inbound {
		type filter hook input priority -9; policy accept;
${rules('drop', 0, 3)}
	}

	chain outbound {
		type filter hook output priority -9; policy accept;
${rules('reject with icmpx admin-prohibited', 1, 2)}
	}

	chain departing {
		type filter hook postrouting priority 301; policy accept;
${rules('drop', 4, 0)}
	}
}
`;

  test('is what each gateway had stopped', () => {
    expect(readHeld(plan, text)).toEqual({
      dropped: new Map([['gw1', { inbound: 3, outbound: 2 }]]),
      probes: new Map([['gw1', { inbound: 0, outbound: 5 }]]),
    });
  });

  test.each([
    '',
    'table inet trustline_guard_held {\n}\n',
    text.replace('reject', 'accept # reject'),
    text.slice(0, 500),
  ])('is none where it is not whole', (listing) => {
    expect(readHeld(plan, listing)).toBeUndefined();
  });
});

describe('the reading', () => {
  const installed = guardNormalForm(listing(1, 0)) ?? '';

  test('is in place however far its counters went, and whatever its handles are', () => {
    expect(readGuard(plan, listing(7, 3), installed)).toEqual({
      inPlace: true,
      dropped: new Map([['gw1', { inbound: 3, outbound: 0 }]]),
      segments: [],
      probes: new Map([['gw1', { inbound: 0, outbound: 5 }]]),
    });
  });

  test('says to which connections segments in the clear belonged; what it cannot read of that is left out', () => {
    const element = (concat: readonly unknown[]) => ({
      elem: { val: { concat }, expires: 28, counter: { packets: 2 } },
    });
    const elements = [element(['10.98.0.2', 1720, '10.98.0.1', 40_000]), element(['10.98.0.2']), null, {}];
    expect(readGuard(plan, listing(1, 3, { elements }), installed)).toMatchObject({
      inPlace: true,
      segments: [
        { local: { address: '10.98.0.1', port: 40_000 }, remote: { address: '10.98.0.2', port: 1720 }, packets: 2 },
      ],
    });
  });

  test.each<[string, string | undefined, string]>([
    ['the table is gone', undefined, 'is gone'],
    ['it is no listing', '{', 'cannot be read'],
    ['it is a listing of nothing', '{"nftables":[]}', 'changed by somebody else'],
    ['it is another kind of document', '{"nftables":[null]}', 'cannot be read'],
    ['a rule is gone', listing(1, 0, { without: 'reject' }), 'changed by somebody else'],
    ['an address was changed', listing(1, 0).replace('10.98.0.2', '10.98.0.3'), 'changed by somebody else'],
  ])('is not in place where %s', (_, text, said) => {
    expect(readGuard(plan, text, installed)).toMatchObject({ inPlace: false, problem: expect.stringContaining(said) });
  });

  test.each(['"hook":"input"', '"hook":"postrouting"', '"drop"', '"reject"'])(
    'what was installed without %s never counts as in place',
    (without) => {
      const text = listing(1, 0, { without });
      expect(readGuard(plan, text, guardNormalForm(text) ?? '')).toMatchObject({ inPlace: false });
    },
  );
});
