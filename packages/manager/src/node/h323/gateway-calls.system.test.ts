/** A manager, a gateway of ours with a handset at its port, and a softphone: all real, but for IPsec, which is said to be there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readGatewayConfiguration } from '@trustline/gateway';
import { Gateway } from '@trustline/gateway/node';
import { speechLike } from '@trustline/phone';
import { Phone, play, WavRecorder } from '@trustline/phone/node';
import { eventually, freeTcpPort, toneAmplitudes } from '@trustline/testing/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HandsetPort } from '../../../../gateway/src/node/handset-port.fixture.ts';
import { ManagerClient } from '../api/client.ts';
import type { ManagerIpsec } from '../ipsec/ipsec.ts';
import { loadConfiguration } from '../load-configuration.ts';
import { type RunningManager, startManager } from '../manager.ts';
import { createSignalling } from '../signalling.ts';

const scratch = mkdtempSync(join(tmpdir(), 'trustline-gateway-calls-'));
const device = 'SEP0000000000B1';
/** Half a minute of a tone, which is heard in a conference. */
const tone = Int16Array.from({ length: 240_000 }, (_, at) => 8_000 * Math.sin((2 * Math.PI * 440 * at) / 8_000));
const handset = new HandsetPort('0/1', tone);
let manager: RunningManager;
let client: ManagerClient;
let gateway: Gateway;
let phone: Phone;

const proves = { baseline: async () => ({}), prove: async () => ({ proven: true }) };
const managerProves = { ...proves, watch: () => () => {} } as unknown as ManagerIpsec;

beforeAll(async () => {
  const gatewayPort = await freeTcpPort();
  const set = [
    `dataFolder=${join(scratch, 'data')}`,
    'log.level=error',
    'api.metrics.enabled=false',
    'provisioning.enabled=false',
    'media.host=127.0.0.1',
    'media.firstPort=23200',
    'media.lastPort=23239',
    'listeners=[{transport: tls, host: 127.0.0.1, port: 0}, {transport: h323, host: 127.0.0.1, port: 0}]',
    'dialPlan=[{pattern: "9.!", to: trunk, devices: [gw1], discardAccessCode: true}, {pattern: "5000", to: conference, name: all}]',
  ];
  const loaded = loadConfiguration({ set, environment: {} });
  manager = await startManager({
    loaded,
    environment: {},
    signalling: (context, seen) => createSignalling({ ...context, ipsec: managerProves }, seen),
  });
  client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
  await client.addGateway({ name: 'gw1', addresses: ['127.0.0.2'], port: gatewayPort });
  const { listeners } = await client.status();
  const port = (transport: string) => listeners.find((one) => one.transport === transport)?.port ?? 0;
  const reading = readGatewayConfiguration(`
h323:
  address: 127.0.0.2
  port: ${gatewayPort}
  callManagers: [{ name: cm1, address: 127.0.0.1, port: ${port('h323')} }]
media: { address: 127.0.0.2 }
ports: [{ name: 0/1, kind: pri, line: simulation }]
dialPeers: [{ name: out, pattern: T, to: { port: 0/1 } }]
`);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  gateway = await Gateway.start({
    configuration: reading.configuration,
    protection: proves,
    openPort: (_, __, changed) => handset.open(changed),
    report: () => {},
  });
  await client.addDevice({ name: device, securityMode: 'encrypted', lines: [{ number: '1001' }] });
  const { proof, trustBundlePem } = await client.deviceCredentials(device);
  if (proof.kind !== 'certificate') throw new Error('it was given no certificate');
  const { certificatePem, privateKeyPem } = proof;
  phone = Phone.start({
    line: '1001',
    device,
    connection: { kind: 'tls', certificatePem, privateKeyPem, trustBundlePem },
    server: { host: '127.0.0.1', port: port('tls') },
    onEvent: () => {},
  });
  await phone.registered();
});

afterAll(async () => {
  await phone?.stop();
  await gateway?.stop();
  await manager?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test('RFC 4733: keys of the phone are keys at the port of the gateway, and keys there are keys at the phone, within SRTP', async () => {
  const call = await phone.call('95550200', { source: play(speechLike(20, 1)) });
  await call.established;
  await eventually('the lock', () => call.level === 'encrypted');
  const [running] = (await client.calls()).calls;
  expect(running).toMatchObject({ level: 'encrypted', relayed: null });
  await eventually('audio', () => handset.heard().length > 1_600);
  expect(call.sendDigits('15#')).toBe(true);
  const keys = () => handset.told.flatMap((told) => /^keys (.*)$/.exec(told)?.[1] ?? []).join('');
  await eventually('the keys', () => keys() === '15#');
  handset.says({ kind: 'keys', call: 1, keys: '7*' });
  await eventually('the digits', () => call.digits === '7*');
  call.hangUp();
  await eventually('the end', async () => (await client.calls()).calls.length === 0);
});

// It hears two seconds of tone after two calls have been set up: more than an ordinary run has.
test.runIf(process.env['TRUSTLINE_FULL'] === '1')(
  'whom the phone transfers into a conference by the gateway is heard in it, encrypted',
  async () => {
    const first = await phone.call('95550440', { source: play(speechLike(20, 1)) });
    await first.established;
    expect(first.transfer('5000')).toBe(true);
    const calls = async () => (await client.calls()).calls;
    await eventually('the gateway in the conference', async () =>
      (await calls()).some(({ legs, relayed }) => relayed === 'conference' && legs.some((leg) => leg.device === 'gw1')),
    );
    await eventually('the end of the first call', () => phone.calls.length === 0);
    const recording = join(scratch, 'conference.wav');
    const call = await phone.call('5000', { source: play(speechLike(20, 1)), sink: new WavRecorder(recording) });
    await call.established;
    await eventually('both in it, encrypted', async () => {
      const now = await calls();
      return now.length === 2 && now.every(({ relayed, level }) => relayed === 'conference' && level === 'encrypted');
    });
    const [one] = (await calls()).filter(({ legs }) => legs.some((leg) => leg.device === 'gw1'));
    expect(one?.legs).toMatchObject([{ signalling: 'ipsec', keying: 'h235', level: 'encrypted' }]);
    await delay(3_000);
    call.hangUp();
    await gateway.stop();
    await eventually('the end', async () => (await calls()).length === 0);
    const loud = (await toneAmplitudes(recording, 440)).filter((amplitude) => amplitude > 2_000);
    expect(loud.length / 10).toBeGreaterThan(1);
  },
);
