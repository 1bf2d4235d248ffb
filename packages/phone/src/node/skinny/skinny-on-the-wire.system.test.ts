import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { artefactFolder, Dumpcap, eventually, Lab, missingCapture, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SkinnyPhone } from './skinny-phone.ts';

const folder = artefactFolder('skinny-on-the-wire');
const wire = join(folder, 'skinny.pcapng');
const missing = missingPrograms('tshark') || missingCapture();

/** Rows of tab-separated fields of the packets that a filter lets through. */
function tshark(port: number, filter: string, ...fields: readonly string[]): string[][] {
  const wanted = fields.flatMap((field) => ['-e', field]);
  const text = execFileSync(
    'tshark',
    ['-n', '-r', wire, '-d', `tcp.port==${port},skinny`, '-Y', filter, '-T', 'fields', ...wanted],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return text
    .split('\n')
    .filter((row) => row.trim() !== '')
    .map((row) => row.split('\t'));
}

describe.skipIf(missing)('a call of two phones by Skinny without TLS, as tshark reads it', () => {
  let lab: Lab;
  let port: number;

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'), [], '127.0.0.1', [
      '  - { transport: sccp, host: 127.0.0.1, port: 0 }',
    ]);
    port = (await lab.client.status()).listeners.find(({ transport }) => transport === 'sccp')?.port ?? 0;
    const dumpcap = await Dumpcap.start(wire, `tcp port ${port}`);
    const phones = await Promise.all(
      ['1001', '1002'].map(async (line, at) => {
        const device = `SEP02000000020${at}`;
        const lines = [{ number: line }];
        await lab.client.addDevice({ name: device, securityMode: 'non-secure', protocol: 'sccp', lines });
        const phone: SkinnyPhone = SkinnyPhone.start({
          device,
          line,
          security: 'clear',
          dials: 'digits',
          server: { host: '127.0.0.1', port },
          connection: { kind: 'tcp' },
          onEvent: (event) => {
            if (event.kind === 'incoming') void phone.answer(event.call);
          },
        });
        await phone.registered();
        return phone;
      }),
    );
    const call = await phones[0]?.call('1002');
    if (call === undefined) throw new Error('there is no call');
    await Promise.race([
      call.established,
      call.ended.then(({ reason }) => {
        throw new Error(reason);
      }),
    ]);
    await eventually('they hear each other', () => (call.statistics()?.packetsReceived ?? 0) > 10);
    call.hold();
    await eventually('it is on hold', () => call.media === undefined);
    call.resume();
    await eventually('it talks again', () => call.media !== undefined);
    call.hangUp();
    await call.ended;
    await Promise.all(phones.map((phone) => phone.stop()));
    await dumpcap.stop();
  });
  afterAll(() => lab?.stop());

  test('no packet is malformed, and none has an octet that it does not know', () => {
    expect(tshark(port, 'skinny', 'frame.number').length).toBeGreaterThan(20);
    expect(tshark(port, '_ws.malformed', 'frame.number', '_ws.expert.message')).toEqual([]);
    expect(tshark(port, 'tcp.len > 0 && !skinny && !tcp.analysis.retransmission', 'frame.number')).toEqual([]);
  });

  test('it sees the whole call, and no keys where nothing protects them', () => {
    const seen = new Set(
      tshark(port, 'skinny', 'skinny.messageId')
        .flatMap(([ids = '']) => ids.split(','))
        .map(Number),
    );
    // RegisterReq, KeypadButton, OffHook, SoftKeyEvent, OpenReceiveChannelAck; RegisterAck, OpenReceiveChannel, StartMediaTransmission, CallState
    for (const id of [0x1, 0x3, 0x6, 0x26, 0x22, 0x81, 0x105, 0x8a, 0x111]) expect(seen).toContain(id);
    const algorithms = tshark(port, 'skinny.algorithmID', 'skinny.algorithmID')
      .flat()
      .flatMap((row) => row.split(','));
    expect(algorithms.length).toBeGreaterThan(3);
    expect(new Set(algorithms.map(Number))).toEqual(new Set([0]));
  });
});
