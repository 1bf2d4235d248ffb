import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AuditReport } from '../../model/report.ts';
import { auditPageParts } from './page.ts';
import { aCall, aMessage, aStream, manyCalls, officeReport, reportOf } from './report.fixture.ts';

/** What axe-core answers, of which the faults count. */
interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(missingPrograms('chromium'))(
  'the page of a report in Chromium, from a file and without a network',
  () => {
    const folder = artefactFolder('audit-page');
    let browser: Browser;
    /** What went wrong in a page, or was asked of the network: nothing may. */
    const complaints: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND', '--mute-audio'],
      });
    });
    afterAll(() => browser?.close());
    afterEach(() => expect(complaints.splice(0)).toEqual([]));

    async function open(report: AuditReport, options: BrowserContextOptions & { at?: string } = {}): Promise<Page> {
      const { at = '', ...context } = options;
      mkdirSync(folder, { recursive: true });
      const file = join(folder, 'report.html');
      writeFileSync(file, [...auditPageParts(report)].join(''));
      const page = await browser.newPage({ offline: true, viewport: { width: 1280, height: 900 }, ...context });
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
      page.on('request', (request) => {
        if (!/^(?:file|blob|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
      });
      await page.goto(`${pathToFileURL(file)}${at}`);
      return page;
    }

    const shown = (page: Page) => page.locator('.rows .row a').allTextContents();
    const result = (page: Page) => page.locator('#filter-result').textContent();

    test('says its verdict, and narrows the list by verdict, protocol, digits, finding, time and words', async () => {
      const page = await open(officeReport(false));
      expect(await page.locator('h1').textContent()).toBe('3 of 12 calls were heard.');
      expect(await result(page)).toBe('Showing 12 of 12 calls, 1 min 32 s heard');

      await page.getByRole('button', { name: /^Heard/ }).click();
      expect(await result(page)).toBe('Showing 3 of 12 calls, 1 min 32 s heard');
      await page.getByRole('button', { name: /^Digits heard/ }).click();
      expect(await result(page)).toContain('Showing 4 of 12 calls');
      await page.getByRole('button', { name: 'Clear filters' }).click();
      expect(await result(page)).toContain('Showing 12 of 12 calls');

      await page.getByLabel('Protocol', { exact: true }).selectOption('Skinny');
      expect(await shown(page)).toEqual(['Reception (3001) →  calls 3002']);
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByLabel('Digits').selectOption('With a card number');
      expect(await shown(page)).toEqual(['Front desk (2001) →  calls Payment hotline (0800 555 0199)']);
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByLabel('Search').fill('weiß OPENS');
      expect(await result(page)).toBe('Showing 0 of 12 calls');
      await page.getByLabel('Search').fill('10.20.1.44 WEIß');
      expect(await shown(page)).toEqual(['Front desk (2001) →  calls Doctor Weiß (2014)']);
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByLabel('From (UTC)').fill('2026-03-04T10:19:00');
      await page.getByLabel('To (UTC)').fill('2026-03-04T10:21:10');
      expect(await shown(page)).toEqual([
        '10.20.7.3:30000 →  calls 10.20.9.2:20010',
        'Front desk (2001) →  calls Voicemail (*97)',
      ]);
      await page.getByRole('button', { name: 'Show these 2 calls' }).click();
      expect(await result(page)).toContain('Showing 2 of 12 calls');
      await page.screenshot({ path: join(folder, 'light.png') });
      await page.close();
    });

    test('leads by keyboard alone from the list into a call, plays what a tap hears, and leads back', async () => {
      const page = await open(officeReport(true));
      const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
      const tabTo = async (wanted: RegExp, most: number) => {
        for (let step = 0; step < most; step++) {
          await page.keyboard.press('Tab');
          if (wanted.test(await focused())) return;
        }
        throw new Error(`the tabulator does not lead to ${wanted}`);
      };
      await tabTo(/^Skip to the calls$/, 1);
      await page.keyboard.press('Enter');
      await tabTo(/^Skip the filters$/, 1);
      await page.keyboard.press('Enter');
      expect(await focused()).toContain('Payment hotline');
      await page.keyboard.press('ArrowDown');
      expect(await focused()).toContain('Doctor Weiß');
      await page.keyboard.press('Enter');
      await expect.poll(focused).toMatch(/^Front desk \(2001\) .* Doctor Weiß \(2014\)$/);
      expect(page.url()).toMatch(/#call-2$/);
      expect(await page.locator('#report').isVisible()).toBe(false);

      await tabTo(/^Play/, 5);
      const [clock, position] = [page.locator('.clock').first(), page.locator('.position').first()];
      expect(await clock.textContent()).toMatch(/^0\.0 s of/);
      await page.keyboard.press('Enter');
      await expect.poll(() => clock.textContent(), { timeout: 20_000 }).not.toMatch(/^0\.0 s of/);
      await expect.poll(focused).toMatch(/^(?:Pause|Play)/);
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('End');
      await expect.poll(() => position.getAttribute('aria-valuetext')).toBe('3.0 of 3.0 seconds');
      await expect.poll(() => page.getByRole('button', { name: /^Play/ }).count()).toBe(2);
      // Something was drawn of the sound: not one colour alone.
      const colours = () =>
        page
          .locator('canvas')
          .first()
          .evaluate((canvas: unknown) => {
            const { width, height, getContext } = canvas as {
              width: number;
              height: number;
              getContext(kind: '2d'): { getImageData(...of: number[]): { data: Uint8ClampedArray } };
            };
            const { data } = getContext.call(canvas, '2d').getImageData(0, 0, width, height);
            return new Set(data).size;
          });
      await expect.poll(colours).toBeGreaterThan(100);

      await page.keyboard.press('Escape');
      await expect.poll(focused).toContain('Doctor Weiß');
      expect(await page.locator('#call').isVisible()).toBe(false);
      await page.close();
    });

    test('draws the ladder with the way of the keys, and leads from a key to the stream that it opens', async () => {
      const page = await open(officeReport(true), { at: '#call-2', colorScheme: 'dark' });
      expect(await page.locator('.rung').count()).toBe(10);
      expect(await page.locator('.rung.carries-key').count()).toBe(4);
      expect(await page.locator('.lane.begins').count()).toBe(2);
      expect(await page.locator('.lane.ends').count()).toBe(2);
      await page.getByRole('button', { name: 'stream 4', exact: true }).click();
      expect(await page.evaluate('document.activeElement.id')).toBe('stream-4');
      await page.screenshot({ path: join(folder, 'call-dark.png') });
      await page.getByRole('link', { name: 'Next call' }).click();
      await expect.poll(() => page.locator('#call-title').textContent()).toContain('10.20.7.3:30000');
      await page.goBack();
      await expect.poll(() => page.locator('#call-title').textContent()).toContain('Doctor Weiß');
      await page.close();
    });

    test('gives the packets of a finding as a filter for Wireshark', async () => {
      const page = await open(officeReport(false), {
        at: '#call-1',
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      await page.getByRole('button', { name: /Copy the Wireshark filter for A card number/ }).click();
      await expect.poll(() => page.locator('#said').textContent()).toBe('Copied');
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe('frame.number in {410, 455, 501}');
      await page.close();
    });

    test('shows what a capture says as text, and runs none of it', async () => {
      const evil = '<script>window.ran = 1</script><img src=x onerror="window.ran = 1">';
      const end = { number: evil, name: `\u202e${evil}`, uri: evil, device: evil, addresses: [evil] };
      const finding = {
        code: evil,
        harm: 'high',
        title: evil,
        detail: evil,
        evidence: [{ packets: [1], says: evil }],
      } as const;
      const call = aCall({
        verdict: 'heard',
        because: evil,
        fix: evil,
        caller: end,
        called: end,
        hosts: [evil, `${evil}2`],
        messages: [aMessage(1, 0, 1, evil, { detail: evil, protocol: evil })],
        streams: [aStream({ codec: evil, because: evil, source: evil })],
        findings: [{ ...finding, rules: [evil], fix: evil }],
      });
      const page = await open(reportOf([call]), { at: '#call-1' });
      expect(await page.locator('#call-title').textContent()).toContain('‹U+202E›<script>window.ran = 1</script><img');
      await page.getByRole('button', { name: 'All calls' }).click();
      expect(await page.locator('.rows .why').textContent()).toBe(evil);
      expect(await page.evaluate('[window.ran, document.images.length, document.scripts.length]')).toEqual([
        undefined,
        0,
        4,
      ]);
      // Not even what a script of the page itself might be made to insert.
      const blocked = page.evaluate(`new Promise((done) => {
      const blocked = new Set();
      addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        if (blocked.add(effectiveDirective).size === 2) done([...blocked].sort());
      });
      document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.ran = 1">');
    })`);
      expect(await blocked).toEqual(['img-src', 'script-src-attr']);
      await expect.poll(() => complaints.filter((one) => one.includes('Content Security Policy')).length).toBe(2);
      complaints.splice(0);
      await page.close();
    });

    test('has no fault of accessibility that axe finds, with a call open and without, in the light and in the dark', async () => {
      const page = await open(officeReport(true), { reducedMotion: 'reduce' });
      await page.evaluate(axe);
      const faults = async (only: string) => {
        const { violations } = (await page.evaluate(
          `axe.run(document, { runOnly: ${only}, resultTypes: ['violations'], preload: false })`,
        )) as AxeResult;
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
      };
      const everyRule = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
      const looks = async () => {
        expect(await faults(everyRule)).toEqual([]);
        await page.emulateMedia({ colorScheme: 'dark' });
        // Nothing but colours changes.
        expect(await faults("{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }")).toEqual([]);
        await page.emulateMedia({ colorScheme: 'light' });
      };
      await looks();
      for (const call of process.env['TRUSTLINE_FULL'] === '1' ? [1, 2, 3, 4, 5, 6, 7, 8] : [2]) {
        await page.evaluate(`location.hash = '#call-${call}'`);
        await expect.poll(() => page.locator('.call .remark').first().textContent()).toBe(`Call ${call}`);
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
        await looks();
      }
      await page.close();
    });

    test('has 10,000 calls in its list, of which those in sight are in the document', async () => {
      const page = await open(manyCalls(10_000));
      const rows = page.locator('.rows .row');
      expect(await result(page)).toContain('Showing 10,000 of 10,000 calls');
      expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('10001');
      await page
        .locator('.lines')
        .evaluate((lines: unknown) => (lines as { scrollTo(x: number, y: number): void }).scrollTo(0, 340_000));
      await expect.poll(() => shown(page)).toContain('Front desk (2001) →  calls Extension 5001 (55001)');
      await page.locator('.rows a[tabindex="0"]').focus();
      await page.keyboard.press('End');
      await expect
        .poll(async () => (await shown(page)).at(-1))
        .toBe('Front desk (2001) →  calls Extension 10000 (60000)');
      expect(await rows.count()).toBeLessThan(60);
      await page.getByLabel('Search').fill('extension 7777');
      expect(await shown(page)).toEqual(['Front desk (2001) →  calls Extension 7777 (57777)']);
      await rows.first().click();
      await expect.poll(() => page.locator('#call-title').textContent()).toContain('Extension 7777');
      await page.close();
    });

    test('prints its summary, its findings and the calls as a table', async () => {
      const page = await open(officeReport(false), { colorScheme: 'dark' });
      const pdf = await page.pdf({ path: join(folder, 'report.pdf'), format: 'A4' });
      expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length).toBeGreaterThanOrEqual(3);
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('.call-table').isVisible()).toBe(true);
      expect(await page.locator('.call-table tbody tr').count()).toBe(12);
      expect(await page.locator('button:visible:not(.link), input:visible').count()).toBe(0);
      await page.close();
    });

    test('is of use where scripts do not run, and on a phone', async () => {
      const still = await open(officeReport(true), { javaScriptEnabled: false });
      expect(await still.locator('.call-table tbody tr').count()).toBe(12);
      expect(await still.locator('.call-table').isVisible()).toBe(true);
      expect(await still.locator('button:visible, input:visible').count()).toBe(0);
      await still.close();
      const phone = await open(officeReport(true), { viewport: { width: 360, height: 740 }, hasTouch: true });
      const wide = () => phone.evaluate('document.documentElement.scrollWidth');
      expect(await wide()).toBe(360);
      await phone.locator('.rows .row').nth(1).tap();
      await expect.poll(() => phone.locator('#call-title').textContent()).toContain('Doctor Weiß');
      expect(await wide()).toBe(360);
      await phone.screenshot({ path: join(folder, 'phone.png') });
      await phone.close();
    });
  },
);
