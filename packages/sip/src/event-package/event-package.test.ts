import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatEventType, parseEventType } from '../subscription/event-type.ts';
import {
  formatSubscriptionState,
  parseSubscriptionState,
  subscriptionReasons,
} from '../subscription/subscription-state.ts';
import { dialogStates, formatDialogInfo, parseDialogInfo } from './dialog-info.ts';
import { formatMessageSummary, messageClasses, parseMessageSummary } from './message-summary.ts';
import { formatPresence, parsePresence } from './pidf.ts';
import { contactEvents, formatRegInfo, parseRegInfo } from './reg-info.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,12}$/);
/** Of one line, without space at its ends, which XML readers may take away. */
const text = fc.string({ unit: 'binary', maxLength: 20 }).map((one) => one.replace(/[\p{C}\s\ufffe\uffff]/gu, 'x'));
const filled = text.filter((one) => one !== '');
const count = fc.nat(4_294_967_295);

/** Values of the arbitrary are the same after writing and reading. */
function survives<Value>(
  values: fc.Arbitrary<Value>,
  write: (value: never) => unknown,
  read: (written: never) => unknown,
) {
  fc.assert(
    fc.property(values, (value) => {
      expect(read(write(value as never) as never)).toEqual(value);
    }),
  );
}

describe('what is written is read again', () => {
  const party = fc.record({ uri: filled, displayName: text }, { requiredKeys: ['uri'] });
  const dialog = fc.record(
    {
      id: filled,
      state: fc.constantFrom(...dialogStates),
      direction: fc.constantFrom('initiator', 'recipient'),
      callId: text,
      localTag: text,
      remoteTag: text,
      local: party,
      remote: party,
    },
    { requiredKeys: ['id', 'state'] },
  );
  const partial = fc.constantFrom('full' as const, 'partial' as const);

  test('dialog information (RFC 4235 §4)', () => {
    const info = fc.record({
      version: fc.nat(),
      state: partial,
      entity: text,
      dialogs: fc.array(dialog, { maxLength: 4 }),
    });
    survives(info, formatDialogInfo, parseDialogInfo);
  });

  test('presence (RFC 3863 §4, RFC 4480 §3.2)', () => {
    const tuple = fc.record(
      { id: filled, basic: fc.constantFrom('open' as const, 'closed' as const), contact: text, note: text },
      { requiredKeys: ['id', 'basic'] },
    );
    const presence = fc.record(
      {
        entity: text,
        tuples: fc.array(tuple, { maxLength: 3 }),
        activities: fc.subarray(['on-the-phone', 'busy', 'away']),
        note: text,
      },
      { requiredKeys: ['entity', 'tuples', 'activities'] },
    );
    survives(presence, formatPresence, parsePresence);
  });

  test('registrations (RFC 3680 §5)', () => {
    const contact = fc.record(
      {
        id: filled,
        state: fc.constantFrom('active', 'terminated'),
        event: fc.constantFrom(...contactEvents),
        uri: text,
        expires: count,
        callId: text,
        sequence: count,
      },
      { requiredKeys: ['id', 'state', 'event', 'uri'] },
    );
    const registration = fc.record({
      addressOfRecord: text,
      id: filled,
      state: fc.constantFrom('init', 'active', 'terminated'),
      contacts: fc.array(contact, { maxLength: 3 }),
    });
    const info = fc.record({
      version: fc.nat(),
      state: partial,
      registrations: fc.array(registration, { maxLength: 3 }),
    });
    survives(info, formatRegInfo, parseRegInfo);
  });

  test('messages that wait (RFC 3842 §5.2)', () => {
    const pair = { new: count, old: count };
    const counts = fc.record({ ...pair, urgent: fc.record(pair) }, { requiredKeys: ['new', 'old'] });
    const summary = fc.record(
      {
        waiting: fc.boolean(),
        account: token,
        counts: fc.record(Object.fromEntries(messageClasses.map((name) => [name, counts])), { requiredKeys: [] }),
      },
      { requiredKeys: ['waiting', 'counts'] },
    );
    survives(summary, formatMessageSummary, parseMessageSummary);
  });

  test('Event and Subscription-State (RFC 6665 §8.2)', () => {
    const parameters = fc.array(
      fc.record({ name: token.filter((one) => !/^(id|reason|expires|retry-after)$/i.test(one)), value: token }),
      { maxLength: 2 },
    );
    const event = fc.record({ package: token, id: fc.option(token, { nil: undefined }), parameters });
    survives(event, formatEventType, parseEventType);
    const seconds = fc.option(count, { nil: undefined });
    const state = fc.record({
      state: fc.constantFrom('active', 'pending', 'terminated'),
      reason: fc.option(fc.constantFrom(...subscriptionReasons), { nil: undefined }),
      expires: seconds,
      retryAfter: seconds,
      parameters,
    });
    survives(state, formatSubscriptionState, parseSubscriptionState);
  });
});

describe('what others write', () => {
  test('prefixes and elements of others do not hide what is meant (RFC 4235 §4.2)', () => {
    const read = parseDialogInfo(
      bytes(`<d:dialog-info xmlns:d="urn:ietf:params:xml:ns:dialog-info" xmlns:x="urn:x" version="7" state="partial"
        entity="sip:1001@example"><x:more/><d:dialog id="a" direction="recipient"><x:state>odd</x:state>
        <d:state event="cancelled" code="487">terminated</d:state></d:dialog></d:dialog-info>`),
    );
    expect(read).toEqual({
      version: 7,
      state: 'partial',
      entity: 'sip:1001@example',
      dialogs: [{ id: 'a', direction: 'recipient', state: 'terminated' }],
    });
  });

  test('a document type, an undeclared prefix and another root are nothing', () => {
    const presence = '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:a@b"/>';
    expect(parsePresence(bytes(presence))).toEqual({ entity: 'sip:a@b', tuples: [], activities: [] });
    expect(parsePresence(bytes(`<!DOCTYPE presence [<!ENTITY e "x">]>${presence}`))).toBeUndefined();
    expect(parsePresence(bytes(presence.replace('/>', '><p:tuple id="a"/></presence>')))).toBeUndefined();
    expect(parsePresence(bytes(presence.replace('presence xmlns', 'other xmlns')))).toBeUndefined();
    expect(parsePresence(bytes(presence.replace('pidf"', 'other"')))).toBeUndefined();
  });

  test('a summary in any case, with messages described after it, and none without its status line (RFC 3842 §5.2)', () => {
    const summary = 'MESSAGES-WAITING: YES\r\nvoice-message: 4/8 ( 1/2 )\r\n\r\nTo: alice\r\n';
    expect(parseMessageSummary(bytes(summary))).toEqual({
      waiting: true,
      counts: { 'voice-message': { new: 4, old: 8, urgent: { new: 1, old: 2 } } },
    });
    expect(parseMessageSummary(bytes('Voice-Message: 1/0\r\n'))).toBeUndefined();
  });

  test('what XML cannot hold is not written into it', () => {
    const info = { version: 0, state: 'full', entity: 'sip:a\u0000@b', dialogs: [] } as const;
    expect(parseDialogInfo(formatDialogInfo(info))?.entity).toBe('sip:a\ufffd@b');
  });

  test('no octets throw', () => {
    const readers = [parseDialogInfo, parsePresence, parseRegInfo, parseMessageSummary];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (body) => {
        for (const read of readers) read(body);
      }),
    );
  });
});
