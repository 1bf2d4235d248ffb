import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeMessage } from './codec.ts';
import {
  type DissectedField,
  type DissectedMessage,
  dissect,
  messageNames,
  writeCapture,
} from './dissected.fixture.ts';
import { noMediaEncryption } from './layout/key-info.ts';
import type { MessageDefinition } from './layout/message.ts';
import { type Leaf, leavesOf } from './leaves.fixture.ts';
import { definitions } from './messages/catalogue.ts';
import { sampleMessage } from './samples.fixture.ts';
import { callInfo, displayNotify, displayPrompt, openReceiveChannel, startMediaTransmission } from './server/forms.ts';
import { profile, SessionPair } from './session-pair.fixture.ts';
import { SoftKeyEvent } from './values/soft-keys.ts';

const versions = [3, 11, 17, 20, 22];
const everywhere: readonly number[] = versions;
const missing = spawnSync('tshark', ['--version']).status !== 0;
const folder = mkdtempSync(join(tmpdir(), 'sccp-'));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * What tshark 4.0 reads otherwise: fields that it does not know or look for, with the reason why ours is taken. A `*`
 * is for a message that it loses its place in.
 */
const differences: readonly {
  readonly kind: string;
  readonly fields: readonly string[];
  readonly versions: readonly number[];
  readonly because: string;
  readonly malformed?: true;
}[] = [
  {
    kind: 'RegisterReq',
    fields: ['configVersionStamp'],
    versions: everywhere,
    because: 'it looks for it in longer messages only; CHSCCP has it at this place',
  },
  {
    kind: 'UnregisterReq',
    fields: ['unRegReasonCode'],
    versions: everywhere,
    because: 'it looks for it in longer messages only',
  },
  {
    kind: 'FeatureStatReq',
    fields: ['featureCapabilities'],
    versions: everywhere,
    because: 'it looks for it in longer messages only',
  },
  {
    kind: 'RegisterTokenReq',
    fields: ['stationIpV6Addr'],
    versions: everywhere,
    because: 'it reads an address with a type; CHSCCP reads sixteen octets',
  },
  {
    kind: 'ServiceURLStatV2Res',
    fields: ['serviceURL', 'serviceURLDisplayName'],
    versions: everywhere,
    because: 'it knows the index alone; CHSCCP sends both texts',
  },
  {
    kind: 'AddOnDeviceCapabilities',
    fields: ['unknownString_0159'],
    versions: everywhere,
    because: 'it takes 24 octets before the text, which dumps of three phones have, for a part of the text',
  },
  {
    kind: 'ConnectionStatisticsRes',
    fields: ['*'],
    versions: [20],
    because: 'it reads statsProcessingMode as one octet in 20; the dump of a phone of version 20 has four',
    malformed: true,
  },
  {
    kind: 'CapabilitiesV3Res',
    fields: ['*'],
    versions: [17, 20, 22],
    because: 'it reads ipAddressingMode twice from 16 on, where CHSCCP has it once; audio stands before it',
    malformed: true,
  },
];

const differs = (kind: string, version: number) =>
  differences.find((one) => one.kind === kind && one.versions.includes(version));

test.skipIf(!missing)('skipped for want of tshark: scripts/install-peers.sh', ({ skip }) => {
  if (process.env['CI'] === 'true') throw new Error('tshark is needed (scripts/install-peers.sh)');
  skip('tshark is not installed');
});

