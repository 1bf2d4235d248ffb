import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { CallsEvent } from '@trustline/h323';
import { H323Driver } from '@trustline/h323/node';
import { speechLike } from '@trustline/phone';
import { artefactFolder, eventually, freeTcpPort } from '@trustline/testing/node';
import { afterEach, describe, expect, test } from 'vitest';
import { OutsideAuthority } from '../../../cli/src/outside-authority.fixture.ts';
import { DtmfDetector, dtmfTones } from '../tones/dtmf.ts';
import { likeness, startTestGateway, type TestGateway } from './gateways.fixture.ts';
import { HandsetPort } from './handset-port.fixture.ts';
import { openConfiguredPort } from './open-port.ts';

const running: TestGateway[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ gateway }) => gateway.stop()));
});

const voices = [speechLike(20, 1).samples, speechLike(20, 2).samples] as const;
/** Keys are pressed after a second of silence, again and again. */
const keyed = new Int16Array(24_000);
dtmfTones('15#').fill(keyed.subarray(8_000));
/** Two addresses of the loopback interface, so that each gateway knows the other by its own. */
const addresses = ['127.0.0.2', '127.0.0.3'] as const;
const proves = {
  baseline: async () => ({}),
  prove: async () => ({ proven: true }),
};

/** Two gateways that know each other, each with a handset at port 0/1. */
async function pair({ peer = '', dialPeer = '', protection = true, voice = voices[0] } = {}) {
  const ports = [await freeTcpPort(), await freeTcpPort()] as const;
  const handsets = [new HandsetPort('0/1', voice), new HandsetPort('0/1', voices[1])] as const;
  const start = async (own: 0 | 1) => {
    const other = own === 0 ? 1 : 0;
    const document = `
name: gw${own}
h323:
  address: ${addresses[own]}
  port: ${ports[own]}
  callManagers:
    - { name: far, address: ${addresses[other]}, port: ${ports[other]}, ${peer} }
media: { address: ${addresses[own]} }
ports:
  - { name: 0/1, kind: pri, line: simulation }
dialPeers:
  - { name: over, pattern: 8T, to: { h323: far }, ${dialPeer} }
  - { name: home, pattern: 8..., to: { port: 0/1 }, from: [{ h323: far }], called: { strip: 1 } }
  - { name: pin, pattern: 7..., to: { port: 0/1 } }
`;
    const gateway = await startTestGateway(document, [handsets[own]], protection ? { protection: proves } : {});
    running.push(gateway);
    return gateway;
  };
  return { gateways: [await start(0), await start(1)] as const, handsets };
}

const released = (handset: HandsetPort) => handset.told.some((told) => told.startsWith('release'));

