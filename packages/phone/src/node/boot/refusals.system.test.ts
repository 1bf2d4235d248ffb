import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { fetchFile } from '@trustline/provisioning/node';
import { artefactFolder, type Lab } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { blankState } from '../../boot/state.ts';
import { fileServerOf, micOf, provisioningLab, WatchedBoot } from './booted-lab.fixture.ts';
import type { NetworkBootOptions } from './network-boot.ts';
import type { FileServer } from './servers.ts';
import { PassingMemory } from './state-folder.ts';

const folder = artefactFolder('phone-boot-refusals');
const running: WatchedBoot[] = [];
let lab: Lab;
let other: Lab;
let files: FileServer;

const device = 'SEP0200000000A1';

function powerOn(options: Omit<NetworkBootOptions, 'onEvent'>): WatchedBoot {
  const watched = new WatchedBoot(options);
  running.push(watched);
  return watched;
}

/** Somebody on the way who changes one octet of what goes by under a name. */
class Tampering {
  readonly files: FileServer;
  readonly #server: Server;

  static async start(real: FileServer, tampered: (name: string) => boolean): Promise<Tampering> {
    const server = createServer(async (request, response) => {
      const name = decodeURIComponent(request.url ?? '').slice(1);
      const order = [{ transport: 'http', port: real.httpPort }] as const;
      const { answer } = await fetchFile({ host: real.host, name, order });
      if (answer.kind !== 'found') return response.writeHead(404).end();
      const content = answer.content.slice();
      const at = content.byteLength - 20;
      if (tampered(name)) content[at] = (content[at] ?? 0) ^ 1;
      return response.end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Tampering(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.files = { host: '127.0.0.1', httpPort: (server.address() as AddressInfo).port, tftpPort: 1 };
  }

  close(): void {
    this.#server.close();
  }
}

/** A phone that has booted in the lab and was switched off. */
async function bootedBefore(): Promise<PassingMemory> {
  const memory = new PassingMemory({ ...blankState, mic: await micOf(lab, device) });
  await lab.client.openEnrolment(device, { by: 'mic', key: 'EC-P-256' });
  const { boot } = powerOn({ device, files, memory });
  await boot.registered();
  await boot.stop();
  return memory;
}

beforeAll(async () => {
  lab = await provisioningLab(join(folder, 'manager'));
  other = await provisioningLab(join(folder, 'other-cluster'), ['identity: { cluster: Other Lab }']);
  files = await fileServerOf(lab);
  for (const { client } of [lab, other]) {
    await client.addDevice({ name: device, securityMode: 'encrypted', lines: [{ number: '3001' }] });
  }
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ boot }) => boot.stop()));
});
afterAll(async () => {
  await lab?.stop();
  await other?.stop();
});

describe('one octet changed on the way', () => {
  test.each([
    ['CTL', `CTL${device}.tlv`],
    ['ITL', `ITL${device}.tlv`],
    ['configuration', `${device}.cnf.xml.sgn`],
  ])('of the %s: refused, and the phone goes on with what it held', async (_, name) => {
    const memory = await bootedBefore();
    const before = memory.load();
    const relay = await Tampering.start(files, (asked) => asked === name);
    const watched = powerOn({ device, files: relay.files, memory });
    await watched.boot.registered();
    relay.close();
    expect(watched.alarms).toHaveLength(1);
    expect(watched.alarms[0]).toContain(`${name} is refused`);
    expect(watched.boot.state.lists).toEqual(before.lists);
    expect(watched.registration).toMatchObject({ transport: 'tls', securityMode: 'encrypted' });
  });

  test('of the first configuration: there is nothing to go on with, and the phone never registers', async () => {
    const relay = await Tampering.start(files, (asked) => asked.endsWith('.sgn'));
    const watched = powerOn({ device, files: relay.files, memory: new PassingMemory() });
    await expect(watched.boot.registered()).rejects.toMatchObject({ code: 'phone.files-refused' });
    relay.close();
    expect(watched.boot.state.configuration).toBeUndefined();
  });
});

describe('a phone that was moved to another cluster', () => {
  test('refuses its lists and its configuration, names their signers, and stays with its own', async () => {
    const memory = await bootedBefore();
    const before = memory.load();
    const watched = powerOn({ device, files: await fileServerOf(other), memory });
    await watched.boot.registered();
    expect(watched.alarms).toHaveLength(3);
    for (const alarm of watched.alarms) expect(alarm).toContain('Other Lab');
    expect(watched.boot.state.lists).toEqual(before.lists);
    await lab.registered(device);
    expect((await other.client.devices()).devices[0]?.registrations).toEqual([]);
  });

  test('belongs to it once its lists are deleted, and enrols there', async () => {
    const memory = await bootedBefore();
    const { string } = await other.client.openEnrolment(device, { by: 'string', key: 'EC-P-256' });
    const watched = powerOn({
      device,
      files: await fileServerOf(other),
      memory,
      authenticationString: new Redacted(string ?? ''),
    });
    await watched.boot.registered();
    watched.boot.eraseTrustLists();
    await other.registered(device);
    expect(watched.said).toContain('blindly');
  });
});

describe('a cluster in non-secure mode', () => {
  test('the phone registers by its password, without a certificate, and says that it is not secure', async () => {
    const clear = await provisioningLab(join(folder, 'non-secure'), ['securityMode: non-secure']);
    try {
      const name = 'SEP0200000000B1';
      const { password } = await clear.client.addDevice({
        name,
        securityMode: 'non-secure',
        lines: [{ number: '3002' }],
      });
      const clearFiles = await fileServerOf(clear);
      const without = powerOn({ device: name, files: clearFiles, memory: new PassingMemory() });
      await expect(without.boot.registered()).rejects.toMatchObject({ code: 'phone.no-password' });
      const digestPassword = new Redacted(password ?? '');
      const watched = powerOn({ device: name, files: clearFiles, memory: new PassingMemory(), digestPassword });
      await watched.boot.registered();
      expect(watched.registration).toMatchObject({ securityMode: 'non-secure', identity: undefined });
      expect(watched.boot.state.lsc).toBeUndefined();
      // The CTL of such a cluster does not hold who signs the ITL: TVS, which it holds, vouches for it.
      expect(watched.said).toContain('it asks TVS');
      expect(watched.boot.state.lists.itl).toBeDefined();
      await clear.registered(name);
    } finally {
      await Promise.all(running.splice(0).map(({ boot }) => boot.stop()));
      await clear.stop();
    }
  });
});
