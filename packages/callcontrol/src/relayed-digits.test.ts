import { beforeEach, describe, expect, test } from 'vitest';
import type { MediaFormat } from './media.ts';
import type { CallControlOutput } from './outputs.ts';
import type { RelayPort } from './relay-state.ts';
import { audio, byDigest, descriptionOf, ofKind, only, phone, ScriptedWorld } from './scripted.fixture.ts';
import type { CallControlSettings } from './settings.ts';

const clear = { securityMode: 'non-secure', protection: byDigest } as const;
const phones = [phone('SEPA', '1001', clear), phone('SEPB', '1002', clear)];
const pcmu = { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 };
const opus = { payloadType: 96, encoding: 'opus', clockRate: 48_000, channels: 2 };
const digits = { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1 };

let next = 0;
const relay: RelayPort = { allocate: () => ({ side: next, address: '198.51.100.1', port: 20_000 + 2 * next++ }) };
beforeEach(() => {
  next = 0;
});

const speaking = (...formats: MediaFormat[]) => audio([], { formats });
const names = (output: CallControlOutput) =>
  descriptionOf(output)?.description.streams[0]?.formats.map(({ encoding }) => encoding);

function worldOf(settings: Partial<CallControlSettings> = { mediaPath: 'relayed' }) {
  return new ScriptedWorld(phones, [], settings, {}, relay);
}

describe('digits between an end that has them in its voice and one that hears them by signalling', () => {
  test('the called hears by signalling: the caller agrees on them with the relay, and each is signalled on', () => {
    const world = worldOf();
    const placed = only(world.call('1002', speaking(pcmu, digits)), 'place');
    const outputs = world.handle({ kind: 'answered', leg: placed.leg, media: speaking(pcmu), takesDigits: true });
    expect(names(only(outputs, 'accept'))).toEqual(['PCMU', 'telephone-event']);
    const [towardsCaller, towardsCalled] = ofKind(outputs, 'relay-side');
    expect(towardsCaller?.digits).toEqual({ payloadType: 101, clockRate: 8_000 });
    expect(towardsCalled?.digits).toBeUndefined();
    const side = towardsCaller?.side ?? -1;
    const heard = world.handle({ kind: 'relay-digit-heard', side, digit: '5', milliseconds: 200 });
    expect(heard).toEqual([{ kind: 'digit', leg: placed.leg, digit: '5', milliseconds: 200 }]);
    const back = world.handle({ kind: 'digit', leg: placed.leg, digit: '7', milliseconds: 160 });
    expect(only(back, 'relay-digit')).toMatchObject({ side, payloadType: 101, digit: '7' });
  });

  test('the caller hears by signalling: the called is offered them, and its answer comes without', () => {
    const world = worldOf();
    const outputs = world.call('1002', speaking(pcmu, { ...opus, payloadType: 101 }), { takesDigits: true });
    const placed = only(outputs, 'place');
    expect(names(placed)).toEqual(['PCMU', 'opus', 'telephone-event']);
    const offered = placed.offer?.streams[0]?.formats.at(-1) as MediaFormat;
    expect(offered.payloadType).toBe(102); // 101 is taken
    const answered = world.handle({ kind: 'answered', leg: placed.leg, media: speaking(pcmu, offered) });
    expect(names(only(answered, 'accept'))).toEqual(['PCMU']);
    const [, towardsCalled] = ofKind(answered, 'relay-side');
    expect(towardsCalled?.digits).toEqual({ payloadType: 102, clockRate: 8_000 });
    const side = towardsCalled?.side ?? -1;
    const heard = world.handle({ kind: 'relay-digit-heard', side, digit: '#', milliseconds: 100 });
    expect(heard).toEqual([{ kind: 'digit', leg: 'a', digit: '#', milliseconds: 100 }]);
  });

  test.each([
    ['both have them in their voice', [pcmu, digits], true, { mediaPath: 'relayed' }],
    ['the other has not said that it takes them', [pcmu], false, { mediaPath: 'relayed' }],
    ['the media go straight', [pcmu], true, { mediaPath: 'direct' }],
  ] as const)('not where %s', (_, formats, takesDigits, settings) => {
    const world = worldOf(settings);
    const placed = only(world.call('1002', speaking(pcmu, digits)), 'place');
    const outputs = world.handle({ kind: 'answered', leg: placed.leg, media: speaking(...formats), takesDigits });
    expect(names(only(outputs, 'accept'))).toEqual(formats.map(({ encoding }) => encoding));
    expect(ofKind(outputs, 'relay-side').every((side) => side.digits === undefined)).toBe(true);
  });

  test('also between two whom the relay transcodes', () => {
    const world = worldOf({ mostTranscoders: 1 });
    const first = only(world.call('1002', speaking(opus, digits)), 'place');
    const again = only(world.handle({ kind: 'refused', leg: first.leg, cause: 'not-acceptable-here' }), 'place');
    const outputs = world.handle({ kind: 'answered', leg: again.leg, media: speaking(pcmu), takesDigits: true });
    expect(names(only(outputs, 'accept'))).toEqual(['opus', 'telephone-event']);
    const [towardsCaller] = ofKind(outputs, 'relay-side');
    expect(towardsCaller).toMatchObject({ digits: { payloadType: 101, clockRate: 8_000 } });
  });

  test('a digit of a side that is gone is nothing', () => {
    expect(worldOf().handle({ kind: 'relay-digit-heard', side: 7, digit: '1', milliseconds: 100 })).toEqual([]);
  });
});
