import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { artefactFolder, freeTcpPort, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import { answering } from './sipp-scenario.fixture.ts';

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };
const require = createRequire(import.meta.url);
const sipJs = dirname(require.resolve('sip.js/package.json'));

/** A phone in a page of Chromium (SIP.js), by WebSocket, which calls one that SIPp plays. */
describe.skipIf(missingPrograms('sipp', 'chromium'))('a phone in a browser', () => {
  const folder = artefactFolder('browser');
  const { promise: reported, resolve: report } = Promise.withResolvers<readonly string[]>();
  let settings: Readonly<Record<string, string>> = {};
  let phones: SippLab;
  let port: number;
  const pages = createServer(async (request, response) => {
    const path = request.url ?? '/';
    if (path === '/report') {
      report(JSON.parse(await text(request)));
      response.writeHead(204).end();
    } else if (path === '/settings.json') response.end(JSON.stringify(settings));
    else {
      const file = path.startsWith('/sip.js/')
        ? join(sipJs, path.slice(8))
        : join(import.meta.dirname, 'browser', path);
      if (existsSync(file))
        response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(readFileSync(file));
      else response.writeHead(404).end();
    }
  });

  beforeAll(async () => {
    await new Promise<void>((done) => pages.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    port = await freeTcpPort();
    const listener = `  - { transport: wss, host: 127.0.0.1, port: ${port}, origins: ["${origin}"], digestAlgorithms: [MD5] }`;
    phones = await SippLab.start(folder, [], ['1002'], '127.0.0.1', [listener]);
    const { name, line, password } = phones.caller;
    settings = { server: `wss://127.0.0.1:${port}`, line, user: name, password, number: '1002' };
  });
  afterAll(async () => {
    pages.closeAllConnections();
    pages.close();
    await phones?.stop();
  });

  test('RFC 7118: registers by WebSocket, calls, is answered, hangs up and leaves; the call is non-secure', async () => {
    const waiting = phones.wait(answering);
    const profile = mkdtempSync(join(tmpdir(), 'trustline-chromium-'));
    const { port: pagePort } = pages.address() as AddressInfo;
    const browser = spawn(
      'chromium',
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
        ...['--disable-background-networking', '--disable-component-update', '--ignore-certificate-errors'],
        ...[`--user-data-dir=${profile}`, `http://127.0.0.1:${pagePort}/phone.html`],
      ],
      { stdio: 'ignore' },
    );
    try {
      const steps = await reported;
      expect(steps).toEqual([
        'registered',
        expect.stringMatching(/^m=audio \d+ RTP\/AVP 8/),
        'established',
        'hung up',
        'unregistered',
      ]);
    } finally {
      browser.kill('SIGKILL');
      if (browser.exitCode === null) await once(browser, 'exit');
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
    const { exitCode, messages } = await waiting;
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^P-Asserted-Identity: <sip:1001@/m);
    const { ended } = await phones.lab.client.calls();
    expect(ended.at(-1)).toMatchObject({ level: 'non-secure' });
  });
});
