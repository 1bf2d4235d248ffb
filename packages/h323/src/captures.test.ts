import { describe, expect, test } from 'vitest';
import { type CapturedMessage, capturedMessages } from './captured.fixture.ts';
import { decodeCallSignalling, encodeCallSignalling } from './h225/call-signalling.ts';
import { rasCodec } from './h225/ras.ts';
import { usableSrtpSuites } from './h235/srtp-capability.ts';
import { decodeSrtpKey } from './h235/srtp-keys.ts';
import { decodeH245, fastStartCodec, h245Codec } from './h245/messages.ts';
import { operationOf, operations } from './h450/operations.ts';
import { supplementaryServiceCodec } from './h450/supplementary-service.ts';
import type { H245 } from './index.ts';
import type { PerCodec } from './per/schema.ts';
import { decodeBearerCapability, encodeBearerCapability } from './q931/bearer-capability.ts';
import { decodeCause, encodeCause } from './q931/cause.ts';
import { ElementId, MessageType } from './q931/message-types.ts';
import { decodePartyNumber, encodePartyNumber } from './q931/party-number.ts';

const messages = capturedMessages();

test('the captures hold what their README counts', () => {
  const count = (kind: CapturedMessage['kind']) => messages.filter((message) => message.kind === kind).length;
  expect({ callSignalling: count('call-signalling'), h245: count('h245'), ras: count('ras') }).toMatchInlineSnapshot(`
    {
      "callSignalling": 249,
      "h245": 188,
      "ras": 20,
    }
  `);
});

describe.each([...new Set(messages.map(({ capture }) => capture))])('%s', (capture) => {
  const own = messages.filter((message) => message.capture === capture);

  test('every message, and every message within it, is written again as the same octets', () => {
    for (const { kind, octets } of own) {
      if (kind === 'call-signalling') againCallSignalling(octets);
      else if (kind === 'h245') againH245(octets);
      else again(rasCodec, octets);
    }
  });
});

test('H.235.8: the keys of OPAL are read in both directions and tunnelled or not, each twice: in the channel and its Ack', () => {
  const seen: Record<string, number> = {};
  for (const { capture, message } of allH245()) {
    const sync = encryptionSyncOf(message);
    if (sync === undefined) continue;
    const key = decodeSrtpKey(sync.h235Key);
    if (!key.ok) throw new Error(key.because);
    expect(key.form).toBe('direct');
    seen[capture] = (seen[capture] ?? 0) + 1;
  }
  expect(seen).toMatchInlineSnapshot(`
    {
      "opal-h2358-hold-retrieve-empty-tcs": 6,
      "opal-h2358-srtp-slowstart-separate": 4,
      "opal-h2358-srtp-slowstart-tunnelled": 4,
      "opal-h4502-transfer-h4504-hold": 4,
    }
  `);
});

test('H.235.8: of the suites that OPAL offers .91 and .92 are usable, and of its channels the one it chose', () => {
  const suites = new Set<string>();
  for (const { message } of allH245()) {
    if (message.kind !== 'request') continue;
    const { value: request } = message;
    if (request.kind === 'openLogicalChannel') {
      const { dataType } = request.value.forwardLogicalChannelParameters;
      if (dataType.kind !== 'h235Media') continue;
      const generic = dataType.value.encryptionAuthenticationAndIntegrity.genericH235SecurityCapability;
      if (generic !== undefined) suites.add(`channel: ${usableSrtpSuites(generic)}`);
    }
    if (request.kind !== 'terminalCapabilitySet') continue;
    for (const { capability } of request.value.capabilityTable ?? []) {
      if (capability?.kind !== 'h235SecurityCapability') continue;
      const generic = capability.value.encryptionAuthenticationAndIntegrity.genericH235SecurityCapability;
      if (generic !== undefined) suites.add(`capability: ${usableSrtpSuites(generic)}`);
    }
  }
  expect([...suites]).toMatchInlineSnapshot(`
    [
      "capability: AES_CM_128_HMAC_SHA1_32,AES_CM_128_HMAC_SHA1_80",
      "capability: AES_CM_128_HMAC_SHA1_80,AES_CM_128_HMAC_SHA1_32",
      "channel: AES_CM_128_HMAC_SHA1_32",
      "capability: AES_CM_128_HMAC_SHA1_80",
      "channel: AES_CM_128_HMAC_SHA1_80",
    ]
  `);
});

