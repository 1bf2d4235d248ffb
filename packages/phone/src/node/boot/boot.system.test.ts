import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { artefactFolder, type Lab } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { speechLike } from '../../audio/speech-like.ts';
import { blankState } from '../../boot/state.ts';
import { PhoneError } from '../../error.ts';
import { play } from '../wav-file.ts';
import { fileServerOf, micOf, provisioningLab, WatchedBoot } from './booted-lab.fixture.ts';
import type { NetworkBootOptions } from './network-boot.ts';
import type { FileServer } from './servers.ts';
import { PassingMemory, type PhoneMemory, StateFolder } from './state-folder.ts';

const folder = artefactFolder('phone-boot');
let lab: Lab;
let files: FileServer;
const running: WatchedBoot[] = [];
let devices = 0;

function powerOn(
  device: string,
  memory: PhoneMemory,
  more: Partial<NetworkBootOptions> = {},
  how: 'powerOn' | 'resume' = 'powerOn',
): WatchedBoot {
  const watched = new WatchedBoot({ device, files, memory, ...more }, how);
  running.push(watched);
  return watched;
}

async function addPhone(line: string, securityMode: 'encrypted' | 'non-secure' = 'encrypted') {
  devices += 1;
  const name = `SEP0200000000${devices.toString(16).toUpperCase().padStart(2, '0')}`;
  const { password } = await lab.client.addDevice({ name, securityMode, lines: [{ number: line }] });
  return { name, password };
}

/** Added, with a MIC from the factory and an enrolment by it that is pending. */
async function manufactured(line: string, key: 'RSA-2048' | 'EC-P-256' = 'EC-P-256') {
  const { name } = await addPhone(line);
  await lab.client.openEnrolment(name, { by: 'mic', key });
  return { name, memory: new PassingMemory({ ...blankState, mic: await micOf(lab, name) }) };
}

beforeAll(async () => {
  lab = await provisioningLab(join(folder, 'manager'));
  files = await fileServerOf(lab);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ boot }) => boot.stop()));
});
afterAll(async () => {
  await lab?.stop();
});

