import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@trustline/testing/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readGatewayConfiguration } from '../configuration/document.ts';
import { askForCall, type ControlAnswer, ControlSocket } from './control-socket.ts';
import { Gateway, type GatewayReport } from './gateway.ts';
import type { NetworkCallRequest } from './network-call.ts';
import { openConfiguredPort } from './open-port.ts';

/** What comes from a port goes out by the access: the gateway's own simulated network is at both ends. */
const document = `
name: gw
ports:
  - { name: 0/1, kind: pri, line: simulation }
  - { name: 1/0, kind: fxs, line: simulation, callerId: none, number: "2001" }
  - { name: 2/0, kind: fxo, line: simulation, callerId: none }
trunks: []
dialPeers:
  - { name: fails, pattern: 9..., to: { port: 0/1 }, called: { strip: 1, prefix: "0" } }
  - { name: out, pattern: 8..., to: { port: 0/1 }, called: { strip: 1, prefix: "0" } }
`;

let folder: string;
let path: string;
let gateway: Gateway;
let control: ControlSocket;
const reports: GatewayReport[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trustline-gateway-'));
  path = join(folder, 'gw.sock');
  reports.length = 0;
  const reading = readGatewayConfiguration(document);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  const inService = Promise.withResolvers<void>();
  gateway = await Gateway.start({
    configuration: reading.configuration,
    openPort: openConfiguredPort,
    report: (report) => {
      reports.push(report);
      if (report.kind === 'notice' && report.text.startsWith('port 0/1 is in service')) inService.resolve();
    },
  });
  control = await ControlSocket.listen(path, (request, told) => gateway.callFromNetwork(request, told));
  await inService.promise;
});
afterEach(async () => {
  control.stop();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** All that a command is told; hangs up as soon as `until` is. */
async function calls(request: NetworkCallRequest, until?: ControlAnswer['kind']): Promise<ControlAnswer[]> {
  const told: ControlAnswer[] = [];
  const hangUp = new AbortController();
  for await (const one of askForCall(path, request, hangUp.signal)) {
    told.push(one);
    if (one.kind === until) hangUp.abort();
  }
  return told;
}
const kinds = (told: readonly ControlAnswer[]) => told.map(({ kind }) => kind);
/** What the gateway says of it itself, when its own side of the line is over too. */
const recordOf = () =>
  eventually('the record of the call', () => reports.findLast((report) => report.kind === 'record')?.record);

describe('a call from the simulated network', () => {
  test('rings, is answered, presses keys, hears and hangs up; the record says who called', async () => {
    const told = await calls({ number: '8440', calling: '030123', digits: '5#', seconds: 1 });
    expect(kinds(told)).toEqual(['placed', 'ringing', 'answered', 'digits-sent', 'released']);
    expect(told[2]).toMatchObject({ port: expect.stringMatching(/^0\/1:\d+$/) });
    const last = told.at(-1);
    expect(last).toMatchObject({ cause: 16, words: 'normal clearing', by: 'caller', isAnswered: true });
    expect(last?.kind === 'released' && last.heardSeconds).toBeGreaterThan(0.5);
    expect(await recordOf()).toMatchObject({ calling: '030123', called: '8440', from: 'port 0/1:1' });
  });

  test.each([
    ['busy', '9017', 17, 'busy'],
    ['of no dial peer', '7000', 1, 'the number is not allocated'],
  ])('to one that is %s ends with cause and words', async (_, number, cause, words) => {
    expect((await calls({ number })).at(-1)).toMatchObject({ kind: 'released', cause, words, isAnswered: false });
  });

  test('at a telephone line the telephone dials the number', async () => {
    const told = await calls({ number: '8440', port: '1/0', seconds: 0.2 });
    expect(kinds(told)).toEqual(expect.arrayContaining(['placed', 'released']));
    expect(await recordOf()).toMatchObject({
      calling: '2001',
      called: '8440',
      from: 'port 1/0',
      to: expect.stringMatching(/^port 0\/1/),
    });
  });

  test('at a line of an exchange the number is dialled once the gateway has taken it', async () => {
    const told = await calls({ number: '8440', port: '2/0', seconds: 3 });
    expect(kinds(told)).toEqual(['placed', 'ringing', 'line-taken', 'digits-sent', 'released']);
    expect(await recordOf()).toMatchObject({ called: '8440', to: expect.stringMatching(/^port 0\/1/) });
  });

  test('whoever hangs up the command hangs up the call', async () => {
    await calls({ number: '8440' }, 'ringing');
    await expect.poll(() => gateway.calls).toBe(0);
  });

  test('of a port that is not there the command is told which there are', async () => {
    expect(await calls({ number: '8440', port: '7/7' })).toEqual([
      {
        kind: 'refused',
        code: 'gateway.no-such-port',
        message: 'There is no port 7/7',
        nextStep: 'Ports are 0/1, 1/0, 2/0.',
      },
    ]);
  });
});

describe('the socket of a gateway', () => {
  test('is its owner’s alone, and one gateway’s', async () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(ControlSocket.listen(path, () => () => {})).rejects.toMatchObject({
      code: 'gateway.control-unavailable',
    });
  });

  test.each([['nothing of JSON\n'], ['{"schema":2}\n'], [`${'x'.repeat(5_000)}`]])(
    'refuses what it does not understand: %j',
    async (text) => {
      const socket = connect(path);
      const said = Promise.withResolvers<string>();
      socket.once('data', (chunk) => said.resolve(chunk.toString('utf8')));
      socket.write(text);
      expect(JSON.parse(await said.promise)).toMatchObject({ kind: 'refused', code: 'gateway.bad-request' });
    },
  );

  test('where no gateway runs the command says so', async () => {
    control.stop();
    await expect(calls({ number: '1' })).rejects.toMatchObject({
      code: 'gateway.not-running',
      nextStep: expect.stringMatching(/^Start it: trustline gateway run/),
    });
  });
});
