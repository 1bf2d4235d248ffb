import { describe, expect, test } from 'vitest';
import { leg, stream } from '../judgement/draft.fixture.ts';
import { judgeCalls } from '../judgement/judge-calls.ts';
import type { AuditReport, Finding, Harm, ReportCall } from '../model/report.ts';
import { csvReport } from './csv.ts';
import { diffReports, diffText } from './diff.ts';
import { defaultPolicy } from './policy.ts';
import { applyPolicy } from './policy-outcome.ts';
import { sarifReport } from './sarif.ts';
import { terminalPage } from './terminal-page.ts';

const none = { isRevealed: false, claims: [], dtls: [] };

function reportOf(calls: readonly ReportCall[], name = 'office.pcapng'): AuditReport {
  return {
    schema: 'trustline.audit-report/1',
    tool: { name: 'trustline', version: '0.1.0' },
    madeAt: '2026-11-28T10:00:00.000Z',
    verdict: calls[0]?.verdict ?? null,
    counts: {
      heard: calls.length,
      'digits-heard': 0,
      'keys-exposed': 0,
      'metadata-only': 0,
      'cannot-tell': 0,
      protected: 0,
    },
    revealed: false,
    includesAudio: false,
    captures: [
      { name, format: 'pcapng', packets: 9, octets: 999, first: null, last: null, ended: 'complete', note: null },
    ],
    packets: {},
    protocols: [],
    keysGiven: 0,
    calls,
    secureConnections: [],
    disclosures: [],
    findings: [],
    limits: [],
  };
}

/** A clear call whose caller calls himself so. */
function callOf(name: string): readonly ReportCall[] {
  const made = leg({ media: ['10.0.0.1:4000', '10.0.0.2:4002'], called: '2000' });
  made.caller = { number: name };
  return judgeCalls([made], [stream()], none);
}

describe('CSV', () => {
  test.each([['=1+1'], ['+49'], ['-1'], ['@SUM(A1)']])('%j cannot be a formula', (name) => {
    const [, row = ''] = csvReport(reportOf(callOf(name))).split('\r\n');
    expect(row).toMatch(/^1,heard,"'/);
  });

  test.each([
    ['\uff1d1+1', '"\'\uff1d1+1"'],
    ['a;=1+1', '"a;\'=1+1"'],
    ['a; @SUM(A1)', '"a; \'@SUM(A1)"'],
    ['Anna-Lena;+', '"Anna-Lena;\'+"'],
    ['Anna-Lena', 'Anna-Lena'],
  ])('%j is no formula either where cells are parted by semicolons', (name, cell) => {
    expect(csvReport(reportOf(callOf(name))).split('\r\n')[1]).toContain(`1,heard,${cell},`);
  });

  test('quotes and commas are quoted (RFC 4180), each row has as many cells', () => {
    const text = csvReport(reportOf(callOf('a "b", c')));
    expect(text).toContain('"a ""b"", c"');
    const cells = (row: string) => row.replaceAll(/"(?:[^"]|"")*"/g, 'x').split(',').length;
    const [head = '', row = ''] = text.split('\r\n');
    expect(cells(row)).toBe(cells(head));
  });
});

describe('SARIF 2.1.0', () => {
  const text = sarifReport(reportOf(callOf('1001'), 'a capture: 100%.pcapng'));
  const { version, runs } = JSON.parse(text);
  const [run] = runs;

  test('has what the standard requires (§3.13, §3.14, §3.19, §3.27)', () => {
    expect(version).toBe('2.1.0');
    expect(runs).toHaveLength(1);
    expect(run.tool.driver.name).toBe('trustline audit');
    for (const rule of run.tool.driver.rules)
      expect(rule).toMatchObject({ id: expect.any(String), shortDescription: { text: expect.any(String) } });
    expect(run.results.length).toBeGreaterThan(0);
    for (const { ruleId, ruleIndex, level, message, locations } of run.results) {
      expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(['error', 'warning', 'note']).toContain(level);
      expect(message.text.length).toBeGreaterThan(0);
      expect(locations[0].physicalLocation.artifactLocation.index).toBe(0);
    }
  });

  test('of several captures a finding names the one in which its packets stand; artefacts are distinct (§3.14.15)', () => {
    const report = reportOf(callOf('1001'));
    const [capture] = report.captures;
    if (capture === undefined) return;
    const evidence = report.calls[0]?.findings[0]?.evidence[0]?.packets[0] ?? 0;
    const captures = [
      { ...capture, packets: evidence - 1 },
      { ...capture, path: './night 1/office.pcapng' },
      { ...capture, path: '/var/office.pcapng' },
    ];
    const [several] = JSON.parse(sarifReport({ ...report, captures })).runs;
    const [location] = several.results[0].locations;
    expect(location.physicalLocation.artifactLocation).toEqual({ index: 1, uri: 'night%201/office.pcapng' });
    // As Wireshark numbers it in that file.
    expect(location.properties.packets[0]).toBe(1);
    expect(several.artifacts[2].location.uri).toBe('file:///var/office.pcapng');
    expect(new Set(several.artifacts.map((one: unknown) => JSON.stringify(one))).size).toBe(3);
    const [none] = JSON.parse(sarifReport({ ...report, captures: [] })).runs;
    expect(none.results[0].locations[0].physicalLocation.artifactLocation.index).toBe(-1);
  });

  test('names the capture by a reference that is one (RFC 3986)', () => {
    expect(run.artifacts[0].location.uri).toBe('a%20capture%3A%20100%25.pcapng');
  });
});

