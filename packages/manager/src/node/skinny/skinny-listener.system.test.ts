/** Skinny phones at the real TLS listener of a manager: who is let in, and as whom. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import type { SecurityEvent } from '@trustline/evidence';
import { DeviceType, PhoneSession } from '@trustline/sccp';
import { makeTestCertificates, type TestCertificates, type TestIdentity } from '@trustline/testing';
import { eventually } from '@trustline/testing/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManagerClient } from '../api/client.ts';
import { believing } from '../believed-trust.fixture.ts';
import { loadConfiguration } from '../load-configuration.ts';
import { type RunningManager, startManager } from '../manager.ts';
import { createSignalling } from '../signalling.ts';

const [ann, bob] = ['SEP0000000000A1', 'SEP0000000000B1'];
const scratch = mkdtempSync(join(tmpdir(), 'trustline-skinny-'));
let certificates: TestCertificates;
let manager: RunningManager;
let client: ManagerClient;
let port = 0;
const phones: Phone[] = [];

beforeAll(async () => {
  certificates = await makeTestCertificates();
  const set = [
    `dataFolder=${join(scratch, 'data')}`,
    'log.level=error',
    'api.metrics.enabled=false',
    'provisioning.enabled=false',
    'listeners=[{transport: sccp-tls, host: 127.0.0.1, port: 0}]',
  ];
  const loaded = loadConfiguration({ set, environment: {} });
  manager = await startManager({
    loaded,
    environment: {},
    signalling: (context, seen) =>
      createSignalling({ ...context, cluster: believing(context.cluster, certificates) }, seen),
  });
  client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
  await client.addDevice({ name: ann, protocol: 'sccp', securityMode: 'encrypted', lines: [{ number: '1001' }] });
  await client.addDevice({ name: bob, protocol: 'sccp', securityMode: 'encrypted', lines: [{ number: '1002' }] });
  port = (await client.status()).listeners[0]?.port ?? 0;
});

afterAll(async () => {
  for (const phone of phones) phone.socket.destroy();
  await manager?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** A phone that registers as a device, with whatever certificate. */
class Phone {
  readonly socket: TLSSocket;
  readonly session: PhoneSession;
  isClosed = false;
  fault: Error | undefined;

  constructor(deviceName: string, { certificatePem: cert, privateKeyPem: key }: TestIdentity) {
    this.session = new PhoneSession({
      deviceName,
      deviceType: DeviceType.Cisco7962,
      address: '127.0.0.1',
      codecs: [{ payloadType: 4, maxFramesPerPacket: 40 }],
    });
    this.socket = connect({ host: '127.0.0.1', port, cert, key, rejectUnauthorized: false });
    this.socket.on('error', (error) => {
      this.fault = error;
    });
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    this.socket.on('data', (chunk: Uint8Array) => this.#does(() => this.session.handleBytes(performance.now(), chunk)));
    phones.push(this);
  }

  async register(): Promise<this> {
    await once(this.socket, 'secureConnect');
    this.#does(() => this.session.register(performance.now()));
    await eventually('its answer', () => this.session.state === 'registered' || this.session.state === 'ended');
    return this;
  }

  #does(act: () => void): void {
    act();
    for (let output = this.session.poll(); output !== undefined; output = this.session.poll()) {
      if (output.kind === 'transmit') this.socket.write(output.bytes);
    }
  }
}

async function eventOf(reason: string): Promise<SecurityEvent> {
  return eventually(reason, async () => {
    for await (const event of client.events({ limit: 50 })) if (event.reason === reason) return event;
    return undefined;
  });
}

test('a phone is served as the device of its certificate, and as no other', async () => {
  const own = await new Phone(ann, await certificates.device(ann)).register();
  expect(own.session.state).toBe('registered');
  expect(own.session.configuration.lines.get(1)).toMatchObject({ number: '1001' });
  const forged = await new Phone(ann, await certificates.device(bob)).register();
  expect(forged.session.state).toBe('ended');
  expect(await eventOf('certificate-of-another-device')).toMatchObject({
    kind: 'registration-refused',
    device: ann,
    cause: expect.stringContaining(bob),
  });
  expect([own.isClosed, own.session.state]).toEqual([false, 'registered']);
});

test('a certificate of an authority that nobody here believes does not get through the handshake', async () => {
  const stranger = new Phone(ann, await certificates.strangerDevice(ann));
  await eventually('the end of its connection', () => stranger.isClosed);
  expect(stranger.session.state).toBe('new');
});

test('the newest connection of a device counts: the one before is closed, and that is said', async () => {
  const first = await new Phone(bob, await certificates.device(bob)).register();
  const second = await new Phone(bob, await certificates.device(bob)).register();
  expect(second.session.state).toBe('registered');
  await eventually('the end of the first', () => first.isClosed);
  expect(await eventOf('registered-elsewhere')).toMatchObject({ kind: 'connection-closed', device: bob });
});

test.each([
  ['0', [0, 0, 0, 0]],
  ['3', [3, 0, 0, 0]],
  ['2^31', [0, 0, 0, 0x80]],
])('a message of length %s ends its connection, and no other', async (_, length) => {
  const own = phones.find(({ isClosed, session }) => !isClosed && session.state === 'registered');
  const bad = new Phone(bob, await certificates.device(bob));
  await once(bad.socket, 'secureConnect');
  bad.socket.write(Uint8Array.of(...length, 0, 0, 0, 0, 1, 0, 0, 0));
  await eventually('the end of its connection', () => bad.isClosed);
  expect(own?.isClosed).toBe(false);
});
