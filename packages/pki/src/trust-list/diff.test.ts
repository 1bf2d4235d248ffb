import { beforeAll, expect, test } from 'vitest';
import { diffTrustLists } from './diff.ts';
import { type Cast, listNow, makeCast, makeList, parsed, tokenRecord } from './lists.fixture.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

test('a change is said in words, a sentence for each record', async () => {
  const server = (role: 'TFTP' | 'CCM+TFTP', dnsName: string, who: keyof Cast) =>
    ({ role, dnsName, certificate: cast[who].certificate }) as const;
  const before = parsed(
    await makeList('CTL', cast.token1, [
      tokenRecord(cast.token2),
      server('TFTP', 'node-2', 'node2'),
      server('CCM+TFTP', 'node-1', 'node1'),
      { ...server('CCM+TFTP', 'node-3', 'node1'), ipAddress: '192.0.2.3' },
      { role: 'CCM+TFTP', dnsName: 'node-4' },
    ]),
  );
  const after = parsed(
    await makeList(
      'CTL',
      cast.token2,
      [
        tokenRecord(cast.strangersToken),
        server('TFTP', 'node-2', 'capf'),
        { role: 'CCM+TFTP', dnsName: 'node-1' },
        { ...server('CCM+TFTP', 'node-3', 'node1'), ipAddress: '192.0.2.33' },
        server('CCM+TFTP', 'node-4', 'node2'),
        { role: 'TVS', certificate: cast.tvs.certificate },
      ],
      { digest: 'SHA-512', signerVersion: { major: 1, minor: 1 } },
    ),
  );
  expect(diffTrustLists(before, after)).toEqual([
    'Security token (SAST) of SAST-9: added, expires 2027-11-23',
    'TFTP certificate of node-2: replaced, expires 2027-11-23',
    'CCM+TFTP certificate of node-1: withdrawn, phones reach node-1 in the clear',
    'CCM+TFTP certificate of node-3: address 192.0.2.3 becomes 192.0.2.33',
    'CCM+TFTP certificate of node-4: added, expires 2027-11-23, phones reach node-4 by TLS',
    'TVS certificate of TVS: added, expires 2027-11-23',
    'Security token (SAST) of SAST-1: removed',
    'Signed by CN=SAST-2, before by CN=SAST-1',
    'Signed with SHA-512, before with SHA-1',
    'Signer version 1.1, before none',
  ]);
});

test('lists that say the same differ in nothing, whatever their order and time', async () => {
  const records = [
    { role: 'TFTP', dnsName: 'a', certificate: cast.node1.certificate },
    { role: 'CAPF', dnsName: 'b', certificate: cast.capf.certificate },
  ] as const;
  const before = parsed(await makeList('CTL', cast.token1, records));
  const after = parsed(await makeList('CTL', cast.token1, [...records].reverse(), { timestamp: listNow + 5 }));
  expect(diffTrustLists(before, after)).toEqual([]);
});

test('a first list adds all it has', async () => {
  const list = parsed(await makeList('CTL', cast.token1, [{ role: 'CCM+TFTP', dnsName: 'node-1' }]));
  expect(diffTrustLists(undefined, list)).toEqual([
    'Security token (SAST) of SAST-1: added, expires 2027-11-23',
    'CCM+TFTP entry without certificate of node-1: added',
  ]);
});