describe('a phone in mixed mode', () => {
  test('from power-on to its registration: CTL blindly, ITL by it, signed configuration, LSC by MIC, encrypted configuration, TLS with the LSC', async () => {
    const { name } = await addPhone('2001');
    await lab.client.openEnrolment(name, { by: 'mic', key: 'RSA-2048' });
    const memory = new StateFolder(join(folder, name));
    memory.save({ ...blankState, mic: await micOf(lab, name) });
    const first = powerOn(name, memory);
    await first.boot.registered();
    expect(first.asked).toEqual([
      `http CTL${name}.tlv`,
      `http ITL${name}.tlv`,
      `http ${name}.cnf.xml.sgn`,
      `http ${name}.cnf.xml.sgn`,
      `http ${name}.cnf.xml.enc.sgn`,
    ]);
    expect(first.said).toContain('blindly');
    expect(first.alarms).toEqual([]);
    expect(first.registration).toMatchObject({ transport: 'tls', securityMode: 'encrypted', identity: 'LSC' });
    expect(memory.load().lsc?.certificate).toEqual(first.boot.state.lsc?.certificate);
    expect(statSync(join(folder, name, 'state.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, name))).toEqual(['state.json']);
    await lab.registered(name);

    await first.boot.stop();
    const second = powerOn(name, memory);
    await second.boot.registered();
    expect(second.said).not.toContain('blindly');
    expect(second.events.some(({ kind }) => kind === 'enrolment')).toBe(false);
    expect(second.boot.state.lsc?.certificate).toEqual(first.boot.state.lsc?.certificate);

    await second.boot.stop();
    const resumed = powerOn(name, memory, {}, 'resume');
    await resumed.boot.registered();
    expect(resumed.asked).toEqual([]);
  });

  test('by an authentication string, and then to another LSC by the one it has', async () => {
    const { name } = await addPhone('2002');
    const { string } = await lab.client.openEnrolment(name, { by: 'string', key: 'EC-P-256' });
    const memory = new PassingMemory();
    const first = powerOn(name, memory, { authenticationString: new Redacted(string ?? '') });
    await first.boot.registered();
    await first.boot.stop();
    await lab.client.openEnrolment(name, { by: 'certificate', key: 'EC-P-256' });
    const second = powerOn(name, memory);
    await second.boot.registered();
    expect(second.said).toContain('proves itself by LSC');
    expect(second.boot.state.lsc?.certificate).not.toEqual(first.boot.state.lsc?.certificate);
    expect(second.registration).toMatchObject({ identity: 'LSC' });
  });

  test('its MIC signs the number of the CAPF session: a proof that nobody can show again', async () => {
    const { name, memory } = await manufactured('2009');
    await powerOn(name, memory).boot.registered();
    const authenticated = await lab.event(
      'how it proved itself',
      (one) => one.device === name && /SUDI/.test(one.cause),
    );
    expect(authenticated.cause).toContain('for this session (SUDI, SHA-1 and SHA-512)');
  });

  test('by TFTP where nothing answers by HTTP', async () => {
    const { name, memory } = await manufactured('2003');
    const closed = { ...files, httpPort: 1 };
    const watched = powerOn(name, memory, { files: closed });
    await watched.boot.registered();
    expect(watched.asked[0]).toBe(`tftp CTL${name}.tlv`);
  });

  test('two booted phones call each other, and the call is encrypted', async () => {
    const [near, far] = await Promise.all(
      ['2004', '2005'].map(async (line) => {
        const { name, memory } = await manufactured(line);
        const options: Partial<NetworkBootOptions> = {
          phone: {
            onEvent: (event) => {
              if (event.kind === 'incoming') void far?.phone?.answer(event.call, { source: play(speechLike(5, 2)) });
            },
          },
        };
        const { boot } = powerOn(name, memory, options);
        await boot.registered();
        return boot;
      }),
    );
    const call = await near?.phone?.call('2005', { source: play(speechLike(5, 1)) });
    await call?.established;
    expect(call?.level).toBe('encrypted');
    expect(call?.media?.suite).toBe('AEAD_AES_256_GCM');
    call?.hangUp();
    expect(await call?.ended).toMatchObject({ ending: 'completed' });
  });
});

describe('a phone that gets nowhere says why, and what to do', () => {
  test('CAPF has nothing pending: not enrolled, by MIC or without', async () => {
    const { name } = await addPhone('2010');
    const wanted = {
      code: 'phone.not-enrolled',
      nextStep: expect.stringContaining(`trustline enrolment open ${name} --by mic`),
    };
    await expect(powerOn(name, new PassingMemory()).boot.registered()).rejects.toMatchObject(wanted);
    const withMic = new PassingMemory({ ...blankState, mic: await micOf(lab, name) });
    await expect(powerOn(name, withMic).boot.registered()).rejects.toMatchObject(wanted);
  });

  test('a wrong string is declined', async () => {
    const { name } = await addPhone('2011');
    await lab.client.openEnrolment(name, { by: 'string', string: '12345678' });
    const { boot } = powerOn(name, new PassingMemory(), { authenticationString: new Redacted('87654321') });
    await expect(boot.registered()).rejects.toMatchObject({ code: 'phone.enrolment-declined' });
  });

  test('a phone that the manager does not know has no configuration', async () => {
    const { boot } = powerOn('SEP020000000FFF', new PassingMemory());
    await expect(boot.registered()).rejects.toMatchObject({
      code: 'phone.unprovisioned',
      nextStep: expect.stringContaining('trustline device add SEP020000000FFF'),
    });
  });

  test('a phone that cannot keep its lists is switched off, before it acts on them', async () => {
    const { name } = await addPhone('2012');
    const memory = new PassingMemory();
    memory.save = () => {
      throw new PhoneError('phone.file-unwritable', 'the disk is full');
    };
    const watched = powerOn(name, memory);
    await expect(watched.boot.registered()).rejects.toMatchObject({ code: 'phone.file-unwritable' });
    expect(watched.asked).toEqual([`http CTL${name}.tlv`]);
  });

  test('nobody is there', async () => {
    const nobody = { host: '127.0.0.1', httpPort: 1, tftpPort: 1 };
    const { boot } = powerOn('SEP020000000FFF', new PassingMemory(), { files: nobody });
    await expect(boot.registered()).rejects.toMatchObject({ code: 'phone.files-unreachable' });
  });
});
