import { describe, expect, test } from 'vitest';
import { octets } from '../octets.fixture.ts';
import { ViciClient, type ViciOutput } from './client.ts';
import { encodeViciMessage, textAt, viciMessage } from './message.ts';
import { decodeViciReply } from './packet.ts';
import { MAX_SEGMENT } from './segment-reader.ts';

function drain(client: ViciClient): ViciOutput[] {
  const outputs: ViciOutput[] = [];
  for (let output = client.poll(); output !== undefined; output = client.poll()) outputs.push(output);
  return outputs;
}

const sent = (outputs: readonly ViciOutput[]) =>
  outputs.flatMap((one) => (one.kind === 'transmit' ? [Buffer.from(one.octets).toString('hex')] : []));
const completed = (outputs: readonly ViciOutput[]) => outputs.filter((one) => one.kind === 'completed');
const plain = (hex: string) => hex.replaceAll(/\s/g, '');

const response = (fields: Parameters<typeof viciMessage>[0]) => segment(1, encodeViciMessage(viciMessage(fields)));
const event = (name: string, fields: Parameters<typeof viciMessage>[0]) =>
  segment(7, Uint8Array.of(name.length, ...Buffer.from(name), ...encodeViciMessage(viciMessage(fields))));
function segment(type: number, body: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length + 1);
  return Buffer.concat([length, Uint8Array.of(type), body]);
}
const confirmed = segment(5, new Uint8Array());

describe('octets seen on a real socket', () => {
  test('version, unload-conn, initiate', () => {
    const client = new ViciClient();
    client.command(0, { name: 'version', message: [], timeout: 500 });
    client.receive(
      0,
      octets('00000029 01 03 06 6461656d6f6e 000e 636861726f6e2d73797374656d64 03 07 76657273696f6e 0005 352e392e38'),
    );
    client.command(0, { name: 'unload-conn', message: viciMessage({ name: 'gateway' }), timeout: 500 });
    client.receive(0, octets('0000000f 01 03 07 73756363657373 0003 796573'));
    client.command(0, {
      name: 'initiate',
      message: viciMessage({ child: 'h323', ike: 'gateway', timeout: 5000, loglevel: -1 }),
      timeout: 500,
    });
    client.receive(
      0,
      octets(
        '00000038 01 03 07 73756363657373 0002 6e6f 03 06 6572726d7367 0020 4348494c445f534120636f6e66696720276e6f706527206e6f7420666f756e64',
      ),
    );
    const outputs = drain(client);
    expect(sent(outputs)).toEqual(
      [
        '00000009 00 07 76657273696f6e',
        '0000001c 00 0b 756e6c6f61642d636f6e6e 03 04 6e616d65 0007 67617465776179',
        `00000042 00 08 696e697469617465 03 05 6368696c64 0004 68333233 03 03 696b65 0007 67617465776179
         03 07 74696d656f7574 0004 35303030 03 08 6c6f676c6576656c 0002 2d31`,
      ].map(plain),
    );
    const [version, unloaded, initiated] = completed(outputs).map((one) => one.outcome);
    expect(version?.ok === true && textAt(version.message, 'version')).toBe('5.9.8');
    expect(unloaded).toMatchObject({ ok: true });
    expect(initiated).toMatchObject({
      ok: false,
      error: { code: 'ipsec.refused', message: expect.stringContaining("CHILD_SA config 'nope' not found") },
    });
  });

  test('list-sas registers its stream first, and what is streamed belongs to it', () => {
    const client = new ViciClient();
    const id = client.command(0, {
      name: 'list-sas',
      message: viciMessage({ noblock: true, ike: 'gateway' }),
      stream: 'list-sa',
      timeout: 500,
    });
    expect(sent(drain(client))).toEqual(['00000009 03 07 6c6973742d7361'].map(plain));
    client.receive(0, confirmed);
    expect(sent(drain(client))).toEqual(
      ['00000026 00 08 6c6973742d736173 03 07 6e6f626c6f636b 0003 796573 03 03 696b65 0007 67617465776179'].map(plain),
    );
    client.receive(0, event('list-sa', { gateway: { state: 'ESTABLISHED' } }));
    client.receive(0, event('child-updown', { up: true }));
    client.receive(0, response({}));
    expect(drain(client)).toMatchObject([
      { kind: 'event', name: 'child-updown' },
      { kind: 'completed', id, outcome: { ok: true, streamed: [[{ kind: 'section', name: 'gateway' }]] } },
    ]);
    client.command(0, { name: 'list-sas', message: [], stream: 'list-sa', timeout: 500 });
    expect(sent(drain(client))).toEqual(['0000000a 00 08 6c6973742d736173'].map(plain));
  });

  test('unknown names are told', () => {
    const client = new ViciClient();
    client.command(0, { name: 'dance', message: [], timeout: 500 });
    client.receive(0, octets('00000001 02'));
    client.register(0, 'alert', 500);
    client.receive(0, octets('00000001 06'));
    expect(completed(drain(client)).map((one) => one.outcome)).toMatchObject([
      { ok: false, error: { code: 'ipsec.vici-unknown-command', message: expect.stringContaining('command dance') } },
      { ok: false, error: { code: 'ipsec.vici-unknown-command', message: expect.stringContaining('event alert') } },
    ]);
  });
});

