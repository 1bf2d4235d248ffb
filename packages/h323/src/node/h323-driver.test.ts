import { connect } from 'node:net';
import { eventually } from '@trustline/testing/node';
import { afterEach, describe, expect, test } from 'vitest';
import type { ConnectionProof } from '../endpoint/endpoint-calls.ts';
import { LoopbackEnd, ScriptedProtection } from './driver.fixture.ts';
import type { H323DriverOptions } from './h323-driver.ts';

const ends: LoopbackEnd[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end.driver.stop();
});

async function pair(
  caller: ConstructorParameters<typeof LoopbackEnd>[0],
  called = caller,
  options: Partial<H323DriverOptions> = {},
): Promise<[LoopbackEnd, LoopbackEnd]> {
  const two = [
    await new LoopbackEnd(caller, options).listen(),
    await new LoopbackEnd(called, options).listen(),
  ] as const;
  ends.push(...two);
  return [two[0], two[1].answers()];
}

const opened = (end: LoopbackEnd, direction: string) =>
  end.events.find((event) => event.kind === 'media-opened' && event.direction === direction);

const bothOpened = (one: LoopbackEnd, other: LoopbackEnd) =>
  eventually('media in both directions at both ends', () =>
    [one, other].every((end) => opened(end, 'transmit') !== undefined && opened(end, 'receive') !== undefined),
  );

describe.each([
  ['a connection of its own', false],
  ['call signalling', true],
])('with H.245 by %s', (_, tunnelling) => {
  test('a call is set up, answered, talked and ended, and no connection is left', async () => {
    const [caller, called] = await pair({ tunnelling, suites: [] });
    const call = caller.place(called.at);
    await bothOpened(caller, called);
    expect(caller.kinds()).toEqual(expect.arrayContaining(['alerting', 'connected']));
    expect(caller.driver.endsOf(call)?.remote).toEqual(called.at);
    caller.driver.release(call, 16);
    await eventually('the end of the call at the other end', () => called.kinds().includes('released'));
    expect(called.events.at(-1)).toMatchObject({ kind: 'released', cause: 16, by: 'peer' });
    await eventually('the end of the connections', () => caller.driver.connections + called.driver.connections === 0);
  });

  test('where both prove each connection the media have keys, under require', async () => {
    const protection = new ScriptedProtection();
    const terms = { tunnelling, policy: 'require', protection: 'gw1' } as const;
    const [caller, called] = await pair(terms, terms, { protection });
    caller.place(called.at);
    await bothOpened(caller, called);
    for (const end of [caller, called]) {
      expect(opened(end, 'transmit')).toMatchObject({ protection: { suite: 'AES_CM_128_HMAC_SHA1_80' } });
    }
    // Once for each end and connection, each of them with its own ports; the called has answered something before.
    expect(protection.asked).toHaveLength(tunnelling ? 2 : 4);
    const signalling = protection.asked.find(({ local }) => local.port === called.at.port);
    expect(signalling?.sent).toBeGreaterThan(20);
    expect(new Set(protection.asked.map(({ local }) => local.port)).size).toBe(protection.asked.length);
  });

  test('a tunnel that went and came back is judged by what goes from then on, and something does', async () => {
    const protection = new ScriptedProtection();
    const terms = { tunnelling, policy: 'require', protection: 'gw1' } as const;
    const [caller, called] = await pair(terms, terms, { protection });
    caller.place(called.at);
    await bothOpened(caller, called);
    const before = protection.asked.length;
    caller.driver.withdraw('gw1');
    caller.driver.askAgain('gw1');
    const connections = tunnelling ? 1 : 2;
    await eventually('the proof anew', () => protection.asked.length === before + connections);
    for (const { sent } of protection.asked.slice(before)) expect(sent).toBe(4); // a TPKT without content
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([...caller.kinds(), ...called.kinds()]).not.toContain('released');
  });

  test.each<[string, Partial<ConnectionProof>]>([
    ['not proven', { proven: false, message: 'no association' }],
    ['proven by nothing that is here', {}],
  ])('a connection that is %s: under require there is no call, under prefer no key', async (_, proof) => {
    const protection = new ScriptedProtection();
    protection.proof = { proven: false, ...proof };
    const options = proof.message === undefined ? {} : { protection };
    const [strict, called] = await pair({ tunnelling, policy: 'require', protection: 'gw1' }, { tunnelling }, options);
    strict.place(called.at);
    await eventually('the refusal', () => strict.kinds().includes('released'));
    expect(strict.events.at(-1)).toMatchObject({ cause: 57, by: 'us', because: 'not-proven' });
    expect(called.kinds()).toEqual([]);
    const [lax, other] = await pair({ tunnelling, policy: 'prefer', protection: 'gw1' }, undefined, options);
    lax.place(other.at);
    await bothOpened(lax, other);
    expect([...lax.keys, ...other.keys]).toEqual([]);
  });
});

