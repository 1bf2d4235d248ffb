/**
 * A building whose power comes back, and a manager that has just been killed: all phones make their TLS connections at once.
 * They are taken one after the other, none is turned away for good, and calls of those who are there go on meanwhile.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { renamedCertificate } from '@trustline/testing';
import { eventually, freeTcpPort, LoadGenerator } from '@trustline/testing/node';
import { afterEach, expect, test } from 'vitest';
import { KillableManager } from './killable-manager.fixture.ts';

const isFull = process.env['TRUSTLINE_FULL'] === '1';
/** Phones of the building, and those beside it that are in calls. */
const [phones, talkers] = isFull ? [10_000, 20] : [40, 8];
/** Milliseconds for all of it: twenty thousand handshakes take long on a busy machine. */
const patience = isFull ? 3_600_000 : 900_000;
/** Devices that are added at the same time. */
const addedAtOnce = 8;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/**
 * The key that signs the certificates of phones. That the manager makes a key and a certificate for each of ten thousand takes
 * most of an hour, which is not what is tested: they share the key of one, and have its certificate in their own names.
 */
function authorityKey(folder: string): KeyObject {
  const name = readdirSync(folder).find((file) => file.startsWith('capf-ca-') && file.endsWith('.key.pem'));
  return createPrivateKey(readFileSync(join(folder, name ?? '')));
}

/** All are connected and registered; a machine that is late refuses some at first (503), as it should. */
async function bringUp(fleet: LoadGenerator): Promise<void> {
  for (;;) {
    await fleet.connect();
    const registered = await fleet.registerAll(20).catch(() => undefined);
    if (registered !== undefined) return;
    await delay(1_000);
  }
}

test(
  `${phones} phones come back by TLS at once, while ${talkers} are in calls and hang up`,
  async () => {
    const data = mkdtempSync(join(tmpdir(), 'trustline-storm-'));
    undo.push(() => rm(data, { recursive: true, force: true }));
    const port = await freeTcpPort();
    const listener = `{transport: tls, host: 127.0.0.1, port: ${port}}`;
    const manager = new KillableManager(join(data, 'data'), [`listeners=[${listener}]`]);
    undo.push(() => manager.kill());
    await manager.start();
    const { client } = manager;

    const names = Array.from(
      { length: phones + talkers },
      (_, at) => `SEP${(0xa0_0000 + at).toString(16).toUpperCase().padStart(12, '0')}`,
    );
    const add = (name: string, at: number) =>
      client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: String(100_000 + at) }] });
    for (let at = 0; at < names.length; at += addedAtOnce) {
      await Promise.all(names.slice(at, at + addedAtOnce).map((name, index) => add(name, at + index)));
    }
    const [model = ''] = names;
    const { proof } = await client.deviceCredentials(model);
    if (proof.kind !== 'certificate') throw new Error('the phones have no certificates');
    const { raw } = new X509Certificate(proof.certificatePem);
    const authority = authorityKey(join(data, 'data', 'pki'));
    const certificateOf = (device: string) => ({
      cert: device === model ? proof.certificatePem : renamedCertificate(raw, model, device, authority),
      key: proof.privateKeyPem,
    });
    const fleetOf = (from: number, to: number): LoadGenerator => {
      const certificate = ({ device }: { readonly device: string }) => certificateOf(device);
      const options = { domain: '127.0.0.1', secureMedia: true, talkTime: 0 };
      const generator = new LoadGenerator({ host: '127.0.0.1', port }, { kind: 'tls', certificate }, options);
      undo.push(() => generator.close());
      for (let at = from; at < to; at += 1) generator.add({ device: names[at] ?? '', line: String(100_000 + at) });
      return generator;
    };
    const building = fleetOf(0, phones);
    const talking = fleetOf(phones, phones + talkers);
    for (const fleet of [building, talking]) await bringUp(fleet);
    await talking.hold(talkers / 2);

    await manager.kill();
    await manager.start();
    await talking.comeBack();
    expect((await client.calls()).calls).toHaveLength(talkers / 2);

    // All at once; in the meantime the calls of the others end, at either end, as they should.
    const storm = building.comeBack();
    for (let turn = 0; talking.hangUpOne(turn % 2 === 0 ? 'calling' : 'called'); turn += 1) {
      const left = talkers - 2 * (turn + 1);
      await eventually('the end of a call at its other end', () => talking.fleet.talking === left);
    }
    expect(talking.fleet.talking).toBe(0);
    expect((await client.calls()).calls).toEqual([]);
    await storm;

    const { devices } = await client.devices();
    expect(devices.filter(({ registrations }) => registrations.length === 0)).toEqual([]);
    expect(building.phones.filter(({ flow }) => flow === undefined)).toEqual([]);
    // Nobody was pushed out of the line by who came after.
    for await (const { reason } of client.events({ limit: 20_000 })) expect(reason).not.toBe('connection-limit');
  },
  patience,
);
