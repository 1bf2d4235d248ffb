import { inspect } from 'node:util';
import { Redacted } from '@trustline/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBody, encodeMessage, messageKindOf, type SccpMessage } from './codec.ts';
import { SccpError } from './error.ts';
import { noMediaEncryption } from './layout/key-info.ts';
import { planOf } from './layout/message.ts';
import { definitions } from './messages/catalogue.ts';
import { anyMessage, everyVersion, revealed } from './messages.fixture.ts';
import { MediaEncryptionAlgorithm } from './values/media-encryption.ts';
import { headerVersionOf, negotiatedVersion } from './versions.ts';

const HEADER = 12;

/** Reads what was written, by its own header. */
function readBack(written: Uint8Array, version: number) {
  const view = new DataView(written.buffer, written.byteOffset, written.byteLength);
  expect(view.getUint32(0, true)).toBe(written.byteLength - 8);
  const messageId = view.getUint32(8, true);
  const unversioned = ['RegisterAck', 'UnregisterAck', 'KeepAliveAck'].includes(messageKindOf(messageId) ?? '');
  expect(view.getUint32(4, true)).toBe(unversioned ? 0 : headerVersionOf(version));
  return decodeBody(messageId, written, version, HEADER);
}

describe.each(definitions.map((definition) => [definition.kind, definition] as const))('%s', (_, definition) => {
  test('what is written is read again, in every version', () => {
    for (const version of everyVersion) {
      fc.assert(
        fc.property(anyMessage(definition, version), (message) => {
          const written = encodeMessage(message, { version });
          expect(revealed(readBack(written, version))).toEqual(revealed(message));
        }),
        { numRuns: 6 },
      );
    }
  });

  test('cut at each octet it is read as less, or refused with a code; nothing else happens', () => {
    for (const version of [3, 11, 17, 22]) {
      const [message] = fc.sample(anyMessage(definition, version), { numRuns: 1, seed: 7 });
      if (message === undefined) throw new Error('there is no sample');
      const written = encodeMessage(message, { version });
      const { required, fields } = planOf(definition, version);
      const least = fields.slice(0, required).reduce((sum, field) => sum + field.least(version), 0);
      for (let length = 0; length < written.byteLength - HEADER; length++) {
        const cut = decodeBody(definition.messageId, written, version, HEADER, HEADER + length);
        if (length < least) expect(cut).toMatchObject({ kind: 'Malformed', claimed: definition.kind });
        else expect([definition.kind, 'Malformed']).toContain(cut.kind);
        if (cut.kind === 'Malformed') expect(cut.offset).toBeLessThanOrEqual(length);
      }
    }
  });

  test('any octets are read or refused, and what is read can be written', () => {
    const octets = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 40 }).map(sparse));
    fc.assert(
      fc.property(octets, fc.constantFrom(...everyVersion), (body, version) => {
        const message = decodeBody(definition.messageId, body, version);
        if (message.kind === 'Malformed') return;
        const again = readBack(encodeMessage(message, { version }), version);
        const third = again.kind === 'Malformed' ? again : readBack(encodeMessage(again, { version }), version);
        expect(revealed(third)).toEqual(revealed(again));
        expect(again.kind).toBe(message.kind);
      }),
      { numRuns: 30 },
    );
  });
});

/** Few octets in a long body: counts are small then. */
function sparse(octets: Uint8Array): Uint8Array {
  const body = new Uint8Array(2_200);
  octets.forEach((octet, i) => {
    body[i * 4] = octet % 4;
  });
  return body;
}

test('ids are known once, and their names too', () => {
  expect(new Set(definitions.map(({ messageId }) => messageId)).size).toBe(definitions.length);
  expect(new Set(definitions.map(({ kind }) => kind)).size).toBe(definitions.length);
  expect(messageKindOf(0x105)).toBe('OpenReceiveChannel');
  expect(messageKindOf(0x7777)).toBeUndefined();
});

test('an unknown message keeps its octets and can be sent on', () => {
  const message = decodeBody(0x7777, Uint8Array.of(1, 2, 3), 17);
  expect(revealed(message)).toEqual({ kind: 'Unknown', messageId: 0x7777, body: { redacted: '010203' } });
  const written = encodeMessage(message as SccpMessage, { version: 17 });
  expect(Buffer.from(written).toString('hex')).toBe('070000001100000077770000010203');
});

test('octets after the last known field are kept, and written again', () => {
  const message = decodeBody(0x86, Uint8Array.of(9, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7, 7), 3) as SccpMessage;
  expect(revealed(message)).toMatchObject({ kind: 'SetLamp', lampMode: 2, trailing: { redacted: '0707' } });
  expect(encodeMessage(message, { version: 3 }).byteLength).toBe(HEADER + 14);
});

