import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type CallRecord, type ChainVerdict, verifyExport } from '@trustline/evidence';
import type { ManagerClient } from '@trustline/manager/node';

/** The record of a call is written a moment after its end, in milliseconds. */
const PATIENCE = 5_000;

/** Exports the records of the run to a file, verifies that file against a head asked of the manager, as an auditor would. */
export async function keepRecords(
  client: ManagerClient,
  call: string,
  file: string,
): Promise<{ readonly record: CallRecord | undefined; readonly verdict: ChainVerdict }> {
  const record = await recordOf(client, call);
  const { head } = await client.recordsHead();
  let text = '';
  for await (const chunk of client.exportRecords()) text += chunk;
  writeFileSync(file, text, { mode: 0o600 });
  return { record, verdict: await verifyExport([readFileSync(file)], { head }) };
}

async function recordOf(client: ManagerClient, call: string): Promise<CallRecord | undefined> {
  const until = performance.now() + PATIENCE;
  while (performance.now() < until) {
    const record = (await client.calls()).ended.find((one) => one.call === call);
    if (record !== undefined) return record;
    await delay(50);
  }
  return undefined;
}
