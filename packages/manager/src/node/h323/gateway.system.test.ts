/** A manager with a Skinny phone and two H.323 gateways, over real TCP and TLS. */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { Redacted } from '@trustline/base';
import type { SecurityEvent } from '@trustline/evidence';
import type { CallsEvent, CallTerms, ConnectionProof, HostPort, SrtpMasterKey, TcpEnds } from '@trustline/h323';
import { H323Driver } from '@trustline/h323/node';
import { writeRtpHeader } from '@trustline/rtp';
import { DeviceType, type PhoneEvent, PhoneSession } from '@trustline/sccp';
import { createSrtpSender } from '@trustline/srtp';
import { hybridCrypto } from '@trustline/srtp/node';
import { makeTestCertificates, type TestIdentity } from '@trustline/testing';
import { eventually } from '@trustline/testing/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TracedMessage } from '../../api/trace-contract.ts';
import { FarGatekeeper } from '../../legs/h323/gatekeeper.fixture.ts';
import { ManagerClient } from '../api/client.ts';
import { believing } from '../believed-trust.fixture.ts';
import type { ManagerIpsec } from '../ipsec/ipsec.ts';
import { loadConfiguration } from '../load-configuration.ts';
import { type RunningManager, startManager } from '../manager.ts';
import { createSignalling } from '../signalling.ts';

const device = 'SEP0000000000A1';
const scratch = mkdtempSync(join(tmpdir(), 'trustline-gateway-'));
let manager: RunningManager;
let client: ManagerClient;
let phone: Phone;
let [near, far]: (Gateway | undefined)[] = [];
const asked: { readonly gateway: string; readonly ends: TcpEnds; readonly sent: number }[] = [];
let proof: ConnectionProof = { proven: true };

/** What IPsec would say: in this test there is none, and what it is asked is looked at. */
const gatewayProtection = {
  baseline: async () => ({}),
  async prove(gateway: string, ends: TcpEnds, _: never, sent: number): Promise<ConnectionProof> {
    asked.push({ gateway, ends, sent });
    return proof;
  },
  watch: () => () => {},
} as unknown as ManagerIpsec;

/** A gateway: it answers every call, and has keys of its own. */
class Gateway {
  readonly address: string;
  readonly events: CallsEvent[] = [];
  readonly driver: H323Driver;
  at: HostPort;
  readonly #terms: CallTerms;
  calls = 0;