describe('media keys', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
  const salt = Uint8Array.from({ length: 14 }, (_, i) => 0xc0 + i);
  const message: SccpMessage = {
    kind: 'OpenReceiveChannel',
    conferenceId: 1,
    passThroughPartyId: 2,
    milliSecondPacketSize: 20,
    compressionType: 4,
    qualifierIn: { ecValue: 0 },
    callReference: 3,
    mRxMediaEncryptionKeyInfo: {
      algorithmID: MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_32,
      key: new Redacted(key),
      salt: new Redacted(salt),
      isMKIPresent: 0,
      keyDerivationRate: 0,
    },
  };

  test('stand at octets 28 to 75 of OpenReceiveChannel: algorithm, lengths, key, salt left-aligned in 16', () => {
    const body = Buffer.from(encodeMessage(message, { version: 17 })).subarray(HEADER);
    expect(body.subarray(28, 36).toString('hex')).toBe('0100000010000e00');
    expect(body.subarray(36, 52).toString('hex')).toBe(Buffer.from(key).toString('hex'));
    expect(body.subarray(52, 68).toString('hex')).toBe(`${Buffer.from(salt).toString('hex')}0000`);
    expect(body.subarray(68, 76).toString('hex')).toBe('0000000000000000');
  });

  test('never print, neither as JSON nor in a log nor as text', () => {
    const written = encodeMessage(message, { version: 17 });
    const received = decodeBody(0x105, written, 17, HEADER);
    const cut = decodeBody(0x105, written, 17, HEADER, HEADER + 60);
    for (const one of [message, received, cut]) {
      for (const text of [JSON.stringify(one), inspect(one, { depth: 9 }), String(one)]) {
        expect(text).not.toMatch(/a0a1|160|161|c0c1|192, ?193/i);
      }
    }
    expect(cut.kind).toBe('Malformed');
  });

  test('longer than their places are refused, read and written', () => {
    const written = encodeMessage(message, { version: 17 });
    written[HEADER + 32] = 17;
    expect(decodeBody(0x105, written, 17, HEADER)).toMatchObject({ kind: 'Malformed', code: 'sccp.key-length' });
    const long = { ...noMediaEncryption, key: new Redacted(new Uint8Array(32)) };
    expect(() => encodeMessage({ ...message, mRxMediaEncryptionKeyInfo: long }, { version: 17 })).toThrow(SccpError);
  });

  test('an end within them is no message: no half of a key is kept as octets after the last field', () => {
    const multimedia = encodeMessage(
      {
        kind: 'StartMultiMediaTransmission',
        conferenceId: 1,
        passthruPartyID: 2,
        compressionType: 103,
        remoteIpAddr: '192.0.2.1',
        remotePortNumber: 5000,
        callReference: 3,
        payloadType: { payload_rfc_number: 0, payloadType: 97 },
        DSCPValue: 136,
        capability: new Uint8Array(76),
        mTxMediaEncryptionKeyInfo: message.mRxMediaEncryptionKeyInfo,
        streamPassThroughId: 0,
        associatedStreamId: 0,
      },
      { version: 3 },
    );
    for (let length = 113; length < 160; length++) {
      const cut = decodeBody(0x132, multimedia, 3, HEADER, HEADER + length);
      expect(cut).toMatchObject({ kind: 'Malformed', code: 'sccp.truncated' });
    }
  });
});

describe('values that do not fit', () => {
  test('a text is cut between two characters, and a zero octet stays', () => {
    const long = { kind: 'DisplayText', text: 'ä'.repeat(40) } as const;
    const written = encodeMessage(long, { version: 3 });
    expect(readBack(written, 3)).toEqual({ kind: 'DisplayText', text: 'ä'.repeat(15) });
    expect(encodeMessage(long, { version: 3, latin1: true }).subarray(HEADER)).toEqual(
      Uint8Array.from({ length: 32 }, (_, i) => (i < 31 ? 0xe4 : 0)),
    );
  });

  test('an octet 0x80 before a number is a word of the phone, in any character set', () => {
    for (const latin1 of [false, true]) {
      const written = encodeMessage({ kind: 'DisplayText', text: '\u0080\u0018' }, { version: 17, latin1 });
      expect(written.subarray(HEADER, HEADER + 3)).toEqual(Uint8Array.of(0x80, 0x18, 0));
      expect(readBack(written, 17)).toEqual({ kind: 'DisplayText', text: '\u0080\u0018' });
    }
  });

  test('an IPv6 address cannot be sent to a phone of version 16 or older', () => {
    const message = {
      kind: 'PortRes',
      conferenceId: 0,
      callReference: 0,
      passThroughPartyId: 0,
      portNumber: 1,
      RTCPPortNumber: 2,
    } as const;
    expect(() => encodeMessage({ ...message, ipAddr: '2001:db8::1' }, { version: 16 })).toThrow(/address/);
    const written = encodeMessage({ ...message, ipAddr: '2001:db8::1' }, { version: 17 });
    expect(readBack(written, 17)).toMatchObject({ ipAddr: '2001:db8::1' });
  });

  test.each(['', '1.2.3', '1.2.3.4.5', '1.2.3.256', 'a.b.c.d', '::1::', '1:2:3', '12345::', 'x/::'])(
    '%j is no address',
    (ipAddr) => {
      const message = {
        kind: 'PortRes',
        conferenceId: 0,
        callReference: 0,
        passThroughPartyId: 0,
        portNumber: 1,
        RTCPPortNumber: 2,
      } as const;
      expect(() => encodeMessage({ ...message, ipAddr }, { version: 17 })).toThrow(SccpError);
    },
  );

  test('more entries than places are refused', () => {
    const definition = { instanceNumber: 1, buttonDefinition: 9 };
    const message = { kind: 'ButtonTemplateRes', buttonOffset: 0, totalButtonCount: 43 } as const;
    expect(() => encodeMessage({ ...message, definition: Array(43).fill(definition) }, { version: 17 })).toThrow(
      SccpError,
    );
  });

  test('a count beyond the places of its list is malformed', () => {
    const body = new Uint8Array(400);
    body[0] = 19;
    expect(decodeBody(0x10, body, 17)).toEqual({
      kind: 'Malformed',
      messageId: 0x10,
      claimed: 'CapabilitiesRes',
      code: 'sccp.count',
      offset: 0,
    });
  });
});

test('the version of both ends is what both know, and 3 at least', () => {
  expect([0, 3, 11, 22, 30].map((offered) => negotiatedVersion(offered))).toEqual([3, 3, 11, 22, 22]);
  expect([3, 9, 10, 12, 14, 15, 17, 22].map(headerVersionOf)).toEqual([0, 0, 10, 11, 11, 15, 17, 22]);
});