describe('two gateways back to back', () => {
  test.each([
    ['SRTP, H.245 on its own connection', 'srtp: require', 'AES_CM_128_HMAC_SHA1_80'],
    [
      'SRTP by H.245 within call signalling, read as OPAL does, with short tags',
      'srtp: require, tunnelling: true, keyReading: receiver, suites: [AES_CM_128_HMAC_SHA1_32]',
      'AES_CM_128_HMAC_SHA1_32',
    ],
    ['clear, by fast connect, µ-law', 'srtp: forbid, fastStart: true, codecs: [PCMU]', 'clear'],
  ])('%s: each hears what the other says', async (_, peer, media) => {
    const { gateways, handsets } = await pair({ peer });
    const call = handsets[0].call('8000');
    await eventually('a second and a half of audio both ways', () =>
      handsets.every((handset) => handset.heard().length > 12_000),
    );
    for (const [at, handset] of handsets.entries()) {
      expect(likeness(handset.heard(), voices[1 - at] as Int16Array)).toBeGreaterThan(0.75);
    }
    expect(handsets[1].placed[0]).toMatchObject({
      called: { digits: '000' },
      calling: { number: { digits: '4930555' }, name: 'Ann' },
    });
    expect(handsets[0].told).toEqual(['proceed', 'alert', 'answer']);
    handsets[0].hangUp(call);
    await eventually('the end at the other handset', () => released(handsets[1]));
    expect(handsets[1].told).toEqual(['release 16']);
    await eventually('both records', () => gateways.every((gateway) => gateway.records().length === 1));
    const wanted = media === 'clear' ? 'far: not encrypted' : `far: encrypted to here (IPsec and SRTP, ${media})`;
    for (const gateway of gateways) {
      expect(gateway.records()[0]).toMatchObject({
        cause: 16,
        demarcation: `${wanted}; port 0/1:1: beyond is the public network`,
      });
      expect(gateway.gateway.calls).toBe(0);
    }
  });

  test('require without proof: the call is refused with 57, and nothing rings', async () => {
    const { gateways, handsets } = await pair({ peer: 'srtp: require', protection: false });
    handsets[0].call('8000');
    await eventually('the refusal', () => released(handsets[0]));
    expect(handsets[0].told).toEqual(['release 57']);
    expect(handsets[1].placed).toEqual([]);
    expect(gateways[0].notices().join()).toContain('not-proven');
  });

  test('IPsec that is set up and not there: the reason is said, and under require the call is refused', async () => {
    const folder = artefactFolder('gateway-ipsec');
    const { certificatePem, keyPem } = new OutsideAuthority(folder, 'IPsec').issue('/CN=gw', ['subjectAltName=DNS:gw']);
    writeFileSync(join(folder, 'gw.pem'), certificatePem);
    writeFileSync(join(folder, 'gw.key'), keyPem, { mode: 0o600 });
    const handset = new HandsetPort('0/1', voices[0]);
    const document = `
h323:
  address: 127.0.0.2
  port: 0
  callManagers: [{ name: cm1, address: 127.0.0.9, ipsec: {} }]
ipsec: { certificate: gw.pem, key: gw.key, authority: root.pem, localIdentity: gw, folder: ${folder} }
ports: [{ name: 0/1, kind: pri, line: simulation }]
dialPeers: [{ name: over, pattern: 8T, to: { h323: cm1 } }]
`;
    const listener = createServer((socket) => socket.on('error', () => {})).listen(1720, '127.0.0.9');
    const gateway = await startTestGateway(document, [handset], { folder });
    running.push(gateway);
    handset.call('8000');
    await eventually('the refusal', () => released(handset));
    expect(handset.told).toEqual(['release 57']);
    expect(gateway.notices().join('\n')).toMatch(/signalling to cm1 is not proven: /);
    listener.close();
  }, 15_000);

  test('prefer without proof: the call is clear, and the record says so', async () => {
    const { gateways, handsets } = await pair({ peer: 'srtp: prefer', protection: false });
    const call = handsets[0].call('8000');
    await eventually('audio', () => handsets.every((handset) => handset.heard().length > 4_000));
    handsets[0].hangUp(call);
    await eventually('the record', () => gateways[0].records().length === 1);
    expect(gateways[0].records()[0]?.demarcation).toContain('far: not encrypted');
  });

  test('busy is busy (17) at the other end; what is said before the answer is heard', async () => {
    const { handsets } = await pair({ peer: 'srtp: prefer', protection: false });
    handsets[1].manner = 'is-busy';
    handsets[0].call('8000');
    await eventually('busy', () => released(handsets[0]));
    expect(handsets[0].told.at(-1)).toBe('release 17');
    handsets[1].manner = 'announces';
    handsets[0].told.length = 0;
    handsets[0].call('8001');
    await eventually('the announcement', () => handsets[0].heard(2).length > 12_000);
    expect(likeness(handsets[0].heard(2), voices[1])).toBeGreaterThan(0.75);
    expect(handsets[0].told).not.toContain('answer');
  });

  test('keys go through in both directions; a number may be dialled digit by digit', async () => {
    const { gateways, handsets } = await pair({ peer: 'srtp: prefer', protection: false });
    const call = handsets[0].call('8', '+4930555', false);
    handsets[0].says({ kind: 'digits', call, digits: '000', complete: true });
    await eventually('the answer', () => handsets[0].told.includes('answer'));
    expect(handsets[0].told[0]).toBe('want-digits');
    await eventually('audio', () => handsets.every((handset) => handset.heard().length > 1_600));
    handsets[0].says({ kind: 'keys', call, keys: '5' });
    handsets[1].says({ kind: 'keys', call: 1, keys: '#' });
    await eventually('both keys', () => handsets[1].told.includes('keys 5') && handsets[0].told.includes('keys #'));
    expect(gateways[0].gateway.calls).toBe(1);
    await gateways[0].gateway.stop();
    await eventually('the end at both', () => handsets.every(released));
  });

  test('Q.23: keys in the audio of a primary rate access are heard, and go on as keys; the tones do not', async () => {
    const { handsets } = await pair({ peer: 'srtp: require', voice: keyed });
    handsets[0].kind = 'pri';
    handsets[0].call('8000');
    const keys = () => handsets[1].told.flatMap((told) => /^keys (.)$/.exec(told)?.[1] ?? []).join('');
    await eventually('the keys', () => keys().includes('15#'));
    await eventually('audio', () => handsets[1].heard().length > 12_000);
    expect(new DtmfDetector().push(Int16Array.from(handsets[1].heard()))).toBe('');
  });

  test('hair-pin: from a port back to it, the audio unchanged', async () => {
    const { gateways, handsets } = await pair();
    handsets[0].call('7000');
    await eventually('audio', () => [1, 2].every((call) => handsets[0].heard(call).length > 12_000));
    for (const call of [1, 2]) expect(likeness(handsets[0].heard(call), voices[0])).toBeGreaterThan(0.9);
    await gateways[0].gateway.stop();
    expect(gateways[0].records()[0]?.demarcation).toBe('port 0/1:1 and port 0/1:2: beyond is the public network');
  });

  test('through a primary rate access to the simulated network, which echoes: what was said comes back encrypted', async () => {
    const ports = [await freeTcpPort(), await freeTcpPort()] as const;
    const handset = new HandsetPort('0/1', voices[0]);
    const document = (own: 0 | 1, dialPeers: string) => `
name: gw${own}
h323:
  address: ${addresses[own]}
  port: ${ports[own]}
  callManagers: [{ name: far, address: ${addresses[1 - own]}, port: ${ports[1 - own]} }]
media: { address: ${addresses[own]} }
ports: [{ name: 0/1, kind: pri, line: simulation }]
dialPeers: [${dialPeers}]
`;
    const near = await startTestGateway(document(0, '{ name: far, pattern: 9T, to: { h323: far } }'), [handset], {
      protection: proves,
    });
    running.push(near);
    const pstn = '{ name: pstn, pattern: 9T, to: { port: 0/1 }, called: { strip: 1 } }';
    const far = await startTestGateway(document(1, pstn), [], { protection: proves, openPort: openConfiguredPort });
    running.push(far);
    await eventually('the access', () => far.notices().some((text) => text.includes('is in service')));
    const call = handset.call('95550200');
    await eventually('the echo', () => handset.told.includes('answer') && handset.heard().length > 28_000);
    expect(handset.told).toEqual(['proceed', 'alert in-band', 'answer']);
    expect(likeness(handset.heard().slice(19_000), voices[0].subarray(12_000))).toBeGreaterThan(0.75);
    handset.hangUp(call);
    await eventually('the record', () => far.records().length === 1);
    expect(far.records()[0]?.demarcation).toMatch(
      /^far: encrypted to here .*; port 0\/1:\d+: beyond is the public network$/,
    );
    handset.call('95550017');
    await eventually('busy', () => handset.told.includes('release 17'));
  });

  test('a call manager that is not there: the next dial peer is tried', async () => {
    const port = await freeTcpPort();
    const handset = new HandsetPort('0/1', voices[0]);
    const document = `
h323:
  port: 0
  callManagers: [{ name: gone, address: 127.0.0.9, port: ${port}, srtp: forbid }]
ports: [{ name: 0/1, kind: pri, line: simulation }]
dialPeers:
  - { name: first, pattern: 9T, to: { h323: gone } }
  - { name: second, pattern: 9T, to: { port: 0/1 }, preference: 1 }
`;
    const gateway = await startTestGateway(document, [handset]);
    running.push(gateway);
    handset.call('91');
    await eventually('the answer of the second', () => handset.told.includes('answer'));
    const failed = gateway.reports.find((report) => report.kind === 'call' && report.event.kind === 'failed');
    expect(failed).toMatchObject({ event: { peer: 'first', cause: { value: 38 } } });
  });

  test('H.450.2: a transfer that is asked of it is refused by a return error, and the call stays', async () => {
    const handset = new HandsetPort('0/1', voices[0]);
    const document = `
h323: { address: 127.0.0.2, port: 0, callManagers: [{ name: cm1, address: 127.0.0.3, srtp: forbid }] }
ports: [{ name: 0/1, kind: pri, line: simulation }]
dialPeers: [{ name: in, pattern: T, to: { port: 0/1 } }]
`;
    const gateway = await startTestGateway(document, [handset]);
    running.push(gateway);
    const events: CallsEvent[] = [];
    const driver = new H323Driver({
      identity: () => ({
        endpointType: { mc: false, undefinedNode: false },
        callIdentifier: new Uint8Array(randomBytes(16)),
        conferenceId: new Uint8Array(randomBytes(16)),
      }),
      drawCallReference: () => 7,
      admit: () => ({ refuse: 21 }),
      welcome: () => 'refused',
      turnedAway: () => {},
      happened: (_, event) => events.push(event),
    });
    const call = driver.place({
      to: { address: '127.0.0.2', port: gateway.port },
      from: '127.0.0.3',
      setup: { calledNumber: '8000' },
      endpoint: {
        formats: [{ name: 'g711Alaw64k', frames: 20 }],
        suites: [],
        policy: 'forbid',
        terminalType: 60,
        drawNumber: () => 1,
        drawKey: () => {
          throw new Error('no key is wanted');
        },
        keyForm: 'direct',
        ackKey: 'none',
        media: { host: Uint8Array.of(127, 0, 0, 3), port: 20_000 },
        tunnelling: true,
        fastConnect: false,
      },
    });
    await eventually('the answer', () => events.some(({ kind }) => kind === 'connected'));
    driver.command(call, (endpoint) => endpoint.transfer('2002'));
    await eventually('the refusal', () => events.some(({ kind }) => kind === 'transfer-answered'));
    expect(events.find(({ kind }) => kind === 'transfer-answered')).toEqual({ kind: 'transfer-answered', error: 3 });
    expect([gateway.gateway.calls, events.some(({ kind }) => kind === 'released')]).toEqual([1, false]);
    driver.stop();
  });
});
