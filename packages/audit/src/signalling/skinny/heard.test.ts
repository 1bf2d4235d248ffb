import { expect, describe as group, test } from 'vitest';
import { CaptureScript, type Key, keyNumber } from '../../traps/capture-script.fixture.ts';
import { calledMedia, callerMedia, callOfPhone, phoneReceives, phoneSends } from './messages.fixture.ts';

const manager = { address: '192.0.2.1', port: 2_000 };
const phones = [callerMedia, calledMedia].map(({ address }) => ({ address, port: 50_000 }));
const keyOf = ({ key, salt }: typeof phoneSends): Key => keyNumber(0, { master: key, salt });

/** Two phones at one manager, and what they say to each other. */
function captureOf({ secure, fromCaller, fromCalled }: { secure: boolean; fromCaller?: Key; fromCalled?: Key }) {
  const script = new CaptureScript();
  const begun = script.now;
  for (const [at, role] of (['caller', 'called'] as const).entries()) {
    const said = callOfPhone(17, { secure, role, reference: 17 + at, hangsUp: false });
    // Both at the same time.
    script.now = begun + 1_000 * at;
    script.connection(
      phones[at] ?? manager,
      manager,
      said.flatMap(([from, octets]) => (typeof octets === 'number' ? [] : [{ from, octets }])),
    );
  }
  script.sent.sort((one, other) => one.microseconds - other.microseconds);
  script.voices(
    { from: callerMedia, to: calledMedia, ssrc: 1, ...(fromCaller && { key: fromCaller }) },
    { from: calledMedia, to: callerMedia, ssrc: 2, speech: 2, ...(fromCalled && { key: fromCalled }) },
  );
  return script;
}

group('two phones of one manager, as an auditor is told of them', () => {
  test('with keys over a connection that is not TLS: both ways are heard, each by its own key, in one call of two legs', () => {
    const { calls } = captureOf({
      secure: true,
      fromCaller: keyOf(phoneSends),
      fromCalled: keyOf(phoneReceives),
    }).audited();
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect(call).toMatchObject({ verdict: 'heard', caller: { number: '2001' }, called: { number: '2002' } });
    expect(call?.legs.map(({ protocol }) => protocol)).toEqual(['skinny', 'skinny']);
    expect(call?.streams.map(({ state, key }) => [state, key?.source, key?.exposed])).toEqual([
      ['opened', 'skinny', true],
      ['opened', 'skinny', true],
    ]);
    expect(call?.heardSeconds).toBeGreaterThan(2);
  });

  test('with keys that are not those of the media: they lay open, and nothing was heard', () => {
    const { calls } = captureOf({ secure: true, fromCaller: keyNumber(5), fromCalled: keyNumber(6) }).audited();
    expect(calls.map(({ verdict }) => verdict)).not.toContain('protected');
    expect(calls[0]?.heardSeconds).toBe(0);
  });

  test('without keys: the voice went in the clear, and so did the digits', () => {
    const { calls } = captureOf({ secure: false }).audited();
    expect(calls.map(({ verdict }) => verdict)).toEqual(['heard']);
    expect(calls[0]?.digits).toMatchObject([{ how: 'skinny-keypad', count: 2 }]);
  });
});
