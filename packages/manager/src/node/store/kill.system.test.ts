import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyExport } from '@trustline/evidence';
import { expect, test } from 'vitest';
import { Journal } from '../journal.ts';
import { openStore } from './store.ts';

const name = 'SEP001122334455';

/** Registers and records for ever, saying on its output what was acknowledged. */
const writer = `
  const [, storeModule, journalModule, path, key] = process.argv;
  const { readFileSync } = await import('node:fs');
  const { createPrivateKey } = await import('node:crypto');
  const { openStore } = await import(storeModule);
  const { Journal } = await import(journalModule);
  const store = await openStore(path, { node: 'node-1', now: Date.now() });
  const device = { name: '${name}', kind: 'phone', securityMode: 'encrypted', description: '', lines: [], addedAt: 0 };
  await store.devices.add(device);
  const privateKey = createPrivateKey(readFileSync(key));
  const options = { store, node: 'node-1', privateKey, memoryLimit: 100, now: () => Date.now(), complain: () => {} };
  const journal = await Journal.open(options);
  for (let turn = 0; ; turn += 1) {
    const binding = {
      line: String(turn), device: '${name}', contact: 'sip:' + turn, callId: 'c', sequence: 1, path: [], transport: 'tls',
      remoteAddress: '192.0.2.1:5061', registeredAt: 0, expiresAt: Number.MAX_SAFE_INTEGER,
    };
    const many = [0, 1, 2].map((part) => journal.event('registration', { device: '${name}', cause: turn + '.' + part }));
    await Promise.all([store.registrations.apply({ put: [binding], remove: [] }), ...many]);
    process.stdout.write(turn + '\\n');
  }
`;

test('what was acknowledged is there after kill -9, and the chain of evidence goes on', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'trustline-kill-'));
  try {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const [path, key] = [join(scratch, 'store.sqlite'), join(scratch, 'key.pem')];
    writeFileSync(key, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const modules = ['./store.ts', '../journal.ts'].map((module) => new URL(module, import.meta.url).href);
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, ...modules, path, key], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.split('\n').length > 50) break;
    }
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const acknowledged = said.split('\n').slice(0, -1);

    const store = await openStore(path, { node: 'node-1', now: Date.now() });
    const lines = new Set((await store.registrations.list(0)).map(({ line }) => line));
    expect(acknowledged.filter((turn) => !lines.has(turn))).toEqual([]);

    const options = { store, node: 'node-1', privateKey, memoryLimit: 100, now: () => Date.now(), complain: () => {} };
    const journal = await Journal.open(options);
    await journal.event('started', { cause: 'again' });
    const chain: string[] = [];
    for await (const line of journal.exportLines()) chain.push(line);
    expect(await verifyExport(chain, { publicKey })).toMatchObject({ ok: true });
    const causes = new Set(chain.slice(1).map((line) => JSON.parse(line).personal.fields.cause));
    for (const turn of acknowledged) for (const part of [0, 1, 2]) expect(causes).toContain(`${turn}.${part}`);
    await store.close();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
