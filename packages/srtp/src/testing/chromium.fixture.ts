import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
};

/** What is missing to run it; undefined when it is there. */
export const chromiumMissing =
  spawnSync('chromium', ['--version']).status === 0 ? undefined : 'chromium is needed (scripts/install-peers.sh)';

/** What a page reported, and what it had asked the server for. */
export interface PageReport {
  readonly text: string;
  readonly asked: readonly string[];
}

/**
 * Opens a page of this folder, served on loopback, and waits for what it writes into `#report`. The page is to hold an
 * image `/until-reported` and to fetch `/reported` when it has written: the image is answered then, so that the page has
 * loaded, and Chromium shows its document, not before.
 */
export async function reportOf(page: string, folder: string): Promise<PageReport> {
  const asked: string[] = [];
  const { promise: reported, resolve: report } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    asked.push(path);
    const nothing = () => response.writeHead(204).end();
    if (path === '/until-reported') void reported.then(nothing);
    else if (path === '/reported') {
      nothing();
      report();
    } else serve(join(folder, path), response);
  });
  const profile = mkdtempSync(join(tmpdir(), 'trustline-chromium-'));
  try {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const document = await dump(`http://127.0.0.1:${port}/${page}`, profile);
    const [, text] = /<pre id="report">(.*?)<\/pre>/s.exec(document) ?? [];
    if (text === undefined) throw new Error(`Chromium shows no report:\n${document}`);
    return { text: unescaped(text), asked };
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function serve(file: string, response: ServerResponse): void {
  const type = types[extname(file)];
  if (type === undefined || !existsSync(file)) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': type }).end(readFileSync(file));
}

/** The document as it is when the page has loaded. */
async function dump(url: string, profile: string): Promise<string> {
  const options = [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...[`--user-data-dir=${profile}`, '--virtual-time-budget=60000', '--dump-dom'],
  ];
  // It ends by itself; the limit is for one that hangs, and says so before the test would.
  const { stdout } = await promisify(execFile)('chromium', [...options, url], {
    timeout: 100_000,
    killSignal: 'SIGKILL',
  });
  return stdout;
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
