import { phoneTexts, statusOfCause } from '@trustline/manager';
import { endingOfStatus, endingOfWords, isAboutProtection } from '@trustline/phone';
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

test.each(Object.entries(phoneTexts))(
  'a phone of Skinny (%s) knows the words about the protection of a gateway from all others that it shows',
  (_, texts) => {
    const { protectionGone, protectionBack, protectionNotBack, connected, encryptedTo } = texts;
    const filled = (text: string) => text.replace('{}', 'gw1');
    expect([protectionGone, protectionBack].map(filled).map(isAboutProtection)).toEqual([true, true]);
    expect([connected, encryptedTo, protectionNotBack].map(filled).map(isAboutProtection)).toEqual([
      false,
      false,
      false,
    ]);
    expect(endingOfWords(filled(protectionNotBack))).toBe(endingBySip(statusOfCause('protection-gone')));
  },
);