  constructor(address: string, tunnelling: boolean) {
    this.address = address;
    this.at = { address, port: 0 };
    this.#terms = {
      protection: 'manager',
      endpoint: {
        formats: [{ name: 'g711Ulaw64k', frames: 20 }],
        suites: ['AES_CM_128_HMAC_SHA1_80'],
        policy: 'require',
        terminalType: 60,
        drawNumber: () => randomInt(2 ** 24),
        drawKey: (): SrtpMasterKey => ({
          key: new Redacted(new Uint8Array(randomBytes(16))),
          salt: new Redacted(new Uint8Array(randomBytes(14))),
        }),
        keyForm: 'direct',
        ackKey: 'none',
        media: { host: Uint8Array.from(address.split('.'), Number), port: 16_384 },
        tunnelling,
        fastConnect: false,
        symmetric: true,
        protectedPayloadType: 'of-format',
      },
    };
    this.driver = new H323Driver({
      identity: () => ({
        endpointType: { gateway: {}, mc: false, undefinedNode: false },
        callIdentifier: new Uint8Array(randomBytes(16)),
        conferenceId: new Uint8Array(randomBytes(16)),
      }),
      drawCallReference: () => randomInt(1, 0x7fff),
      admit: () => this.#terms,
      welcome: () => ({ protection: 'manager' }),
      turnedAway: () => {},
      protection: { baseline: async () => ({}), prove: async () => ({ proven: true }) },
      happened: (call, event) => {
        this.events.push(event);
        if (event.kind !== 'setup-offered') return;
        this.calls += 1;
        this.driver.command(call, (endpoint, now) => {
          endpoint.alert(now);
          endpoint.connect(now);
        });
      },
    });
  }

  async listen(): Promise<this> {
    this.at = await this.driver.listen(this.at);
    return this;
  }

  call(port: number, calledNumber: string): string {
    const to = { address: '127.0.0.1', port };
    return this.driver.place({ ...this.#terms, to, from: this.address, setup: { calledNumber } });
  }

  opened<Direction extends 'transmit' | 'receive'>(direction: Direction) {
    type Opened = Extract<CallsEvent, { kind: 'media-opened'; direction: Direction }>;
    return this.events.findLast((one): one is Opened => one.kind === 'media-opened' && one.direction === direction);
  }
}

/** The gatekeeper of the leg's tests, with a socket. */
class Gatekeeper {
  readonly address: string;
  port = 0;
  readonly #far: FarGatekeeper;
  readonly #socket = createSocket('udp4');

  constructor(address: string, gateway: HostPort) {
    this.address = address;
    this.#far = new FarGatekeeper(address, gateway);
    this.#socket.on('message', (payload, from) => {
      for (const answer of this.#far.answer(payload)) this.#socket.send(answer, from.port, from.address);
    });
  }

  get asked(): readonly string[] {
    return this.#far.kinds();
  }

  async listen(): Promise<this> {
    await new Promise<void>((listening) => this.#socket.bind(0, this.address, listening));
    this.port = this.#socket.address().port;
    this.#far.port = this.port;
    return this;
  }

  stop(): void {
    this.#socket.close();
  }
}

/** A Skinny phone that opens what it is told to open. */
class Phone {
  readonly session: PhoneSession;
  readonly #socket: TLSSocket;
  receiving: Uint8Array | undefined;
  sending: { readonly key: Uint8Array; readonly address: string; readonly port: number } | undefined;
  #port = 20_000;

  constructor({ certificatePem: cert, privateKeyPem: key }: TestIdentity, port: number) {
    this.session = new PhoneSession({
      deviceName: device,
      deviceType: DeviceType.Cisco7962,
      address: '127.0.0.1',
      codecs: [{ payloadType: 4, maxFramesPerPacket: 40 }],
    });
    this.#socket = connect({ host: '127.0.0.1', port, cert, key, rejectUnauthorized: false });
    this.#socket.on('error', () => {});
    this.#socket.on('secureConnect', () => this.does((session) => session.register(performance.now())));
    this.#socket.on('data', (chunk: Uint8Array) =>
      this.does((session) => session.handleBytes(performance.now(), chunk)),
    );
  }

  does(act: (session: PhoneSession) => void): void {
    act(this.session);
    for (let output = this.session.poll(); output !== undefined; output = this.session.poll()) {
      if (output.kind === 'transmit') this.#socket.write(output.bytes);
      else if (output.kind === 'event') this.#happened(output.event);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #happened(event: PhoneEvent): void {
    if (event.kind === 'open-receive-channel') {
      this.#port += 2;
      this.receiving = event.stream.keyInfo.key.reveal();
      this.session.receiveChannelOpened(event.stream.passThroughPartyId, { address: '127.0.0.1', port: this.#port });
    }
    if (event.kind === 'start-transmission') {
      this.sending = { key: event.stream.keyInfo.key.reveal(), address: event.address, port: event.port };
      this.session.transmissionStarted(event.stream.passThroughPartyId, { address: '127.0.0.1', port: this.#port });
    }
  }
}

beforeAll(async () => {
  const certificates = await makeTestCertificates();
  const set = [
    `dataFolder=${join(scratch, 'data')}`,
    'log.level=error',
    'api.metrics.enabled=false',
    'provisioning.enabled=false',
    'media.host=127.0.0.1',
    'media.firstPort=23100',
    'media.lastPort=23139',
    'listeners=[{transport: sccp-tls, host: 127.0.0.1, port: 0}, {transport: h323, host: 127.0.0.1, port: 0}]',
    'dialPlan=[{pattern: 9XXX, to: trunk, devices: [gw1]}, {pattern: 8XXX, to: trunk, devices: [gw2]}, {pattern: 7XXX, to: trunk, devices: [gw3]}, {pattern: 6XXX, to: trunk, devices: [gw4]}]',
  ];
  const loaded = loadConfiguration({ set, environment: {} });
  manager = await startManager({
    loaded,
    environment: {},
    signalling: (context, seen) =>
      createSignalling(
        { ...context, cluster: believing(context.cluster, certificates), ipsec: gatewayProtection },
        seen,
      ),
  });
  client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
  [near, far] = [await new Gateway('127.0.0.2', false).listen(), await new Gateway('127.0.0.3', true).listen()];
  // Added to a manager that runs.
  await client.addGateway({ name: 'gw1', addresses: [near.address], port: near.at.port, tunnelling: false });
  await client.addGateway({ name: 'gw2', addresses: [far.address], port: far.at.port });
  await client.addDevice({ name: device, protocol: 'sccp', securityMode: 'encrypted', lines: [{ number: '1001' }] });
  phone = new Phone(await certificates.device(device), await portOf('sccp-tls'));
  await eventually('its registration', () => phone.session.state === 'registered');
});

afterAll(async () => {
  phone?.close();
  for (const gateway of [near, far]) gateway?.driver.stop();
  await manager?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

async function portOf(transport: string): Promise<number> {
  return (await client.status()).listeners.find((listener) => listener.transport === transport)?.port ?? 0;
}

async function eventOf(kind: string): Promise<SecurityEvent> {
  return eventually(kind, async () => {
    for await (const event of client.events({ limit: 50 })) if (event.kind === kind) return event;
    return undefined;
  });
}

async function hangUp(): Promise<void> {
  phone.does((session) => session.onHook());
  await eventually('the end of all calls', async () => (await client.calls()).calls.length === 0);
}

test('a phone calls through a gateway: keys go across, over connections that were proven each by itself', async () => {
  if (near === undefined) throw new Error('no gateway');
  const gateway = near;
  const told: TracedMessage[] = [];
  const watching = client.callMessages();
  void (async () => {
    for await (const message of watching) told.push(message);
  })();
  await delay(100); // it has no sign that it watches
  phone.does((session) => session.dial('9123'));
  await eventually('media at both ends', () => phone.sending !== undefined && gateway.opened('receive') !== undefined);
  await eventually('the level', async () => (await client.calls()).calls[0]?.level === 'encrypted');
  const [call] = (await client.calls()).calls;
  expect(call?.legs.map(({ device, signalling, proof }) => [device, signalling, proof])).toEqual([
    [device, 'tls-mutual', 'certificate'],
    ['gw1', 'ipsec', 'ipsec'],
  ]);
  expect(phone.sending).toMatchObject({ address: '127.0.0.2', port: 16_384 });
  expect(gateway.opened('receive')?.keys.map(({ key }) => Buffer.from(key.reveal()))).toEqual([
    Buffer.from(phone.sending?.key ?? []),
  ]);
  expect(Buffer.from(phone.receiving ?? [])).toEqual(
    Buffer.from(gateway.opened('transmit')?.protection?.key.key.reveal() ?? []),
  );
  // Call signalling and H.245, each by the ports of its own socket.
  expect(asked.map(({ gateway: name, ends }) => [name, ends.remote.address])).toEqual([
    ['gw1', '127.0.0.2'],
    ['gw1', '127.0.0.2'],
  ]);
  expect(new Set(asked.map(({ ends }) => `${ends.local.port} ${ends.remote.port}`)).size).toBe(2);
  await hangUp();
  const ofGateway = () => told.filter(({ device: of }) => of === 'gw1');
  await eventually('its release in the ladder', () =>
    ofGateway().some(({ words }) => words.startsWith('ReleaseComplete')),
  );
  expect(ofGateway()[0]).toMatchObject({ protocol: 'h323', direction: 'sent', words: 'Setup 9123' });
  for (const message of ofGateway()) expect(message.leg).toMatchObject({ call: call?.call, role: 'called' });
  const media = ofGateway().flatMap((message) => message.media ?? []);
  expect(media.length).toBeGreaterThan(1);
  expect(new Set(media)).toEqual(new Set(['g711Ulaw64k, AES_CM_128_HMAC_SHA1_80, key hidden']));
});

test('a gateway calls a phone, and another gateway', async () => {
  const [caller, called] = [near, far];
  if (caller === undefined || called === undefined) throw new Error('no gateways');
  const port = await portOf('h323');
  caller.events.length = 0;
  asked.length = 0;
  caller.call(port, '1001');
  await eventually(
    'the ring',
    () => [...phone.session.calls.values()].length > 0 && caller.events.some(({ kind }) => kind === 'alerting'),
  );
  phone.does((session) => session.offHook(1));
  await eventually(
    'its media',
    () => caller.opened('receive') !== undefined && caller.opened('transmit') !== undefined,
  );
  // Something of ours had gone by the connection before it was proven.
  expect(asked[0]?.sent).toBeGreaterThan(20);
  await hangUp();
  caller.events.length = 0;
  const call = caller.call(port, '8123');
  await eventually('its media', () => caller.opened('receive') !== undefined && called.opened('receive') !== undefined);
  caller.driver.release(call, 16);
  await eventually('the end of all calls', async () => (await client.calls()).calls.length === 0);
});

test('key reading auto: the first packet of a gateway shows whose key protects; that is stored, told and used', async () => {
  const gateway = await new Gateway('127.0.0.4', true).listen();
  const { address, at } = gateway;
  await client.addGateway({ name: 'gw3', addresses: [address], port: at.port, keyReading: 'auto' });
  const socket = createSocket('udp4').bind(0, address);
  try {
    phone.does((session) => session.dial('7123'));
    await eventually('its media', () => gateway.opened('receive') !== undefined && phone.sending !== undefined);
    expect((await client.calls()).calls[0]?.relayed).toBe('key-of-receiver');
    const opened = gateway.opened('transmit');
    if (opened?.protection === undefined) throw new Error('its channel is clear');
    const { key, salt } = opened.protection.key;
    const masterKeys = [{ key: key.reveal(), salt: salt.reveal() }];
    const sender = createSrtpSender({ profile: 'AES_CM_128_HMAC_SHA1_80', crypto: hybridCrypto(), masterKeys });
    let number = 1;
    const changed = await eventually('what is found', async () => {
      const packet = new Uint8Array(172);
      writeRtpHeader(packet, false, 0, number, 160 * number, 7);
      number += 1;
      const out = new Uint8Array(packet.byteLength + 16);
      const datagram = out.subarray(0, sender.protect(packet, out));
      socket.send(datagram, opened.remote.port, opened.remote.host.join('.'));
      for await (const event of client.events({ limit: 50 })) if (event.kind === 'gateway-changed') return event;
      return undefined;
    });
    expect(changed).toMatchObject({ device: 'gw3', reason: 'key-reading-found' });
    expect((await client.gateway('gw3')).settings.keyReading).toBe('sender');
    await hangUp();
    gateway.events.length = 0;
    phone.does((session) => session.dial('7123'));
    await eventually('media that go straight', () => phone.sending?.address === address);
    await hangUp();
  } finally {
    socket.close();
    gateway.driver.stop();
    await client.removeDevice('gw3');
  }
});

test('a gateway behind a gatekeeper: the manager registers, its calls are admitted, and both hear of the end', async () => {
  const gateway = await new Gateway('127.0.0.5', true).listen();
  const gatekeeper = await new Gatekeeper('127.0.0.6', gateway.at).listen();
  const known = { address: gatekeeper.address, port: gatekeeper.port, prefixes: ['10'] };
  await client.addGateway({ name: 'gw4', addresses: [gateway.address], port: gateway.at.port, gatekeeper: known });
  try {
    expect(await eventOf('gatekeeper-registered')).toMatchObject({ device: 'gw4' });
    phone.does((session) => session.dial('6123'));
    await eventually(
      'media at both ends',
      () => phone.sending !== undefined && gateway.opened('receive') !== undefined,
    );
    await eventually('the level', async () => (await client.calls()).calls[0]?.level === 'encrypted');
    await hangUp();
    await eventually('its end', () => gatekeeper.asked.includes('disengageRequest'));
    const kinds = ['gatekeeperRequest', 'registrationRequest', 'admissionRequest', 'disengageRequest'];
    expect(gatekeeper.asked).toEqual(kinds);
  } finally {
    await client.removeDevice('gw4');
    await eventually('its leave', () => gatekeeper.asked.at(-1) === 'unregistrationRequest');
    gateway.driver.stop();
    gatekeeper.stop();
  }
});

test('without proof no call passes, and what is missing is told', async () => {
  const called = near?.calls ?? 0;
  proof = { proven: false, message: 'IPsec to gw1 is not proven: no IKE association is established' };
  phone.does((session) => session.dial('9123'));
  expect(await eventOf('gateway-not-proven')).toMatchObject({ device: 'gw1', cause: proof.message });
  await eventually('the end of the call', async () => (await client.calls()).calls.length === 0);
  expect(near?.calls).toBe(called);
  proof = { proven: true };
});

test('who is no gateway is turned away, and that is told', async () => {
  const socket = connectTcp({ host: '127.0.0.1', port: await portOf('h323'), localAddress: '127.0.0.9' });
  socket.on('error', () => {});
  await eventually('its end', () => socket.destroyed || socket.readableEnded || socket.resume().readableEnded);
  expect(await eventOf('connection-closed')).toMatchObject({ reason: 'unknown-address' });
});

test('a gateway that is removed calls no more', async () => {
  expect((await client.gateways()).gateways.map(({ device: { name } }) => name)).toEqual(['gw1', 'gw2']);
  await client.removeDevice('gw2');
  expect((await client.gateways()).gateways.map(({ device: { name } }) => name)).toEqual(['gw1']);
  await expect(client.gateway('gw2')).rejects.toMatchObject({ code: 'manager.gateway-unknown' });
});
