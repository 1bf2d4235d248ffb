import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { artefactFolder, eventually, type Lab } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { speechLike } from '../../audio/speech-like.ts';
import { blankState } from '../../boot/state.ts';
import type { RunningCall } from '../running-call.ts';
import { play } from '../wav-file.ts';
import { fileServerOf, micOf, provisioningLab, WatchedBoot } from './booted-lab.fixture.ts';
import { PassingMemory } from './state-folder.ts';

/** An address of a call manager, which goes down and comes up; behind each is the same manager. */
class Place {
  readonly host: string;
  readonly #behind: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  constructor(host: string, behind: number) {
    this.host = host;
    this.#behind = behind;
  }

  async up(): Promise<void> {
    const server = createServer((socket) => {
      const onward = connect(this.#behind, '127.0.0.1');
      socket.pipe(onward).pipe(socket);
      for (const one of [socket, onward]) {
        this.#sockets.add(one);
        one
          .on('error', () => undefined)
          .on('close', () => {
            this.#sockets.delete(one);
            socket.destroy();
            onward.destroy();
          });
      }
    });
    this.#server = server.listen(this.port, this.host);
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server.close(), 'close');
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

const [device, friend] = ['SEP0200000000D1', 'SEP0200000000D2'];
let lab: Lab;
let places: readonly [Place, Place];
let phone: WatchedBoot;
let other: WatchedBoot;

beforeAll(async () => {
  lab = await provisioningLab(join(artefactFolder('phone-failover'), 'manager'));
  const files = await fileServerOf(lab);
  async function bootedOnce(name: string, line: string): Promise<PassingMemory> {
    await lab.client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: line }] });
    await lab.client.openEnrolment(name, { by: 'mic', key: 'EC-P-256' });
    const memory = new PassingMemory({ ...blankState, mic: await micOf(lab, name) });
    const first = new WatchedBoot({ device: name, files, memory });
    await first.boot.registered();
    await first.boot.stop();
    return memory;
  }
  places = [new Place('127.0.0.1', lab.ports.tls), new Place('127.0.0.2', lab.ports.tls)];
  for (const place of places) await place.up();
  const memory = await bootedOnce(device, '5001');
  memory.save(withManagers(memory.load(), places));
  phone = new WatchedBoot({ device, files, memory, failover: { comeBack: 300 } }, 'resume');
  other = new WatchedBoot({ device: friend, files, memory: await bootedOnce(friend, '5002') }, 'resume');
  await Promise.all([phone.boot.registered(), other.boot.registered()]);
});
afterAll(async () => {
  await Promise.all([phone?.boot.stop(), other?.boot.stop()]);
  await Promise.all((places ?? []).map((place) => place.down()));
  await lab?.stop();
});

/** The managers with which the phone has registered, one after the other. */
const managers = () => phone.events.flatMap((event) => (event.kind === 'registered' ? [event.manager] : []));
const hasGoneTo = ({ host, port }: Place, times: number) =>
  eventually(`the registration at ${host}`, () => managers().filter((one) => one.port === port).length === times);

async function callsThrough(): Promise<RunningCall> {
  const outgoing = await other.boot.phone?.call('5001', { source: play(speechLike(60, 1)) });
  const incoming = await eventually('the call', () => phone.boot.phone?.calls[0]);
  await phone.boot.phone?.answer(incoming, { source: play(speechLike(60, 2)) });
  await Promise.all([outgoing?.established, incoming.established]);
  return incoming;
}

describe('a phone with two call managers', () => {
  test('registers with the first, goes to the second when that is lost, and comes back to it', async () => {
    expect(managers()).toEqual([{ host: places[0].host, port: places[0].port }]);
    await places[0].down();
    await hasGoneTo(places[1], 1);
    expect(phone.said).toMatch(/Failover \| The call manager 127\.0\.0\.1:\d+ is lost: .* gone to 127\.0\.0\.2:/);
    const away = await callsThrough();
    away.hangUp();
    await away.ended;

    await places[0].up();
    await hasGoneTo(places[0], 2);
    expect(phone.said).toMatch(/Fallback \| The call manager 127\.0\.0\.1:\d+ is there again: .* from 127\.0\.0\.2:/);
    const home = await callsThrough();
    home.hangUp();
    await home.ended;
    expect(phone.alarms).toEqual([]);
  });

  test('does not drop a call for it: the voice goes on, and the phone moves when the call is over', async () => {
    const call = await callsThrough();
    const before = managers().length;
    await places[0].down();
    await eventually('the loss', () => phone.boot.phone?.isRegistered === false);
    const heard = call.statistics()?.packetsReceived ?? 0;
    await eventually('more voice', () => (call.statistics()?.packetsReceived ?? 0) > heard + 350);
    expect([call.state, managers().length]).toEqual(['established', before]);
    call.hangUp();
    await hasGoneTo(places[1], 2);
  });

  test('with none of them it says so, and is back with the first that is there', async () => {
    for (const place of places) await place.down();
    const failed = await eventually('the failure', () => phone.events.find(({ kind }) => kind === 'try-failed'));
    expect(failed).toMatchObject({ error: { code: 'sip.connect-refused' } });
    await places[1].up();
    await eventually('the registration', () => phone.boot.phone?.isRegistered === true);
  });
});

/** Its configuration names these managers, in the order of their priority. */
function withManagers(state: ReturnType<PassingMemory['load']>, named: readonly Place[]) {
  const { configuration } = state;
  if (configuration === undefined) throw new Error('it has no configuration');
  const members = named.map(
    ({ host, port }, priority) =>
      `<member priority="${priority}"><callManager><ports><securedSipPort>${port}</securedSipPort></ports>` +
      `<processNodeName>${host}</processNodeName></callManager></member>`,
  );
  const xml = new TextDecoder().decode(configuration.plain.reveal());
  const changed = xml.replace(
    /(<callManagerGroup>.*?<members>).*?(<\/members>)/s,
    (_, head, tail) => head + members.join('') + tail,
  );
  expect(changed).not.toBe(xml);
  return { ...state, configuration: { ...configuration, plain: new Redacted(new TextEncoder().encode(changed)) } };
}
