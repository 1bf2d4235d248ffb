import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuditReport, ReportCall } from '../../model/report.ts';
import { element } from './element.ts';
import { inlineJson, markupOf } from './markup.ts';
import { auditPageParts, renderAuditPage } from './page.ts';
import { aCall, manyCalls, officeReport, reportOf } from './report.fixture.ts';
import { presentable } from './shown-text.ts';
import { callView } from './view/call.ts';

const page = renderAuditPage(officeReport(true));

/** All start and end tags, as a browser finds them: what stands within scripts and the style is none. */
function tagsOf(markup: string): string[] {
  const found = markup.matchAll(
    /(<script\b[^>]*>)[\s\S]*?<\/script\s*>|(<style>)[\s\S]*?<\/style\s*>|(<[a-zA-Z/!?][^>]*>)/gi,
  );
  return [...found].map(([, script, style, tag]) => script ?? style ?? tag ?? '');
}

/** A tag without the values of its attributes. */
function shapeOf(tag: string): string {
  return tag.replace(/="[^"]*"/g, '');
}

/** Fields whose values are of the contract: everything else may be any text. */
const words = new Set([
  ...['schema', 'verdict', 'harm', 'state', 'how', 'format', 'ended', 'opened', 'readableBy', 'level', 'kind'],
  ...['transport', 'signalling', 'protocol', 'start', 'answered', 'end', 'first', 'last', 'madeAt', 'time'],
  ...['notBefore', 'notAfter', 'wav'],
]);

/** The report with a text before each of its texts. */
function poisoned(report: AuditReport, poison: string): AuditReport {
  const of = (value: unknown, field: string): unknown => {
    if (typeof value === 'string') return words.has(field) ? value : poison + value;
    if (Array.isArray(value)) return value.map((item) => of(item, field));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, of(item, key)]));
  };
  return of(report, '') as AuditReport;
}

const hostile = fc.oneof(
  fc.constantFrom(
    '<script>alert(1)</script>',
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus='",
    '</style><style>*{display:none}',
    '&lt;b&gt;',
    '\u2028\u2029\u202e\u0000\ud800',
    'javascript:alert(1)//',
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '!', '-', '\\', 'script', ' ', '='), maxLength: 30 }),
);

describe('what a capture says cannot become anything but text', () => {
  test('whatever its texts are, the page has the same tags with the same attributes', () => {
    const report = officeReport(false);
    const shape = tagsOf(renderAuditPage(report)).map(shapeOf);
    fc.assert(
      fc.property(hostile, (poison) => {
        expect(tagsOf(renderAuditPage(poisoned(report, poison))).map(shapeOf)).toEqual(shape);
      }),
      { numRuns: process.env['TRUSTLINE_FULL'] === '1' ? 500 : 40 },
    );
  });

  test('no tag has a handler or a style, every link leads within the page, and nothing is loaded', () => {
    const tags = tagsOf(page);
    expect(tags.length).toBeGreaterThan(500);
    for (const tag of tags) {
      expect(tag).not.toMatch(/\s(?:on\w+|style|src|srcset|action|formaction|ping|background|data)=/i);
      expect(tag).not.toMatch(/^<(?:img|iframe|object|embed|link|base|form|video|audio|source)\b/i);
      for (const [, target] of tag.matchAll(/\shref="([^"]*)"/g)) expect(target).toMatch(/^#[a-z0-9-]+$/);
    }
  });

  test('the policy lets in the one script and the one style by their hashes, and nothing from elsewhere', () => {
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const directives = new Map(policy.split('; ').map((one) => [one.split(' ')[0], one.split(' ').slice(1)]));
    const hashOf = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)];
    const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)];
    expect([scripts.length, styles.length]).toEqual([1, 1]);
    expect(Object.fromEntries(directives)).toEqual({
      'default-src': ["'none'"],
      'script-src': [hashOf(scripts[0]?.[1])],
      'style-src': [hashOf(styles[0]?.[1])],
      'media-src': ['data:', 'blob:'],
      'img-src': ['data:'],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
    });
    // It stands before all that it is to hold for.
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'));
  });

  test('JSON in the page is what was written, and holds nothing that ends a script', () => {
    fc.assert(
      fc.property(fc.jsonValue(), hostile, (value, text) => {
        const json = inlineJson([value, text]);
        expect(json).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([value, text])));
      }),
    );
  });

  test('attributes that would run, style or lead away are refused', () => {
    for (const attributes of [{ onclick: 'x' }, { style: 'x' }, { src: 'x' }, { srcdoc: 'x' }, { href: 'https://x' }]) {
      expect(() => element('a', attributes)).toThrow(TypeError);
    }
    expect(markupOf(element('a', { href: '#calls', title: '"<&>\'' }, '<b>'))).toBe(
      '<a href="#calls" title="&quot;&lt;&amp;&gt;&#39;">&lt;b&gt;</a>',
    );
  });
});

