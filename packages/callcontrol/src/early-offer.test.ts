import { describe, expect, test } from 'vitest';
import { audio, byDigest, eventKindsOf, keyOf, ofKind, only, phone, ScriptedWorld } from './scripted.fixture.ts';

const [alice, bob] = [phone('SEPA', '1001'), phone('SEPB', '1002')];

/** Alice hears early media of Bob, who takes another offer before his answer. */
function hearing({ takesOffers = true, world = new ScriptedWorld([alice, bob]) } = {}) {
  const { leg: b } = only(world.call('1002', audio([keyOf(1)])), 'place');
  world.handle({ kind: 'progress', leg: b, answer: audio([keyOf(2)]), takesOffers });
  const offers = (seed = 3) => world.handle({ kind: 'offer', leg: 'a', offer: audio([keyOf(seed)], { port: 5000 }) });
  return { world, b, offers };
}

describe('a caller that changes its media before the answer (RFC 3311 §5.1)', () => {
  test('is heard by the called, whose answer comes back, and is what both have when the call is answered', () => {
    const { world, b, offers } = hearing();
    expect(only(offers(), 'offer')).toMatchObject({ leg: b, offer: audio([keyOf(3)], { port: 5000 }) });
    const answered = world.handle({ kind: 'answer', leg: b, answer: audio([keyOf(4)]) });
    expect(only(answered, 'answer')).toMatchObject({ leg: 'a', answer: audio([keyOf(4)]) });
    const outputs = world.handle({ kind: 'answered', leg: b });
    expect(only(outputs, 'accept')).toMatchObject({ answer: audio([keyOf(4)]), level: 'encrypted' });
    expect(ofKind(outputs, 'offer')).toEqual([]);
  });

  test('keeps what it had where the called refuses', () => {
    const { world, b, offers } = hearing();
    offers();
    const refused = world.handle({ kind: 'offer-refused', leg: b, cause: 'not-acceptable-here' });
    expect(only(refused, 'refuse-offer')).toMatchObject({ leg: 'a', cause: 'not-acceptable-here' });
    expect(only(world.handle({ kind: 'answered', leg: b }), 'accept').answer).toEqual(audio([keyOf(2)]));
  });

  test('is told so where the called takes none before its answer', () => {
    const refused = only(hearing({ takesOffers: false }).offers(), 'refuse-offer');
    expect(refused).toMatchObject({ leg: 'a', cause: 'glare' });
    expect(refused.warning).toContain('before the answer');
  });

  test('is answered after the call, where the called answers that first', () => {
    const { world, b, offers } = hearing();
    offers();
    expect(only(world.handle({ kind: 'answered', leg: b }), 'accept').answer).toEqual(audio([keyOf(2)]));
    const after = world.handle({ kind: 'answer', leg: b, answer: audio([keyOf(4)]) });
    expect(only(after, 'answer')).toMatchObject({ leg: 'a', answer: audio([keyOf(4)]) });
    expect(world.control.calls()).toMatchObject([{ state: 'connected', level: 'encrypted' }]);
  });

  test('has its offer refused when the called rings no longer, and goes on to whom it is forwarded', () => {
    const world = new ScriptedWorld([alice, bob, phone('SEPC', '1003')]);
    world.forwarding.set('1002', { busy: '1003' });
    const { b, offers } = hearing({ world });
    offers();
    const outputs = world.handle({ kind: 'refused', leg: b, cause: 'user-busy' });
    expect(only(outputs, 'refuse-offer')).toMatchObject({ leg: 'a' });
    expect(only(outputs, 'place')).toMatchObject({ device: 'SEPC' });
    expect(world.handle({ kind: 'answer', leg: b, answer: audio([keyOf(4)]) })).toEqual([]);
  });

  test('cannot make a secure call clear so', () => {
    const world = new ScriptedWorld([alice, bob], [{ pattern: '1002', target: { kind: 'lines' }, policy: 'require' }]);
    const { b } = hearing({ world });
    const outputs = world.handle({ kind: 'offer', leg: 'a', offer: audio([]) });
    expect(only(outputs, 'refuse-offer').leg).toBe('a');
    expect(eventKindsOf(outputs).length).toBe(1);
    expect(only(world.handle({ kind: 'answered', leg: b }), 'accept').level).toBe('encrypted');
  });

  test('ends the call where the called answers without the key', () => {
    const { world, b, offers } = hearing();
    offers();
    const outputs = world.handle({ kind: 'answer', leg: b, answer: audio([]) });
    expect(only(outputs, 'refuse')).toMatchObject({ leg: 'a', cause: 'security-lost' });
    expect(world.control.calls()).toEqual([]);
  });

  test('may do so in the clear as well', () => {
    const world = new ScriptedWorld([
      phone('SEPA', '1001', { securityMode: 'non-secure', protection: byDigest }),
      phone('SEPB', '1002', { securityMode: 'non-secure', protection: byDigest }),
    ]);
    const { leg: b } = only(world.call('1002', audio([])), 'place');
    world.handle({ kind: 'progress', leg: b, answer: audio([]), takesOffers: true });
    expect(only(world.handle({ kind: 'offer', leg: 'a', offer: audio([], { port: 5000 }) }), 'offer').leg).toBe(b);
  });
});
