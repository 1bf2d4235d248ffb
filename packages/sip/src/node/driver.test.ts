import { randomBytes } from 'node:crypto';
import { sampleRequest } from '@trustline/testing';
import { afterEach, expect, test } from 'vitest';
import { SipEndpoint } from '../endpoint/endpoint.ts';
import type { SipEndpointOutput } from '../endpoint/outputs.ts';
import { createResponse } from '../message/response.ts';
import { SipDriver } from './driver.ts';
import type { SipTransportEvent } from './events.ts';

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const any = { host: '127.0.0.1', port: 0 };

function startDriver(onOutput: (output: SipEndpointOutput, of: Driven) => void = () => {}): Driven {
  const endpoint = new SipEndpoint({ random, timers: { t1: 20, t2: 40, t4: 50 } });
  const outputs: SipEndpointOutput[] = [];
  const events: SipTransportEvent[] = [];
  const driver = new SipDriver<never, SipEndpointOutput>({
    machine: endpoint,
    onOutput: (output) => {
      outputs.push(output);
      onOutput(output, driven);
    },
    onEvent: (event) => events.push(event),
  });
  opened.push(driver);
  const driven: Driven = { endpoint, driver, outputs, events };
  return driven;
}

interface Driven {
  readonly endpoint: SipEndpoint;
  readonly driver: SipDriver<never, SipEndpointOutput>;
  readonly outputs: readonly SipEndpointOutput[];
  readonly events: readonly SipTransportEvent[];
}

test('an endpoint on real sockets asks, is asked, answers and forgets', async () => {
  const server = startDriver((output, { driver, endpoint }) => {
    if (output.kind !== 'request' || output.transaction === undefined) return;
    const { transaction, request } = output;
    driver.command((now) => endpoint.respond(now, transaction, createResponse(request, 200, { toTag: 'b' })));
  });
  const client = startDriver();
  const udp = await server.driver.hub.listenUdp(any);
  const tcp = await server.driver.hub.listenTcp(any);
  const overUdp = (await client.driver.hub.listenUdp(any)).flowTo(udp.local);
  const overTcp = await client.driver.hub.connectTcp(tcp.local);
  for (const flow of [overUdp, overTcp]) {
    client.driver.command((now) => client.endpoint.sendRequest(now, flow, sampleRequest('OPTIONS')));
    await expect.poll(() => client.outputs.at(-1)).toMatchObject({ kind: 'response', flow: { id: flow.id } });
  }
  await expect
    .poll(() => [client.endpoint.transactions, server.endpoint.transactions], { timeout: 5_000 })
    .toEqual([
      { client: 0, server: 0 },
      { client: 0, server: 0 },
    ]);
});

test('timers run on the clock of the machine: an unanswered request times out', async () => {
  const silent = startDriver();
  const client = startDriver();
  const udp = await silent.driver.hub.listenUdp(any);
  const flow = (await client.driver.hub.listenUdp(any)).flowTo(udp.local);
  const transaction = client.driver.command((now) => client.endpoint.sendRequest(now, flow, sampleRequest('OPTIONS')));
  await expect.poll(() => client.outputs, { timeout: 10_000 }).toEqual([{ kind: 'timeout', transaction }]);
});

test('a request for a flow that has closed fails at once', async () => {
  const server = startDriver();
  const client = startDriver();
  const tcp = await server.driver.hub.listenTcp(any);
  const flow = await client.driver.hub.connectTcp(tcp.local);
  client.driver.hub.closeFlow(flow.id);
  const transaction = client.driver.command((now) => client.endpoint.sendRequest(now, flow, sampleRequest('OPTIONS')));
  expect(client.outputs).toEqual([{ kind: 'transport-error', transaction, reason: 'flow-closed' }]);
});

test('a message that cannot be written is an event and hurts nobody else', async () => {
  const server = startDriver();
  const client = startDriver();
  const udp = await server.driver.hub.listenUdp(any);
  const flow = (await client.driver.hub.listenUdp(any)).flowTo(udp.local);
  const injected = sampleRequest('OPTIONS', [{ name: 'Subject', value: 'x\r\nVia: y' }]);
  client.driver.command((now) => client.endpoint.sendRequest(now, flow, injected));
  expect(client.events).toMatchObject([{ kind: 'unsendable-message', error: { code: 'sip.unsafe-value' } }]);
  client.driver.command((now) => client.endpoint.sendRequest(now, flow, sampleRequest('OPTIONS')));
  await expect.poll(() => server.outputs.length).toBe(1);
});