describe('the page', () => {
  test('holds each call as it may be shown, and audio apart from it', () => {
    const report = officeReport(true);
    const dataOf = (id: string) => {
      const [, text = 'null'] =
        new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`).exec(page) ?? [];
      return JSON.parse(text);
    };
    const [call] = report.calls;
    const shown = dataOf('call-data-1');
    expect(shown.because).toBe(call?.because);
    expect(shown.streams[0].audio).toMatchObject({ wav: '', peaks: call?.streams[0]?.audio?.peaks });
    expect(dataOf('wav-1')).toBe(call?.streams[0]?.audio?.wav);
    expect(dataOf('wav-6')).toBeNull();
    expect(dataOf('call-rows')).toHaveLength(12);
  });

  test('says without its script what a stranger is to know', () => {
    const text = page.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ');
    for (const words of [
      '3 of 12 calls were heard.',
      'The worst call',
      'Require SRTP on the trunk to 10.20.0.5, with its signalling in TLS.',
      'It would have silenced 2 of the 5 calls that lay open.',
      'A card number was keyed in where it can be read',
      'TLS 1.0 is withdrawn (RFC 8996)',
      'Expired: valid from 2019-01-01 00:00:00 UTC to 2024-01-01 00:00:00 UTC',
      'MD5 digest of a REGISTER',
      'core-switch-span.pcapng',
      'What this report leaves out',
      'Call 6 does not count: The browsers go by DTLS until the summer.',
    ]) {
      expect(text).toContain(words);
    }
  });

  test('beside the change that helps most says what silences the worst call, where that is another', () => {
    const worst = aCall({ number: 1, verdict: 'heard', fix: 'Require SRTP for the hotline.' });
    const others = [2, 3].map((number) => aCall({ number, verdict: 'digits-heard', fix: 'Carry it by TLS.' }));
    const text = (calls: readonly ReportCall[]) => renderAuditPage(reportOf(calls)).replace(/<[^>]*>/g, '');
    expect(text([worst, ...others])).toContain('What silences it: Require SRTP for the hotline.');
    expect(text([worst])).not.toContain('What silences it:');
  });

  test('of 10,000 calls is under 4 kB a call; 200 of them stand in it as a table', () => {
    const many = renderAuditPage(manyCalls(10_000));
    expect(many.length / 10_000).toBeLessThan(4_000);
    const [table = ''] = /<table class="call-table"[\s\S]*?<\/table>/.exec(many) ?? [];
    expect(table.match(/<tr>/g)).toHaveLength(201);
    expect(table).toContain('The first 200 of 10,000 calls, worst first');
  });

  test('can be had in parts, each far below what a string may be', () => {
    const parts = [...auditPageParts(officeReport(true))];
    expect(parts.join('')).toBe(page);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(120_000);
  });

  test('of several captures names the file of a call, and gives packets as Wireshark numbers them in it', () => {
    const report = officeReport(false);
    const [capture] = report.captures;
    const [call] = report.calls;
    if (capture === undefined || call === undefined) throw new Error('The report has neither.');
    const captures = [
      { ...capture, name: 'monday.pcapng', packets: 420 },
      { ...capture, name: 'tuesday.pcapng', packets: 9_000 },
    ];
    const shown = markupOf(callView(call, null, null, captures));
    expect(shown).toContain('in <bdi>monday.pcapng</bdi></span> <code>frame.number in {410}</code>');
    expect(shown).toContain('in <bdi>tuesday.pcapng</bdi></span> <code>frame.number in {35, 81}</code>');
    expect(shown).toContain('tuesday.pcapng, whose packet 1 is number 421 on this page');
    expect(renderAuditPage({ ...report, captures })).toContain('data-copy="frame.number in {35, 81}"');
    expect(markupOf(callView(call, null, null, [capture]))).toContain('<code>frame.number in {410, 455, 501}</code>');
  });

  test('of a report without calls says so', () => {
    const none = renderAuditPage(reportOf([]));
    expect(none).toContain('No calls were found.');
    expect(none).not.toContain('class="list');
  });

  test('says at its head when secrets are not masked', () => {
    expect(page).not.toContain('This report shows secrets.');
    expect(renderAuditPage({ ...officeReport(false), revealed: true })).toContain('This report shows secrets.');
  });
});

test('names are bounded and show what could deceive', () => {
  const end = { number: null, name: `a\u202eb\u0007${'x'.repeat(70_000)}`, uri: null, device: null, addresses: [] };
  const { name } = presentable(end);
  expect(name.startsWith('a‹U+202E›b‹U+0007›xx')).toBe(true);
  expect([...name].length).toBeLessThan(256 + 20);
  expect(presentable({ detail: 'two\nlines \ud800' }).detail).toBe('two lines ‹U+D800›');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(presentable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});