describe('the page of the terminal', () => {
  const hostile = '\u001b[2J\u202eevil\u0007'.padEnd(300, 'x');

  test.each([[40], [80], [200]])('keeps within %d columns, whatever names are', (width) => {
    for (const line of terminalPage(reportOf(callOf(hostile)), { width, takesColour: false, showsAll: true }).split(
      '\n',
    )) {
      if (/^(?: {2,}|[A-Z])/.test(line) && !/^\d/.test(line))
        expect(line.length).toBeLessThanOrEqual(Math.max(width, 60));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
      expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
  });

  test('says from when to when, whatever the order of captures is, and the day twice where there are two', () => {
    const report = reportOf([]);
    const [capture] = report.captures;
    const second = (first: string, last: string) =>
      terminalPage(
        { ...report, captures: [{ ...capture, first, last, packets: 1 }, { ...capture }] as AuditReport['captures'] },
        { width: 120, takesColour: false, showsAll: false },
      ).split('\n')[1];
    expect(second('2026-11-28T10:00:00.000Z', '2026-11-28T11:00:00.000Z')).toBe(
      '  10 packets, 1998 octets, 2026-11-28 10:00:00 to 11:00:00 UTC',
    );
    const later = { ...capture, first: '2026-11-28T10:00:00.000Z', last: '2026-11-28T11:00:00.000Z' };
    const earlier = { ...capture, first: '2026-11-27T10:00:00.000Z', last: '2026-11-27T11:00:00.000Z' };
    expect(
      terminalPage(
        { ...report, captures: [later, earlier] as AuditReport['captures'] },
        {
          width: 120,
          takesColour: false,
          showsAll: false,
        },
      ),
    ).toContain('2026-11-27 10:00:00 to 2026-11-28 11:00:00 UTC');
  });

  test('says why in as many lines as it takes, and which card number was heard, once though it went both ways', () => {
    const because = `A card number was heard. ${'Its voice went in the clear for a while. '.repeat(3)}The end.`;
    const card = { digits: '••••••••••••••11#', count: 17, how: 'rfc4733', looksLikeCard: true, packets: [7] } as const;
    const calls = callOf('1001').map((call) => ({
      ...call,
      because,
      digits: [card],
      streams: call.streams.map((one) => ({ ...one, digits: [{ ...card, digits: '••••••••••••••11' }] })),
    }));
    for (const width of [80, 120]) {
      const lines = terminalPage(reportOf(calls), { width, takesColour: false, showsAll: false }).split('\n');
      const at = lines.findIndex((line) => /^1 +heard/.test(line));
      const row = lines.slice(at, lines.indexOf('', at));
      expect(row.filter((line) => line.startsWith('      card '))).toEqual([
        '      card ••••••••••••••11#, by events (RFC 4733)',
      ]);
      expect(row.join(' ').replaceAll(/ +/g, ' ')).toContain(because);
    }
  });

  test('shows a screenful, and all where it is asked to', () => {
    const calls = Array.from({ length: 30 }, (_, at) =>
      callOf(`9${at}`).map((call) => ({ ...call, number: at + 1 })),
    ).flat();
    const rows = (showsAll: boolean) =>
      terminalPage(reportOf(calls), { width: 120, takesColour: false, showsAll })
        .split('\n')
        .filter((line) => /^\d+ +heard/.test(line)).length;
    expect([rows(false), rows(true)]).toEqual([20, 30]);
  });
});

test('the page of the terminal shows digits and secrets where they are revealed, and nowhere else', () => {
  const digits = [
    {
      digits: '4111111111111111',
      count: 16,
      how: 'rfc4733',
      looksLikeCard: true,
      packets: [7],
    },
  ] as const;
  const [call] = callOf('1001').map((one) => ({
    ...one,
    streams: one.streams.map((heard) => ({ ...heard, digits })),
  }));
  const disclosure = {
    kind: 'password',
    protocol: 'http',
    subject: 'admin',
    detail: 'a password: open\u001bsesame',
    from: '10.0.0.1:80',
    to: '10.0.0.2:80',
    packet: 9,
    readableBy: 'anyone',
  } as const;
  const page = (revealed: boolean) =>
    terminalPage(
      { ...reportOf(call === undefined ? [] : [call]), disclosures: [disclosure], revealed },
      { width: 120, takesColour: false, showsAll: false },
    ).split('\n');
  expect(page(true)).toContain('  call 1: 4111111111111111, by events (RFC 4733) (a card)');
  expect(page(true)).toContain('  packet 9: admin: a password: open\ufffdsesame');
  expect(page(false).join(' ')).not.toMatch(/4111111111111111|sesame/);
});

describe('the difference of two reports', () => {
  const [clear] = callOf('1001');
  const [closed] = judgeCalls([], [stream({ state: 'encrypted' })], none);
  const named = (call: ReportCall | undefined, start: string): ReportCall => ({
    ...(call as ReportCall),
    start,
    caller: { number: '1001', name: null, uri: null, device: null, addresses: [] },
    called: { number: '2000', name: null, uri: null, device: null, addresses: [] },
  });
  const [before, after] = [named(clear, '2026-11-27T10:00:00.000Z'), named(closed, '2026-11-28T10:00:00.000Z')];

  test('calls with the same ends are the same, also of another day', () => {
    const diff = diffReports(reportOf([before]), reportOf([after]));
    expect(diff.calls.map(({ kind }) => kind)).toEqual(['better']);
    expect(diff.isWorse).toBe(false);
    expect(diffReports(reportOf([after]), reportOf([before])).isWorse).toBe(true);
  });

  test('a further call that is heard makes it worse, however many were before; one that is protected does not', () => {
    const another = { ...before, called: { ...before.called, number: '3000' } };
    expect(diffReports(reportOf([before]), reportOf([before, another])).isWorse).toBe(true);
    const isSafe = { ...after, called: another.called };
    expect(diffReports(reportOf([before]), reportOf([before, isSafe])).isWorse).toBe(false);
  });

  test('one grave finding in place of another is no step, either way, and it is said which came and which went', () => {
    const finding = (code: string, harm: Harm) => ({
      ...(clear?.findings[0] as Finding),
      code,
      harm,
      title: `of ${code}`,
    });
    const one = { ...before, because: 'One.', findings: [finding('card', 'critical'), finding('one', 'critical')] };
    const other = {
      ...before,
      because: 'Other.',
      findings: [finding('card', 'critical'), finding('other', 'critical')],
    };
    const step = (from: ReportCall, to: ReportCall) => diffReports(reportOf([from]), reportOf([to]));
    expect([step(one, other), step(other, one)].map(({ isWorse, calls }) => [isWorse, calls[0]?.kind])).toEqual([
      [false, 'same'],
      [false, 'same'],
    ]);
    expect(diffText(step(one, other))).toBe(
      [
        'other   1001 → 2000  heard, as before',
        '        before  One.',
        '        after   Other.',
        '        new     critical: of other (other)',
        '        gone    critical: of one (one)',
        '0 calls are as before.',
        'It did not get worse.',
        '',
      ].join('\n'),
    );
    const more = { ...one, findings: [...one.findings, finding('more', 'high')] };
    expect(diffText(step(one, more))).toMatch(/^worse .*\n.*\n.*\n +new +high: of more \(more\)\n.*\nIt got worse\.$/m);
    expect(diffText(step(more, one))).toMatch(/^better .*\n.*\n.*\n +gone +high: of more \(more\)\n/m);
  });

  test('those that began at the same time come first', () => {
    const later = named(clear, '2026-11-28T10:00:00.500Z');
    const diff = diffReports(reportOf([after, before]), reportOf([later]));
    expect(diff.calls.map(({ kind, before: call }) => [kind, call?.start])).toEqual([
      ['worse', after.start],
      ['gone', before.start],
    ]);
  });
});

test('nothing is all well where a capture could not be read to its end; cut within its last packet it may be', () => {
  const report = reportOf(judgeCalls([], [stream({ state: 'encrypted' })], none));
  const [capture] = report.captures;
  const status = (ended: string, octets = 999) =>
    applyPolicy({ ...report, captures: [{ ...capture, ended, octets }] as AuditReport['captures'] }, defaultPolicy)
      .exitStatus;
  expect(report.calls.map(({ verdict }) => verdict)).toEqual(['protected']);
  expect([status('complete'), status('truncated'), status('malformed')]).toEqual([0, 0, 3]);
  // The next file of a rotation, into which nothing was written yet.
  expect(status('malformed', 0)).toBe(0);
});