describe.skipIf(missing)('tshark', () => {
  describe.each(versions)('in version %i', (version) => {
    const sent = (definitions as readonly MessageDefinition[]).filter(({ since }) => since <= version);
    const written = missing ? [] : sent.map((one) => encodeMessage(sampleMessage(one, version), { version }));
    const path = join(folder, `version-${version}.pcap`);
    writeCapture(path, written);
    const dissected = missing ? [] : dissect(path);

    test('has the same names for the same ids', () => {
      expect(messageNames(path)).toEqual(sent.map(({ kind }) => kind));
    });

    test('reads every message, and calls none malformed but the two listed', () => {
      expect(dissected.length).toBe(sent.length);
      const malformed = sent.filter(
        ({ kind }, i) =>
          dissected[i]?.protocols.includes('_ws.malformed') !== (differs(kind, version)?.malformed ?? false),
      );
      expect(malformed.map(({ kind }) => kind)).toEqual([]);
    });

    test('finds every field where we put it, with its value, and no octet beside them', () => {
      const faults = sent.flatMap((definition, i) =>
        compare(definition, written[i] ?? new Uint8Array(0), dissected[i] ?? { fields: [], protocols: [] }, version),
      );
      expect(faults).toEqual([]);
    });

    test('reads the keys of streams', () => {
      for (const kind of [
        'OpenReceiveChannel',
        'StartMediaTransmission',
        'OpenMultiMediaReceiveChannel',
        'StartMultiMediaTransmission',
      ]) {
        const i = sent.findIndex((one) => one.kind === kind);
        const octetsOf = (name: string) =>
          (dissected[i]?.fields ?? [])
            .filter((field) => field.name === name)
            .map(({ octets }) => octets)
            .join('');
        const { key, salt, algorithmID } = keyInfoIn(sampleMessage(sent[i] as MessageDefinition, version));
        expect(octetsOf('key')).toBe(Buffer.from(key.reveal()).toString('hex'));
        expect(octetsOf('salt')).toBe(Buffer.from(salt.reveal()).toString('hex'));
        expect(octetsOf('keylen')).toBe('1000');
        expect(octetsOf('saltlen')).toBe('0e00');
        expect(octetsOf('algorithmID')).toBe(`0${algorithmID}000000`);
      }
    });
  });

  test.each(versions)('reads all that is said in a registration and a call in version %i', (version) => {
    const said = aCall(version);
    const path = join(folder, `call-${version}.pcap`);
    writeCapture(path, said);
    const messages = dissect(path);
    expect(messages.length).toBe(said.length);
    messages.forEach(({ fields, protocols }, i) => {
      const message = said[i] ?? new Uint8Array(0);
      const id = new DataView(message.buffer, message.byteOffset).getUint32(8, true);
      const definition = definitions.find(({ messageId }) => messageId === id) as MessageDefinition;
      expect([definition.kind, protocols.includes('_ws.malformed')]).toEqual([definition.kind, false]);
      expect(compare(definition, message, { fields, protocols }, version)).toEqual([]);
    });
  });

  test('differs in nothing that is not written down here', () => {
    const kinds = new Set(definitions.map(({ kind }) => kind as string));
    for (const { kind } of differences) expect(kinds).toContain(kind);
    expect(differences.length).toBe(8);
  });
});

/** What both ends say from the registration of a phone to the end of its call, in the order in which it is said. */
function aCall(version: number): readonly Uint8Array[] {
  const pair = new SessionPair({ protocolVersion: version, token: 'sccp' });
  pair.phone.register(0);
  pair.run();
  pair.server.grantToken();
  pair.run();
  pair.server.accept(0, profile);
  pair.run();
  const { phone, server } = pair;
  const stream = { conferenceId: 7, passThroughPartyId: 70, callReference: 7 };
  const place = { lineInstance: 1, callReference: 7 };
  phone.offHook(1);
  phone.press('4', 1, 7);
  phone.pressSoftKey(SoftKeyEvent.EndCall, 1, 7);
  const information = { ...place, callType: 2, callingParty: '1001', calledPartyName: 'Bob', callSecurityStatus: 3 };
  server.send(callInfo(server.dialect, information));
  server.send(displayPrompt(server.dialect, { ...place, timeOutValue: 0, promptStatus: 'Connected' }));
  server.send(displayNotify(server.dialect, 5, 'Parked'));
  server.send({ kind: 'SelectSoftKeys', ...place, softKeySetIndex: 1, validKeyMask: 0xffff });
  const keyInfo = {
    ...noMediaEncryption,
    algorithmID: 1,
    key: new Redacted(new Uint8Array(16).fill(9)),
    salt: new Redacted(new Uint8Array(14).fill(8)),
  };
  server.send(
    openReceiveChannel(server.dialect, {
      ...stream,
      payloadType: 4,
      millisecondsPerPacket: 20,
      telephoneEventPayloadType: 101,
      keyInfo,
    }),
  );
  pair.run();
  phone.receiveChannelOpened(70, { address: '192.0.2.1', port: 24_000 });
  server.send(
    startMediaTransmission(server.dialect, {
      ...stream,
      payloadType: 4,
      millisecondsPerPacket: 20,
      telephoneEventPayloadType: 101,
      keyInfo,
      address: '192.0.2.9',
      port: 30_000,
    }),
  );
  pair.run();
  phone.transmissionStarted(70, { address: '192.0.2.1', port: 24_000 });
  pair.run();
  server.send({ kind: 'CloseReceiveChannel', ...stream, portHandlingFlag: 0 });
  server.send({ kind: 'StopMediaTransmission', ...stream, portHandlingFlag: 0 });
  pair.run();
  pair.pass(30_000);
  phone.unregister();
  pair.run();
  expect(pair.closed).toBe(true);
  return pair.said;
}

