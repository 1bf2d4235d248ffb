import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  expectRequest,
  expectResponse,
  invite,
  ofLast,
  refusing,
  request,
  respond,
  scenario,
  takesNewOffer,
} from './sipp-scenario.fixture.ts';

/** SIPp finds SIPp busy, asks to be called back, and is. */
describe.skipIf(missingPrograms('sipp'))('SIPp is called back', () => {
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(artefactFolder('sipp-call-back'), ['callBack: {}'], ['1002', '1003']);
  });
  afterAll(() => phones?.stop());

  const dial = (number: string, status: number) => {
    const { device, port } = phones.phone('1003');
    const refused = scenario(invite(), expectResponse(status), request('ACK', { cseq: 2, ...ofLast }));
    return phones.run(device, refused, { number, localPort: port });
  };

  /** Rings, offers in its answer, and is asked again once the other has answered. */
  const waiting = scenario(
    expectRequest('INVITE'),
    respond('180 Ringing'),
    respond('200 OK', { described: true, repeat: 500 }),
    expectRequest('ACK'),
    ...takesNewOffer,
    expectRequest('BYE'),
    respond('200 OK', { tagged: false }),
  );
  const wanted = scenario(
    expectRequest('INVITE'),
    respond('180 Ringing'),
    respond('200 OK', { described: true, repeat: 500 }),
    expectRequest('ACK'),
    expectRequest('BYE'),
    respond('200 OK', { tagged: false }),
  );

  test('when the line that was busy is free: first it rings, then the line, and they are joined', async () => {
    const busy = phones.wait(refusing('486 Busy Here'));
    expect(await dial('1002', 486)).toMatchObject({ exitCode: 0 });
    await busy;
    const set = await dial('*37', 480);
    expect(set.exitCode).toBe(0);
    expect(set.messages).toContain('SIP/2.0 480 Call Back Is Set');
    const both = [phones.wait(waiting, { line: '1003' }), phones.wait(wanted)] as const;
    await phones.lab.call('connects the two', ({ state, legs }) => state === 'answered' && legs.length === 2);
    // Taking a device out ends its calls at both ends.
    await phones.lab.client.removeDevice(phones.phone('1002').device.name);
    const [caller, called] = await Promise.all(both);
    expect({ code: caller.exitCode, said: caller.errors }).toEqual({ code: 0, said: caller.errors });
    expect({ code: called.exitCode, said: called.errors }).toEqual({ code: 0, said: called.errors });
    expect(caller.messages).toMatch(/^From: "Call back: 1002" <sip:1002@/m);
    expect(caller.messages).toMatch(/^c=IN IP4 0\.0\.0\.0$/m);
  });
});
