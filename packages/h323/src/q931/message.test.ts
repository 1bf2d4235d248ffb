import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBearerCapability, encodeBearerCapability, speech } from './bearer-capability.ts';
import { decodeCause, encodeCause } from './cause.ts';
import { decodeChannelIdentification, encodeChannelIdentification } from './channel-identification.ts';
import { decodeQ931, elementOf, encodeQ931, h225Dialect, type InformationElement, isdnDialect } from './message.ts';
import { ElementId, MessageType } from './message-types.ts';
import { decodePartyNumber, encodePartyNumber, ia5Octets, ia5Text } from './party-number.ts';
import { decodeProgressIndicator, encodeProgressIndicator, IN_BAND_INFORMATION } from './progress-indicator.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('Q.931 messages', () => {
  test('§4: a SETUP of a primary rate, with single octets, a shift and one octet of User-user length', () => {
    const input = octets('08 02 00 14 05 a1 04 03 80 90 a2 18 03 a9 83 81 96 27 01 ff 7e 02 04 31 70 04 81 31 30 30');
    const result = decodeQ931(input, isdnDialect);
    if (!result.ok) throw result.error;
    const { message } = result;
    expect(message.callReference).toEqual({ value: 0x14, fromDestination: false, length: 2 });
    expect(message.type).toBe(MessageType.Setup);
    expect(message.elements.map(({ id, codeset }) => [id, codeset])).toEqual([
      [ElementId.SendingComplete, 0],
      [ElementId.BearerCapability, 0],
      [ElementId.ChannelIdentification, 0],
      [0x96, 0],
      [0x27, 6],
      [ElementId.UserUser, 6],
      [ElementId.CalledPartyNumber, 6],
    ]);
    expect(elementOf(message, ElementId.CalledPartyNumber)).toBeUndefined();
    expect(hex(encodeQ931(message, isdnDialect))).toBe(hex(input));
  });

  test('§4.5.4: a shift that does not lock is for one element', () => {
    const result = decodeQ931(octets('0802801407 9e 01 01aa 280141'));
    if (!result.ok) throw result.error;
    expect(result.message.elements.map(({ id, codeset }) => [id, codeset])).toEqual([
      [0x9e, 0],
      [0x01, 6],
      [ElementId.Display, 0],
    ]);
    expect(result.message.callReference.fromDestination).toBe(true);
  });

  test.each([
    ['nothing', '', 'h323.truncated', 0],
    ['another protocol', '0902001405', 'h323.malformed', 0],
    ['a call reference of three octets', '080300001405', 'h323.out-of-range', 1],
    ['no type', '08020014', 'h323.truncated', 4],
    ['an element that goes beyond the end', '080200140504038090', 'h323.truncated', 5],
    ['User-user with half of its length', '08020014057e00', 'h323.truncated', 5],
  ])('%s is refused', (_, input, code, offset) => {
    const result = decodeQ931(octets(input));
    expect(result.ok ? undefined : [result.error.code, result.error.offset]).toEqual([code, offset]);
  });

  test('what is written is read as the same, in both dialects', () => {
    const element = fc.record({
      id: fc.nat({ max: 0x7f }),
      octets: fc.uint8Array({ maxLength: 255 }),
      codeset: fc.constant(0),
    });
    const reference = fc.constantFrom(
      { value: 0x7fff, fromDestination: true, length: 2 } as const,
      { value: 5, fromDestination: false, length: 1 } as const,
      { value: 0, fromDestination: false, length: 0 } as const,
    );
    fc.assert(
      fc.property(
        reference,
        fc.nat({ max: 255 }),
        fc.array(element),
        fc.boolean(),
        (callReference, type, elements, isdn) => {
          const dialect = isdn ? isdnDialect : h225Dialect;
          const message = { callReference, type, elements: elements as readonly InformationElement[] };
          expect(decodeQ931(encodeQ931(message, dialect), dialect)).toEqual({ ok: true, message });
        },
      ),
      { numRuns: 200 },
    );
  });

  test('any octets are a message or a typed error; what is read is written as the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (tail) => {
        const input = Uint8Array.of(8, 2, ...tail);
        const result = decodeQ931(input);
        if (result.ok) expect(hex(encodeQ931(result.message))).toBe(hex(input));
        else expect(result.error.offset).toBeLessThanOrEqual(input.byteLength);
      }),
      { numRuns: 500 },
    );
  });

  test('what cannot be written is refused', () => {
    const message = {
      callReference: { value: 0x8000, fromDestination: false, length: 2 },
      type: 5,
      elements: [],
    } as const;
    expect(() => encodeQ931(message)).toThrow(expect.objectContaining({ code: 'h323.not-encodable' }));
    const long = [{ id: ElementId.Display, octets: new Uint8Array(256), codeset: 0 }];
    const withLong = { ...message, callReference: { ...message.callReference, value: 1 }, elements: long };
    expect(() => encodeQ931(withLong)).toThrow(expect.objectContaining({ code: 'h323.not-encodable' }));
  });
});