function keyInfoIn(message: ReturnType<typeof sampleMessage>) {
  if ('mRxMediaEncryptionKeyInfo' in message) return message.mRxMediaEncryptionKeyInfo;
  if ('mTxMediaEncryptionKeyInfo' in message) return message.mTxMediaEncryptionKeyInfo;
  throw new Error(`${message.kind} has no keys`);
}

/** What is wrong with a message as it was dissected. */
function compare(
  definition: MessageDefinition,
  written: Uint8Array,
  { fields }: DissectedMessage,
  version: number,
): readonly string[] {
  const { kind } = definition;
  const excused = differs(kind, version)?.fields ?? [];
  if (excused.includes('*')) return [];
  const faults: string[] = [];
  const covered = new Uint8Array(written.byteLength);
  const cover = (at: number, length: number) => covered.fill(1, at, at + length);
  for (const { at, length } of fields) cover(at, length);
  for (const leaf of leavesOf(definition, written, version)) {
    const length = leaf.octets.length / 2;
    // A text of no fixed size ends with a zero octet, an IPv4 address stands in the first four of sixteen octets, and
    // of a union, which we keep as octets, tshark shows what it understands.
    if (leaf.kind !== 'integer' && leaf.kind !== 'count') cover(leaf.at, length);
    if (excused.includes(leaf.name)) cover(leaf.at, length);
    else if (!isFound(leaf, fields)) faults.push(`${kind} ${version}: ${leaf.name} at ${leaf.at}`);
  }
  const left = [...covered.keys()].filter((at) => covered[at] === 0 && written[at] !== 0);
  if (left.length > 0) faults.push(`${kind} ${version}: octets that nobody read at ${left.join(', ')}`);
  return faults;
}

function isFound(leaf: Leaf, fields: readonly DissectedField[]): boolean {
  if (leaf.kind === 'octets' || leaf.name === 'filler') return true;
  // An empty text that is as long as it is has no field there; the next is where it should be, if this is skipped.
  if (leaf.kind === 'text' && leaf.octets === '00') return true;
  const there = fields.filter(({ at }) => at === leaf.at);
  const bits = there.filter(({ mask }) => mask !== 0);
  if (bits.length > 0) {
    const value = Number.parseInt(leaf.octets.match(/../g)?.reverse().join('') ?? '', 16);
    return bits.every(({ mask, octets }) => ((value & mask) >>> 0 !== 0) === (Number.parseInt(octets, 16) !== 0));
  }
  const name = leaf.name.replaceAll('_', '.');
  const names = [name, `${name}.ipv4`, `${name}.ipv6`];
  if (leaf.kind === 'address' && leaf.octets.length === 40) {
    const type = there.find((field) => field.name === 'ipv4or6');
    const value = fields.find((field) => field.at === leaf.at + 4 && names.includes(field.name));
    return type?.octets === leaf.octets.slice(0, 8) && value !== undefined && leaf.octets.startsWith(value.octets, 8);
  }
  const found = there.find((field) => names.includes(field.name));
  if (found === undefined || !leaf.octets.startsWith(found.octets)) return false;
  return leaf.kind === 'text' ? /^(00)*$/.test(leaf.octets.slice(found.octets.length)) : found.octets === leaf.octets;
}
