import { join } from 'node:path';
import type { TrustlineError } from '@trustline/base';
import { parseTrustList } from '@trustline/pki';
import { artefactFolder, type Lab } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blankState, type PhoneState } from '../../boot/state.ts';
import { Phone } from '../phone.ts';
import type { Softphone } from '../softphone.ts';
import { fileServerOf, micOf, provisioningLab, WatchedBoot } from './booted-lab.fixture.ts';
import { Registrar, type RegistrarOptions } from './registrar.ts';
import { type FileServer, PhoneServers } from './servers.ts';
import { PassingMemory } from './state-folder.ts';

const folder = artefactFolder('phone-servers');
const device = 'SEP0200000000C1';
let lab: Lab;
let files: FileServer;
let booted: WatchedBoot;
let state: PhoneState;
const dead = { host: '127.0.0.1', port: 1 };

beforeAll(async () => {
  lab = await provisioningLab(join(folder, 'manager'));
  files = await fileServerOf(lab);
  await lab.client.addDevice({ name: device, securityMode: 'encrypted', lines: [{ number: '4001' }] });
  await lab.client.openEnrolment(device, { by: 'mic', key: 'EC-P-256' });
  const memory = new PassingMemory({ ...blankState, mic: await micOf(lab, device) });
  booted = new WatchedBoot({ device, files, memory });
  await booted.boot.registered();
  state = booted.boot.state;
  await booted.boot.stop();
});
afterAll(() => lab?.stop());

describe('servers by priority', () => {
  test('TVS: the next one is asked when the first is not there; it knows the signer of the ITL by name and serial number', async () => {
    const { provisioning } = await lab.client.status();
    const port = provisioning.find(({ service }) => service === 'TVS')?.port ?? 0;
    const judged: string[] = [];
    const servers = new PhoneServers({
      device,
      files,
      state: () => state,
      judge: async (service) => {
        judged.push(service);
        return { accepted: true, reason: '' };
      },
      keep: () => undefined,
      keepKey: () => undefined,
      authenticationString: undefined,
      makeKey: undefined,
    });
    const parsed = parseTrustList(state.lists.itl ?? new Uint8Array());
    if (!parsed.ok) throw new Error('the ITL cannot be read');
    const question = { kind: 'query', signer: parsed.list.header.signer } as const;
    const ask = { kind: 'ask-tvs', id: 1, question, servers: [dead, { host: '127.0.0.1', port }] } as const;
    expect(await servers.askTvs(ask)).toMatchObject({ outcome: 'valid', roles: expect.arrayContaining([0, 3]) });
    expect(judged).toEqual(['TVS']);
    const stranger = { ...question, signer: { ...question.signer, serialNumber: '00ff' } };
    expect(await servers.askTvs({ ...ask, question: stranger })).toEqual({
      outcome: 'invalid',
      timeToLive: expect.any(Number),
    });
    expect(await servers.askTvs({ ...ask, servers: [dead] })).toMatchObject({ outcome: 'failed' });
  });

  test('call managers: the next one is tried when the first does not take the phone', async () => {
    const how = booted.registration;
    if (how === undefined) throw new Error('it was not registered');
    const tried: number[] = [];
    const failed: string[] = [];
    const request = {
      state,
      line: undefined,
      digestPassword: undefined,
      wanted: {},
      timing: undefined,
      judgeManager: async () => ({ accepted: true, reason: '' }),
      onTry: ({ port }: { readonly port: number }) => void tried.push(port),
      onFailure: (_: unknown, error: { readonly code: string }) => void failed.push(error.code),
      onLog: () => undefined,
    };
    /** The phone, or the error of the last manager. */
    const register = async (changed: Partial<RegistrarOptions>): Promise<Softphone | TrustlineError> => {
      const ended = Promise.withResolvers<Softphone | TrustlineError>();
      const registrar = new Registrar({
        ...{ ...request, how, ...changed },
        onRegistered: ended.resolve,
        onNone: ended.resolve,
      });
      registrar.start();
      const outcome = await ended.promise;
      await registrar.stop();
      return outcome;
    };
    expect(await register({ how: { ...how, managers: [dead, ...how.managers] } })).toBeInstanceOf(Phone);
    expect(tried).toEqual([1, how.managers[0]?.port]);
    expect(failed).toEqual(['sip.connect-refused']);
    expect(await register({ how: { ...how, managers: [dead] } })).toMatchObject({ code: 'sip.connect-refused' });
    expect(await register({ line: '9999' })).toMatchObject({ code: 'phone.no-such-line' });
    const stranger = async () => ({ accepted: false, reason: 'it is in no list' });
    expect(await register({ judgeManager: stranger })).toMatchObject({ code: 'sip.server-refused' });
  });
});
