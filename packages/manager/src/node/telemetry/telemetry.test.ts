import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { CallRecord } from '@trustline/evidence';
import { expect, test } from 'vitest';
import type { JournalNotice } from '../journal.ts';
import type { ManagerContext } from '../parts.ts';
import { createTelemetry } from './telemetry.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 27, 10, 0, seconds)).toISOString();
const nanoseconds = (seconds: number) => `${Date.UTC(2026, 10, 27, 10, 0, seconds)}000000`;
const leg = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate', keying: 'sdes' } as const;
const suite = 'AES_CM_128_HMAC_SHA1_80';
const record: CallRecord = {
  schema: 1,
  node: 'node-1',
  call: '3fa2b1',
  policy: 'prefer',
  startedAt: at(0),
  answeredAt: at(3),
  endedAt: at(63),
  outcome: 'answered',
  reason: 'normal-clearing',
  cause: 'canary hung up',
  level: 'encrypted',
  levels: [{ at: at(3), level: 'encrypted', cause: 'canary answered' }],
  legs: [
    { ...leg, leg: 'a', role: 'calling', suite, level: 'encrypted', party: { line: 'canary' } },
    { ...leg, leg: 'b', role: 'called', suite, level: 'encrypted', party: { number: 'canary' } },
  ],
};

interface ReceivedSpan {
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly parentSpanId?: string;
  readonly traceId: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
}

test('a call that ends reaches a collector as one trace, with its times and levels, and names nobody', async () => {
  const bodies: string[] = [];
  const collector = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  const listeners = new Set<(notice: JournalNotice) => void>();
  const context = {
    configuration: { node: 'node-1' },
    journal: {
      subscribe(listener: (notice: JournalNotice) => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  } as unknown as ManagerContext;
  const { port } = collector.address() as AddressInfo;
  const telemetry = createTelemetry(context, { url: `http://127.0.0.1:${port}/v1/traces` }, '/');
  await telemetry.start();
  for (const listener of listeners) listener({ sequence: 1, content: { kind: 'call', record } });
  await telemetry.stop();
  collector.close();
  expect(listeners.size).toBe(0);
  expect(bodies.join('')).not.toContain('canary');
  const spans = bodies.flatMap((body) =>
    (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[] }).resourceSpans.flatMap(
      ({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans),
    ),
  );
  const times = spans.map(({ name, startTimeUnixNano, endTimeUnixNano }) => [name, startTimeUnixNano, endTimeUnixNano]);
  expect(times).toEqual([
    ['call set-up', nanoseconds(0), nanoseconds(3)],
    ['call talk', nanoseconds(3), nanoseconds(63)],
    ['leg calling', nanoseconds(0), nanoseconds(63)],
    ['leg called', nanoseconds(0), nanoseconds(63)],
    ['call', nanoseconds(0), nanoseconds(63)],
  ]);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  const attributes = Object.fromEntries(
    spans.at(-1)?.attributes.map(({ key, value }) => [key, value.stringValue]) ?? [],
  );
  expect(attributes).toMatchObject({ 'trustline.call': '3fa2b1', 'trustline.level': 'encrypted' });
});
