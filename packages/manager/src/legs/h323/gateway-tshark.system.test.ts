/** What goes between the manager and its gateways, as tshark reads it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operations } from '@trustline/h323';
import { missingPrograms } from '@trustline/testing/node';
import { afterAll, expect, test } from 'vitest';
import { dissect, writeCapture } from '../../../../h323/src/dissected.fixture.ts';
import { SkinnyWorld, sipKey, sipMedia } from '../sccp/skinny-world.fixture.ts';
import { GatewayDoor } from './gateway-world.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-tshark-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(missingPrograms('tshark'))(
  'tshark finds nothing malformed in calls both ways, one that waits, hold, digits and their ends',
  () => {
    const noChange = { discardAccessCode: false, prefix: '' };
    const world = new SkinnyWorld(
      { 1001: ['SEP1'], 2001: ['SIP1'] },
      {},
      { entries: [{ pattern: '9XXX', target: { kind: 'trunk', devices: ['gw1'], ...noChange } }] },
    );
    const door = new GatewayDoor(world);
    const gateway = door.gateway('gw1', { tunnelling: false }, { tunnelling: false });
    const phone = world.phone('SEP1', ['1001']);
    phone.offHook();
    phone.dial('9123');
    phone.press('Hold');
    phone.press('Resume', [...phone.calls.keys()][0] ?? 0);
    world.pass(500);
    // The phone talks: the Alerting of this one says that it waits.
    door.act(() => gateway.call({ calledNumber: '1001' }));
    const waiting = gateway.events.findLast(({ event }) => event.kind === 'alerting');
    expect(waiting?.event).toEqual({ kind: 'alerting', inBand: false, callWaiting: true });
    door.act((now) => gateway.calls.release(now, waiting?.call ?? '', 16));
    const [call = ''] = gateway.live;
    door.act((now) => gateway.calls.command(now, call, (endpoint) => endpoint.sendDigits('5#')));
    phone.onHook();
    door.act(() => gateway.call({ calledNumber: '1001', callingName: 'Ada' }));
    phone.offHook();
    phone.onHook();
    const caller = { number: '2001', anonymous: true };
    const protection = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' } as const;
    const offer = sipMedia([sipKey()]);
    const diversions = [
      { from: '1002', to: '1003', reason: 'user-busy' },
      { from: '1003', to: '9123', reason: 'no-answer' },
    ] as const;
    const call2 = {
      leg: 'sip',
      device: 'SIP1',
      line: '2001',
      destination: '9123',
      protection,
      caller,
      offer,
      diversions,
    };
    world.say({ kind: 'incoming', ...call2 });
    world.say({ kind: 'digit', leg: 'sip', digit: '7', milliseconds: 100 });
    world.say({ kind: 'released', leg: 'sip' });
    const messages = door.wire.seen.map(
      ({ octets, isControl }) => ({ kind: isControl ? 'h245' : 'call-signalling', octets }) as const,
    );
    expect(messages.length).toBeGreaterThan(60);
    const path = join(folder, 'messages.pcap');
    writeCapture(path, messages);
    const dissected = dissect(path);
    expect(dissected).toHaveLength(messages.length);
    expect(dissected.filter((fields) => fields.some(({ name }) => name === '_ws.malformed'))).toEqual([]);
    const callWaiting = String(operations.callWaiting.code);
    expect(dissected.flat().filter(({ name, show }) => name === 'local' && show === callWaiting)).toHaveLength(1);
  },
);