describe('information elements', () => {
  test.each([
    ['normal clearing', '8090', { codingStandard: 0, location: 0, value: 16 }],
    ['busy, from a network, with a recommendation', '028091', undefined],
    ['with a diagnostic', '82e406', { codingStandard: 0, location: 2, value: 100 }],
  ])('§4.5.12: cause: %s', (_, input, expected) => {
    const cause = decodeCause(octets(input));
    if (expected !== undefined) expect(cause).toMatchObject(expected);
    if (cause === undefined) throw new Error('no cause');
    expect(hex(encodeCause(cause))).toBe(input);
  });

  test.each([
    [
      'calling 1000, presentation allowed',
      '018031303030',
      { numberingPlan: 1, presentation: { indicator: 0, screening: 0 }, digits: '1000' },
    ],
    ['called 100', '81313030', { typeOfNumber: 0, numberingPlan: 1, digits: '100' }],
    ['redirecting 7 because of busy', '21018237', { typeOfNumber: 2, reason: 2, digits: '7' }],
    ['restricted', '21a337', { presentation: { indicator: 1, screening: 3 }, digits: '7' }],
  ])('§4.5.10: number: %s', (_, input, expected) => {
    const number = decodePartyNumber(octets(input));
    expect(number).toMatchObject(expected);
    if (number !== undefined) expect(hex(encodePartyNumber(number))).toBe(input);
  });

  test('§4.5.5: bearer capability of speech, and what OPAL sends', () => {
    expect(hex(encodeBearerCapability(speech('mu')))).toBe('8090a2');
    expect(decodeBearerCapability(octets('8090a3'))).toEqual(speech('A'));
    expect(decodeBearerCapability(octets('8818bea5'))).toMatchObject({
      transferRate: 24,
      rateMultiplier: 0x3e,
      layer1: 5,
    });
  });

  test('§4.5.13: a B channel of a primary rate', () => {
    const channel = { exclusive: true, selection: 1, channel: 31 };
    expect(hex(encodeChannelIdentification(channel))).toBe('a9839f');
    expect(decodeChannelIdentification(octets('a9839f'))).toEqual(channel);
    expect(decodeChannelIdentification(octets('e9818381'))).toEqual({ ...channel, channel: 1 });
    expect(decodeChannelIdentification(octets('a3'))).toEqual({ exclusive: false, selection: 3 });
    expect(hex(encodeChannelIdentification({ exclusive: false, selection: 3 }))).toBe('a3');
    expect(decodeChannelIdentification(octets('89'))).toBeUndefined();
  });

  test('§4.5.23: progress: tones are heard', () => {
    const progress = { codingStandard: 0, location: 0, description: IN_BAND_INFORMATION };
    expect(hex(encodeProgressIndicator(progress))).toBe('8088');
    expect(decodeProgressIndicator(octets('8088'))).toEqual(progress);
    expect(decodeProgressIndicator(octets('80'))).toBeUndefined();
  });

  test('texts end before the zero octets that peers append', () => {
    expect(ia5Text(octets('6d67724100'))).toBe('mgrA');
    expect(hex(ia5Octets('mgrA é→'))).toBe('6d67724120e93f');
  });

  test('none reads past its end', () => {
    for (const decode of [
      decodeCause,
      decodePartyNumber,
      decodeBearerCapability,
      decodeChannelIdentification,
      decodeProgressIndicator,
    ]) {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 8 }), (input) => void decode(input)),
        { numRuns: 100 },
      );
    }
  });
});
