import { phoneTexts, statusOfCause } from '@trustline/manager';
import { endingOfStatus, endingOfWords } from '@trustline/phone';
import type { SipMessage } from '@trustline/sip';
import { expect, test } from 'vitest';

type Cause = Parameters<typeof statusOfCause>[0];

/** SIP says 488 for any description that is not taken: a display says which of these it was. */
const toldBetter: Readonly<Partial<Record<Cause, string>>> = {
  'incompatible-destination': 'refused',
  bandwidth: 'refused',
};

function endingBySip(status: number): string {
  const response = { kind: 'response', status, reason: 'Refused', headers: [], body: new Uint8Array() } as const;
  return endingOfStatus(status, response as unknown as SipMessage, true);
}

test.each(Object.entries(phoneTexts))(
  'a script learns the same of a call from a phone of Skinny (%s) as from one of SIP, whatever it came to',
  (_, { ends: { other, ...ends } }) => {
    expect(endingOfWords(other)).toBeUndefined();
    for (const [cause, words] of Object.entries(ends) as [Cause, string][]) {
      expect(endingOfWords(words) ?? 'failed', cause).toBe(toldBetter[cause] ?? endingBySip(statusOfCause(cause)));
    }
  },
);