test('one request is in flight, the rest wait in their order, and a stream cut anywhere is the same', () => {
  const client = new ViciClient();
  const ids = ['a', 'b', 'c'].map((name) => client.command(0, { name, message: [], timeout: 500 }));
  expect(sent(drain(client))).toHaveLength(1);
  const answers = Uint8Array.of(
    ...response({ n: 1 }),
    ...event('log', {}),
    ...response({ n: 2 }),
    ...response({ n: 3 }),
  );
  for (const octet of answers) client.receive(0, Uint8Array.of(octet));
  const outputs = drain(client);
  expect(completed(outputs).map((one) => one.id)).toEqual(ids);
  expect(completed(outputs).map(({ outcome }) => outcome.ok && textAt(outcome.message, 'n'))).toEqual(['1', '2', '3']);
});

describe('what fails the connection fails every command once, and later ones at once', () => {
  const cases: readonly (readonly [string, (client: ViciClient) => void, string])[] = [
    ['no answer in time', (client) => client.timeout(500), 'ipsec.vici-timeout'],
    ['the socket closes', (client) => client.closed(), 'ipsec.vici-closed'],
    ['an answer of the wrong kind', (client) => client.receive(0, confirmed), 'ipsec.vici-malformed'],
    [
      'a packet of an unknown type',
      (client) => client.receive(0, segment(9, new Uint8Array())),
      'ipsec.vici-malformed',
    ],
    ['an empty segment', (client) => client.receive(0, new Uint8Array(4)), 'ipsec.vici-malformed'],
    ['a segment too long', (client) => client.receive(0, octets('00080001 01')), 'ipsec.vici-malformed'],
    [
      'an event cut within its name',
      (client) => client.receive(0, segment(7, octets('05 61'))),
      'ipsec.vici-malformed',
    ],
    [
      'an answer to nothing',
      (client) => client.receive(0, Uint8Array.of(...response({}), ...response({}), ...response({}))),
      'ipsec.vici-malformed',
    ],
  ];
  test.each(cases)('%s', (_, happen, code) => {
    const client = new ViciClient();
    client.command(0, { name: 'a', message: [], timeout: 500 });
    client.command(0, { name: 'b', message: [], timeout: 500 });
    drain(client);
    happen(client);
    const outputs = drain(client);
    expect(outputs.filter((one) => one.kind === 'failed')).toMatchObject([{ error: { code } }]);
    expect(client.nextDeadline()).toBeUndefined();
    client.command(0, { name: 'c', message: [], timeout: 500 });
    client.receive(0, response({}));
    expect(drain(client)).toMatchObject([{ kind: 'completed', outcome: { ok: false, error: { code } } }]);
  });

  test('a stream that the daemon does not know', () => {
    const client = new ViciClient();
    client.command(0, { name: 'list-sas', message: [], stream: 'list-sa', timeout: 500 });
    client.receive(0, octets('00000001 06'));
    expect(drain(client).map((one) => one.kind)).toEqual(['transmit', 'completed', 'failed']);
  });
});

test('the longest segment is read', () => {
  const client = new ViciClient();
  client.command(0, { name: 'a', message: [], timeout: 500 });
  const values = Array.from({ length: 7 }, (_, i) => [`v${i}`, new Uint8Array(65_000)] as const);
  const body = encodeViciMessage(viciMessage(Object.fromEntries(values)));
  expect(body.length).toBeLessThan(MAX_SEGMENT);
  client.receive(0, segment(1, body));
  expect(completed(drain(client))).toMatchObject([{ outcome: { ok: true } }]);
});

test('a reply without an octet is none', () => {
  expect(() => decodeViciReply(new Uint8Array())).toThrow('type undefined');
});
