import { expect, test } from 'vitest';
import { initiationFailure } from './initiation-failure.ts';

// As strongSwan 5.9.8 writes them.
test.each([
  [
    ["constraint check failed: identity 'gw1.example' required", 'sending end entity cert "CN=x"'],
    "constraint check failed: identity 'gw1.example' required",
  ],
  [["no trusted RSA public key found for 'gw1.example'"], "no trusted RSA public key found for 'gw1.example'"],
  [
    ['initiating IKE_SA gw1[1] to 10.98.0.2', 'received AUTHENTICATION_FAILED notify error'],
    'the far end has no such identity as is expected of it, or does not believe ours (AUTHENTICATION_FAILED)',
  ],
  [
    ['received TS_UNACCEPTABLE notify, no CHILD_SA built'],
    'the far end protects other addresses or ports (TS_UNACCEPTABLE)',
  ],
  [
    ['retransmit 2 of request with message ID 0', 'giving up after 2 retransmits'],
    'the far end does not answer (giving up after 2 retransmits)',
  ],
  [['initiating IKE_SA gw1[1] to 10.98.0.2'], 'it gave no reason'],
  [[], 'it gave no reason'],
])('of what the daemon wrote it is said why no association came up: %j', (lines, reason) => {
  const failure = initiationFailure(lines, 'it gave no reason');
  expect(failure.reason).toBe(reason);
  expect(failure.nextStep === undefined).toBe(reason === 'it gave no reason');
});

test('what the far end has a part in is one line of plain text, and not long', () => {
  const { reason } = initiationFailure([`no issuer certificate found for "\u001b[2J${'x'.repeat(1_000)}"`], '');
  expect(reason).toMatch(/^[\x20-\x7e]{1,200}$/);
});