test('under require a Setup on a connection that is not proven is refused with cause 57, and was proceeding', async () => {
  const protection = new ScriptedProtection();
  protection.proof = { proven: false };
  const [caller, called] = await pair(
    { tunnelling: true },
    { tunnelling: true, policy: 'require', protection: 'gw1' },
    {
      protection,
    },
  );
  caller.place(called.at);
  await eventually('the refusal', () => caller.kinds().includes('released'));
  expect(caller.events.at(-1)).toMatchObject({ kind: 'released', cause: 57, by: 'peer' });
  expect(caller.kinds()).toEqual(['reached', 'proceeding', 'released']);
});

test('a gateway that refuses TCP, and one that is silent, are told from each other', async () => {
  const [caller] = await pair({}, {}, { socketLimits: { connectTimeout: 300 } });
  const nowhere = await new LoopbackEnd({}).listen();
  nowhere.driver.stop();
  caller.place(nowhere.at);
  await eventually('the refusal', () => caller.events.length > 0);
  expect(caller.events).toEqual([{ kind: 'unreachable', because: 'refused' }]);
  expect(caller.driver.size).toBe(0);
});

test('who connects and says nothing, says rubbish, or floods, is closed; a call beside it goes on', async () => {
  const [caller, called] = await pair({ tunnelling: true, suites: [] }, undefined, {
    callLimits: { setupTimeout: 200, messagesPerSecond: 20 },
  });
  caller.place(called.at);
  await bothOpened(caller, called);
  const visit = (octets: Uint8Array) =>
    new Promise<void>((resolve) => {
      const socket = connect(called.at.port, '127.0.0.1', () => socket.write(octets));
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.resume();
    });
  const enquiry = Uint8Array.of(3, 0, 0, 9, 8, 2, 0, 5, 0x75);
  await visit(new Uint8Array(0));
  await visit(Uint8Array.of(3, 0, 0, 2));
  await visit(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await visit(Buffer.concat(Array.from({ length: 50 }, () => enquiry)));
  expect(called.kinds()).not.toContain('released');
});

test('more connections of one address than are allowed are turned away, and that is told', async () => {
  const [, called] = await pair({}, {}, { socketLimits: { connectionsPerAddress: 2 } });
  const sockets = [0, 1, 2].map(() => connect(called.at.port, '127.0.0.1'));
  for (const socket of sockets) socket.on('error', () => {});
  await eventually('one that is turned away', () => called.turnedAway.length > 0);
  expect(called.turnedAway).toEqual(['too-many-connections-of-one-address']);
  for (const socket of sockets) socket.destroy();
});

test('an address that nobody here knows is turned away before it has said anything', async () => {
  const [caller, called] = await pair({}, {}, { welcome: () => 'refused' });
  caller.place(called.at);
  await eventually('the end', () => caller.kinds().includes('released') || caller.kinds().includes('unreachable'));
  expect(called.turnedAway).toEqual(['unknown-address']);
  expect(called.kinds()).toEqual([]);
});