test('H.450: the operations of hold and transfer are read with their arguments', () => {
  const invoked: string[] = [];
  for (const octets of messages.flatMap(({ kind, octets: all }) =>
    kind === 'call-signalling' ? servicesOf(all) : [],
  )) {
    const { serviceApdu } = ok(supplementaryServiceCodec.decode(octets));
    if (serviceApdu.kind !== 'rosApdus') continue;
    for (const apdu of serviceApdu.value) {
      if (apdu.kind !== 'invoke' || apdu.value.opcode.kind !== 'local') continue;
      const name = operationOf(apdu.value.opcode.value);
      if (name === undefined) throw new Error('an operation is not known');
      invoked.push(name);
      if (apdu.value.argument !== undefined) again(operations[name].argument as PerCodec<unknown>, apdu.value.argument);
    }
  }
  expect(invoked).toMatchInlineSnapshot(`
    [
      "holdNotific",
      "retrieveNotific",
      "callTransferInitiate",
    ]
  `);
});

function* allH245(): Generator<{ capture: string; message: H245.MultimediaSystemControlMessage }> {
  for (const { capture, kind, octets } of messages) {
    const all = kind === 'h245' ? [octets] : kind === 'call-signalling' ? tunnelledOf(octets) : [];
    for (const one of all) for (const message of decodeH245(one).messages) yield { capture, message };
  }
}

function encryptionSyncOf(message: H245.MultimediaSystemControlMessage): H245.EncryptionSync | undefined {
  if (message.kind === 'request' && message.value.kind === 'openLogicalChannel')
    return message.value.value.encryptionSync;
  if (message.kind !== 'response' || message.value.kind !== 'openLogicalChannelAck') return undefined;
  return message.value.value.encryptionSync;
}

function tunnelledOf(octets: Uint8Array): readonly Uint8Array[] {
  return callSignalling(octets).userInformation?.['h323-uu-pdu'].h245Control?.reveal() ?? [];
}

function servicesOf(octets: Uint8Array): readonly Uint8Array[] {
  return callSignalling(octets).userInformation?.['h323-uu-pdu'].h4501SupplementaryService ?? [];
}

function callSignalling(octets: Uint8Array) {
  const result = decodeCallSignalling(octets);
  if (!result.ok) throw result.error;
  return result.message;
}

function againCallSignalling(octets: Uint8Array): void {
  const message = callSignalling(octets);
  expect(hex(encodeCallSignalling(message))).toBe(hex(octets));
  expect(Object.values(MessageType)).toContain(message.type);
  for (const { id, octets: contents } of message.elements) {
    if (id === ElementId.Cause) againElement(decodeCause, encodeCause, contents);
    if (id === ElementId.BearerCapability) againElement(decodeBearerCapability, encodeBearerCapability, contents);
    if (id === ElementId.CallingPartyNumber || id === ElementId.CalledPartyNumber) {
      againElement(decodePartyNumber, encodePartyNumber, contents);
    }
  }
  const pdu = message.userInformation?.['h323-uu-pdu'];
  for (const tunnelled of pdu?.h245Control?.reveal() ?? []) againH245(tunnelled);
  for (const service of pdu?.h4501SupplementaryService ?? []) again(supplementaryServiceCodec, service);
  const body = pdu?.['h323-message-body'];
  if (body === undefined || !('value' in body) || !('fastStart' in body.value)) return;
  for (const channel of body.value.fastStart ?? []) again(fastStartCodec, channel);
}

function againH245(octets: Uint8Array): void {
  const { messages: all, error } = decodeH245(octets);
  if (error !== undefined) throw error;
  expect(all.map((message) => hex(h245Codec.encode(message))).join('')).toBe(hex(octets));
}

function again<T>(
  codec: { decode(octets: Uint8Array): Result<T>; encode(value: T): Uint8Array },
  octets: Uint8Array,
): void {
  expect(hex(codec.encode(ok(codec.decode(octets))))).toBe(hex(octets));
}

function againElement<T>(
  decode: (octets: Uint8Array) => T | undefined,
  encode: (value: T) => Uint8Array,
  octets: Uint8Array,
) {
  const value = decode(octets);
  if (value === undefined) throw new Error(`no element: ${hex(octets)}`);
  expect(hex(encode(value))).toBe(hex(octets));
}

type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error };

function ok<T>(result: Result<T>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
