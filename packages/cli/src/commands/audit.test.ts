import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AuditReport, auditReportSchema, catalogue } from '@trustline/audit';
import { schemaViolations } from '@trustline/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';
import { clearCall } from './audit-call.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'trustline-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const vectors = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const at = (name: string) => join(folder, name);
/** A call whose SRTP key stands open in H.245, one in the clear in which a card is keyed in, and one that nobody answered. */
const keyInClear = vectors('audit/vectors/opal-h2358-srtp-slowstart-separate.pcap');
const clear = at('clear.pcapng');
const unanswered = vectors('h323/vectors/captures/asterisk-busy-releasecomplete.pcap');
const emptyFolder = at('empty');
mkdirSync(emptyFolder);
writeFileSync(clear, clearCall({ digits: '4111111111111111#', seconds: 6 }));

async function report(...argv: readonly string[]): Promise<AuditReport> {
  const { out, error } = await trustline(['audit', ...argv, '--json']);
  expect(error).toBe('');
  const made = JSON.parse(out) as AuditReport;
  expect(schemaViolations(auditReportSchema, made)).toEqual([]);
  return made;
}

describe('trustline audit', () => {
  test('says on one page what is heard, why, and what silences it', async () => {
    const { code, out, error } = await trustline(['audit', keyInClear]);
    expect({ code, error }).toEqual({ code: 2, error: '' });
    expect(out).toMatch(/^What a tap hears: opal-h2358-srtp-slowstart-separate\.pcap$/m);
    expect(out).toMatch(/^HEARD {2}1 call: 1 heard$/m);
    expect(out).toMatch(
      /^1 +heard +mgrA → 2000 .* Its SRTP key lay open in H\.323 \(packet 32\) and opened 3\.6 s of it\.$/m,
    );
    expect(out).toMatch(
      /^What silences most \(1 of 1 call\):\n {2}Put the signalling between these gateways into IPsec/m,
    );
    expect(out).toMatch(/trustline audit explain h323-key-in-clear/);
  });

  test('a card number that was keyed in is the first thing that it says, masked', async () => {
    const { out } = await trustline(['audit', clear]);
    expect(out).toMatch(/^1 +heard +1001 → 5000 .* A card number was heard\. Its voice went in the clear \(PCMU\)/m);
    expect(out).toMatch(/^ {2}critical +A card number was heard \(card-number-heard; call 1\)$/m);
    expect(out).not.toContain('4111');
    expect(out).toMatch(/^What silences most .*\n {2}Require SRTP/m);
  });

  test('--json prints the report alone', async () => {
    const { schema, verdict, counts, calls } = await report(clear);
    expect({ schema, verdict, heard: counts.heard }).toEqual({
      schema: 'trustline.audit-report/1',
      verdict: 'heard',
      heard: 1,
    });
    expect(calls[0]?.streams.map(({ state }) => state)).toEqual(['clear', 'clear']);
    expect(calls[0]?.streams.every(({ audio }) => audio !== null && audio.wav === null)).toBe(true);
  });

  test('digits are masked, unless they are to be revealed, which the report says', async () => {
    const digits = (of: AuditReport) => of.calls.flatMap(({ streams }) => streams.flatMap((stream) => stream.digits));
    const [masked, revealed] = [await report(clear), await report(clear, '--reveal')];
    expect({ masked: masked.revealed, revealed: revealed.revealed }).toEqual({ masked: false, revealed: true });
    expect(digits(masked).length).toBeGreaterThan(0);
    for (const one of digits(masked)) expect(one.digits).toMatch(/^•*\d{0,2}#?$/);
    for (const one of digits(revealed)) expect(one.digits).toMatch(/^[0-9A-D*#]+$/);
  });

  test('--include-audio holds what is heard as WAV', async () => {
    const { calls, includesAudio } = await report(clear, '--include-audio');
    expect(includesAudio).toBe(true);
    const wav = Buffer.from(calls[0]?.streams[0]?.audio?.wav ?? '', 'base64');
    expect(wav.subarray(0, 4).toString()).toBe('RIFF');
    expect(wav.readUInt32LE(4)).toBe(wav.byteLength - 8);
  });

  test('several captures are one, with their packets counted on', async () => {
    const { calls, captures: read } = await report(clear, unanswered);
    expect(read.map(({ ended }) => ended)).toEqual(['complete', 'complete']);
    const [, later] = calls;
    expect(later).toMatchObject({ verdict: 'metadata-only', because: expect.stringMatching(/^Nobody answered/) });
    expect(later?.messages[0]?.packet).toBeGreaterThan(read[0]?.packets ?? Number.NaN);
    const { out } = await trustline(['audit', clear, unanswered]);
    expect(out.replaceAll('\n', ' ')).toMatch(/Note: Packets are counted on from one capture to the next/);
  });

  test('writes a page, SARIF and CSV that their owner alone may read', async () => {
    const files = { '--html': at('report.html'), '--sarif': at('report.sarif'), '--csv': at('report.csv') };
    const { code, out } = await trustline(['audit', keyInClear, ...Object.entries(files).flat(), '--quiet']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    for (const file of Object.values(files)) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(files['--html'], 'utf8')).toMatch(/^<!doctype html>/i);
    expect(readFileSync(files['--csv'], 'utf8').split('\r\n')[1]).toMatch(/^1,heard,mgrA,2000,/);
    expect(JSON.parse(readFileSync(files['--sarif'], 'utf8')).runs[0].results[0].ruleId).toBe('h323-key-in-clear');
  });
});

test('docs/audit-report.md names every field of a report', async () => {
  const document = readFileSync(vectors('../docs/audit-report.md'), 'utf8');
  const reports = [await report(clear, unanswered, keyInClear)];
  const names = new Set<string>();
  const look = (value: unknown) => {
    if (Array.isArray(value)) for (const one of value) look(one);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) {
        names.add(name);
        look(one);
      }
    }
  };
  look(reports);
  expect([...names].filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});

test('trustline audit schema prints the schema that docs/audit-report.schema.json is', async () => {
  const { code, out } = await trustline(['audit', 'schema']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync(vectors('../docs/audit-report.schema.json'), 'utf8')));
});

describe('the exit status', () => {
  test.each([
    ['2 where something is heard', [clear], 2],
    ['2 where metadata lies open', [unanswered], 2],
    ['1 where there is no such file', [join(folder, 'nowhere.pcap')], 1],
    ['1 where it is no capture', ['/dev/null'], 1],
    ['1 where nothing is named', [], 1],
    ['1 where what is asked for cannot be written', [clear, '--html', join(folder, 'nowhere', 'report.html')], 1],
    ['1 where the report would be written over the capture', [clear, '--csv', clear], 1],
    ['1 where the page is to go to standard output', [clear, '--html', '-'], 1],
    ['1 where a folder of reports is named, and no interface', [clear, '--out', folder], 1],
    ['1 where a filter is named, and no interface', [clear, '--filter', 'udp'], 1],
    ['1 where a folder holds no captures', [emptyFolder], 1],
    ['1 where there is no such policy', [clear, '--policy', join(folder, 'nowhere.yaml')], 1],
    ['1 where there are no such keys', [clear, '--keys', join(folder, 'nowhere.log')], 1],
    ['1 where there are no such records', [clear, '--records', join(folder, 'nowhere.jsonl')], 1],
    ['1 where an option is not known', [clear, '--nonsense'], 1],
    ['1 where both a file and an interface are named', [clear, '--interface', 'lo'], 1],
  ])('is %s', async (_, argv, status) => {
    const { code, error } = await trustline(['audit', ...argv]);
    expect(code).toBe(status);
    expect(error === '').toBe(status !== 1);
    if (status === 1) expect(error).toMatch(/\n {2}next: /);
    expect(readFileSync(clear).byteLength).toBeGreaterThan(10_000);
  });

  test('is that of the calls where keys are none, with what is a key', async () => {
    const { code, error } = await trustline(['audit', clear, '--keys', vectors('../README.md')]);
    expect(code).toBe(2);
    expect(error).toMatch(/no key was found in .*README\.md\.\n {2}next: Give a key log/);
  });

  test('is 3 where no call was found', async () => {
    const empty = at('empty.pcap');
    writeFileSync(empty, readFileSync(keyInClear).subarray(0, 24));
    const { code, out } = await trustline(['audit', empty]);
    expect(code).toBe(3);
    expect(out).toMatch(/No call was found/);
    expect(out).toMatch(/Capture where calls pass/);
  });

  test('is 3 where IPsec hides whatever calls there are, which is said', async () => {
    const hidden = vectors('audit/vectors/h323-over-ipsec-wire-esp-in-udp.pcap');
    const { code, out } = await trustline(['audit', hidden]);
    expect(code).toBe(3);
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /35 packets of IPsec \(ESP\) hide what they carry\. To judge calls within, capture at one of its ends/,
    );
  });

  test('is what a policy decides, whose exceptions stand in the report with their reason', async () => {
    const policy = at('policy.yaml');
    writeFileSync(policy, 'fail: [heard]\nundecided: []\n');
    expect((await trustline(['audit', unanswered, '--policy', policy])).code).toBe(0);
    expect((await trustline(['audit', clear, '--policy', policy])).code).toBe(2);
    writeFileSync(policy, 'ignore:\n  - address: 192.0.2.0/24\n    reason: the laboratory\n');
    const borne = await report(clear, '--policy', policy);
    expect(borne.policy).toEqual({
      ...{ name: policy, exitStatus: 0, fails: [], undecided: [], ignoredFindings: [], idleExceptions: [] },
      ignored: [{ call: 1, reason: 'the laboratory' }],
    });
  });

  test('is 1 for a policy with mistakes, all told at once with the nearest name', async () => {
    const policy = at('wrong.yaml');
    writeFileSync(policy, 'fial: [heard]\nundecided: [canot-tell]\nignore: [{finding: voice-in-clear}]\n');
    const { code, error } = await trustline(['audit', clear, '--policy', policy]);
    expect(code).toBe(1);
    expect(error).toMatch(/fial: .*Did you mean fail\?/);
    expect(error).toMatch(/Did you mean cannot-tell\?/);
    expect(error).toMatch(/reason: say why/);
  });
});

