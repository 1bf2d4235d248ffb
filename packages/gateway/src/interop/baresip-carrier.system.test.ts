import { join } from 'node:path';
import {
  artefactFolder,
  Baresip,
  eventually,
  freeUdpPort,
  missingPrograms,
  toneShare,
  writeTone,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../node/gateways.fixture.ts';
import { HandsetPort } from '../node/handset-port.fixture.ts';

const tones = { ours: 440, carrier: 830 } as const;
const tone = (frequency: number) =>
  Int16Array.from({ length: 160_000 }, (_, at) => Math.round(8_000 * Math.sin((2 * Math.PI * frequency * at) / 8_000)));

describe.skipIf(missingPrograms('baresip'))('baresip as the carrier', () => {
  const folder = artefactFolder('gateway-baresip');
  const handset = new HandsetPort('0/1', tone(tones.ours));
  let baresip: Baresip;
  let gateway: TestGateway;
  let ports: readonly [carrier: number, ours: number];

  beforeAll(async () => {
    ports = [await freeUdpPort(), await freeUdpPort()];
    writeTone(join(folder, 'carrier.wav'), tones.carrier);
    baresip = await Baresip.start({
      directory: join(folder, 'baresip'),
      account: '<sip:4711@127.0.0.1>;regint=0;answermode=auto',
      wavFile: join(folder, 'carrier.wav'),
      sipPort: ports[0],
    });
    gateway = await startTestGateway(
      `
ports: [{ name: 0/1, kind: pri, line: simulation }]
trunks:
  - name: carrier
    server: "127.0.0.1:${ports[0]}"
    transport: udp
    listen: { address: 127.0.0.1, port: ${ports[1]} }
dialPeers:
  - { name: out, pattern: 0T, to: { trunk: carrier }, called: { strip: 1 } }
  - { name: in, pattern: "3...", to: { port: 0/1 }, from: [{ trunk: carrier }] }
`,
      [handset],
    );
  });
  afterAll(async () => {
    await gateway?.gateway.stop();
    await baresip?.stop();
  });

  test('answers OPTIONS, is called, and each hears the other; the end and the record say that it was clear', async () => {
    await eventually('the answer to OPTIONS', () =>
      gateway.reports.some(({ kind }) => kind === 'self-test') ? true : undefined,
    );
    handset.call('04711');
    await eventually(
      'the tone of the carrier',
      () => toneShare(Int16Array.from(handset.heard().slice(-8_000)), tones.carrier) > 0.8,
    );
    expect(handset.told).toContain('answer');
    handset.hangUp(1);
    await eventually('the record', () => gateway.records().length === 1);
    expect(gateway.records()[0]?.demarcation).toBe(
      'trunk carrier: not encrypted, beyond is theirs; port 0/1:1: beyond is the public network',
    );
  });

  test('calls us, and is heard at the port', async () => {
    await baresip.command('dial', `sip:3000@127.0.0.1:${ports[1]}`);
    await eventually('the call at the port', () => handset.placed.length > 0);
    await eventually('its tone', () => toneShare(Int16Array.from(handset.heard(2).slice(-8_000)), tones.carrier) > 0.8);
    expect(handset.placed[0]?.called.digits).toBe('3000');
    await baresip.command('hangup');
    await eventually('the end', () => handset.told.some((told) => told.startsWith('release')));
  });
});
