import { describe, expect, test } from 'vitest';
import {
  callControlCauseOf,
  causeOfReason,
  causeOfSipStatus,
  knownCauseValues,
  reasonOfCause,
  sipStatusOfCause,
  wordsOfCause,
} from './cause-table.ts';

describe('causes, reasons and responses', () => {
  test('H.225.0 table 5: a reason that stands alone is said as its cause', () => {
    expect(causeOfReason({ kind: 'inConf' })).toBe(17);
    expect(causeOfReason({ kind: 'adaptiveBusy' })).toBe(41);
    expect(causeOfReason({ kind: 'securityDenied' })).toBe(31);
    expect(causeOfReason({ kind: '...', index: 40, octets: new Uint8Array(1) } as never)).toBe(31);
  });

  test.each([17, 20, 28, 34, 38, 41, 42, 88, 25] as const)('cause %i comes back from its reason', (value) => {
    expect(causeOfReason({ kind: reasonOfCause(value) })).toBe(value);
  });

  test('RFC 3398 §7.2.4.1: causes as final responses, a rejection by the called as 603', () => {
    expect([1, 17, 19, 27, 28, 34, 102, 127].map((value) => sipStatusOfCause(value))).toEqual([
      404, 486, 480, 502, 484, 503, 504, 500,
    ]);
    expect([sipStatusOfCause(21), sipStatusOfCause(21, 2), sipStatusOfCause(21, 0)]).toEqual([403, 403, 603]);
  });

  test('RFC 3398 §8.2.6.1: final responses as causes, unknown ones as those of their class', () => {
    expect([404, 486, 484, 480, 603, 503, 302].map(causeOfSipStatus)).toEqual([1, 17, 28, 18, 21, 41, 23]);
    expect([499, 599, 699].map(causeOfSipStatus)).toEqual([127, 41, 21]);
  });

  test('Q.850 §2.1: what is unknown is said as the last of its class; every value has words', () => {
    expect([callControlCauseOf(30), callControlCauseOf(43), callControlCauseOf(99)]).toEqual([
      'normal-clearing',
      'resource-unavailable',
      'protocol-error',
    ]);
    for (let value = 0; value < 128; value++) {
      expect(wordsOfCause(value).length).toBeGreaterThan(3);
      expect(sipStatusOfCause(value)).toBeGreaterThanOrEqual(400);
    }
    expect(knownCauseValues).toContain(57);
  });
});