describe('trustline audit explain', () => {
  test('lists every finding, and tells of each what it is, why it matters and how it is mended', async () => {
    const { out } = await trustline(['audit', 'explain']);
    for (const { code } of catalogue) {
      expect(out).toContain(code);
      const one = await trustline(['audit', 'explain', code]);
      expect(one.code).toBe(0);
      expect(one.out).toMatch(/Why it matters/);
    }
  });

  test('--json prints one, or all', async () => {
    const json = async (...argv: readonly string[]) => JSON.parse((await trustline(['audit', 'explain', ...argv])).out);
    expect(await json('--json')).toHaveLength(catalogue.length);
    expect(await json('voice-in-the-clear', '--json')).toMatchObject({ code: 'voice-in-the-clear' });
  });

  test('of one that is not known names the nearest', async () => {
    const { code, error } = await trustline(['audit', 'explain', 'voice-in-clear']);
    expect(code).toBe(1);
    expect(error).toMatch(/There is no finding/);
  });
});

describe('trustline audit diff', () => {
  test('ends with 2 where something got worse, with 0 where it did not', async () => {
    mkdirSync(at('reports'), { recursive: true });
    const [before, after] = [at('reports/before.json'), at('reports/after.json')];
    writeFileSync(before, JSON.stringify(await report(unanswered)));
    writeFileSync(after, JSON.stringify(await report(unanswered, clear)));
    const worse = await trustline(['audit', 'diff', before, after]);
    expect(worse.code).toBe(2);
    expect(worse.out).toMatch(/^new +1001 → 5000 +heard: /m);
    const better = await trustline(['audit', 'diff', after, before]);
    expect(better.code).toBe(0);
    expect(better.out).toMatch(/^gone +1001 → 5000/m);
    expect((await trustline(['audit', 'diff', before, keyInClear])).code).toBe(1);
    for (const argv of [
      ['audit', 'diff', before, after, '--json'],
      ['audit', '--json', 'diff', before, after],
    ]) {
      const { code, out } = await trustline(argv);
      expect(code).toBe(2);
      expect(JSON.parse(out)).toMatchObject({ isWorse: true });
    }
  });

  test.each([
    ['null', null],
    ['another document', { schema: 'other' }],
    ['a call that is a number', { schema: 'trustline.audit-report/1', calls: [1], findings: [] }],
    ['a call without its ends', { schema: 'trustline.audit-report/1', calls: [{ verdict: 'heard' }], findings: [] }],
    ['a finding that is null', { schema: 'trustline.audit-report/1', calls: [], findings: [null] }],
  ])('says what to do where a report is none: %s', async (_, document) => {
    const file = at('none.json');
    writeFileSync(file, JSON.stringify(document));
    const { code, error } = await trustline(['audit', 'diff', file, file]);
    expect(code).toBe(1);
    expect(error).toMatch(/none\.json is no report of an audit\.\n {2}next: Make one with/);
  });
});
