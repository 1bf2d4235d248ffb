/** What watchers are told: pure functions from what is true to the documents of the event packages. */
import { createHash } from 'node:crypto';
import type { LineCall } from '@trustline/callcontrol';
import {
  type DialogStateName,
  escapeUser,
  formatDialogInfo,
  formatHost,
  formatMessageSummary,
  formatPresence,
  formatRegInfo,
  type WatchedDialog,
} from '@trustline/sip';
import type { Registration } from '../device-directory.ts';
import type { DialogView } from './watching-rights.ts';

/** A dialog of a watched phone with us, as its Replaces header names it: the local tag is the phone's. */
export interface DialogIdentifiers {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

/** Messages of a line that wait somewhere else. */
export interface WaitingMessages {
  readonly new: number;
  readonly old: number;
}

/** The address of a line at the host that a watcher knows us by. */
export function addressOfLine(line: string, host: string): string {
  return `sip:${escapeUser(line)}@${formatHost(host)}`;
}

/** The calls of a line as a watcher with this view may know them (RFC 4235). Never a key, and no target but the identity. */
export function dialogDocument(
  line: string,
  host: string,
  calls: readonly LineCall[],
  view: DialogView,
  identifiersOf: (leg: string) => DialogIdentifiers | undefined,
  version: number,
): Uint8Array {
  const entity = addressOfLine(line, host);
  const dialogs = calls.map((call): WatchedDialog => {
    const identifiers = view.identifiers ? identifiersOf(call.leg) : undefined;
    const { number, displayName, anonymous } = call.other;
    const isShown = view.identities && !anonymous && number !== '';
    return {
      id: nameOf(call.leg),
      state: dialogState(call),
      direction: call.role === 'calling' ? 'initiator' : 'recipient',
      ...identifiers,
      local: { uri: entity },
      ...(isShown
        ? { remote: { uri: addressOfLine(number, host), ...(displayName === undefined ? {} : { displayName }) } }
        : {}),
    };
  });
  return formatDialogInfo({ version, state: 'full', entity, dialogs });
}

/** Our name of a leg is nobody else's business. */
function nameOf(leg: string): string {
  return createHash('sha256').update(leg).digest('hex').slice(0, 16);
}

function dialogState({ state }: LineCall): DialogStateName {
  if (state === 'connected') return 'confirmed';
  // A called phone that has been sent the INVITE and says nothing yet is `trying` as well (RFC 4235 §3.7.1).
  if (state === 'trying') return 'trying';
  return 'early';
}

/** What one does who has a line: never with whom. */
export type LineActivity = 'not-registered' | 'idle' | 'ringing' | 'on-the-phone' | 'do-not-disturb';

/** A line rings while nobody has answered and nobody of it calls or talks. */
export function activityOf(calls: readonly LineCall[], isRegistered: boolean, mustNotRing: boolean): LineActivity {
  if (!isRegistered) return 'not-registered';
  if (calls.length === 0) return mustNotRing ? 'do-not-disturb' : 'idle';
  return calls.every(({ role, state }) => role === 'called' && state !== 'connected') ? 'ringing' : 'on-the-phone';
}

const activityNotes: Readonly<Record<LineActivity, string>> = {
  'not-registered': 'Not registered',
  idle: 'Available',
  ringing: 'Ringing',
  'on-the-phone': 'On the phone',
  'do-not-disturb': 'Do not disturb',
};

/** By their elements in RFC 4480 §3.2. */
const activities: Readonly<Partial<Record<LineActivity, readonly string[]>>> = {
  'on-the-phone': ['on-the-phone'],
  'do-not-disturb': ['busy'],
};

/** A line's presence (RFC 3863, RFC 4480): the state agent's word, since phones do not publish theirs. */
export function presenceDocument(line: string, host: string, activity: LineActivity): Uint8Array {
  const entity = addressOfLine(line, host);
  return formatPresence({
    entity,
    tuples: [
      {
        id: `line-${escapeUser(line).replace(/[^A-Za-z0-9]/g, '_')}`,
        basic: activity === 'not-registered' ? 'closed' : 'open',
        contact: entity,
        note: activityNotes[activity],
      },
    ],
    activities: activities[activity] ?? [],
    note: activityNotes[activity],
  });
}

/** A line's messages (RFC 3842). */
export function messageSummaryDocument(line: string, host: string, { new: fresh, old }: WaitingMessages): Uint8Array {
  return formatMessageSummary({
    waiting: fresh > 0,
    account: addressOfLine(line, host),
    counts: { 'voice-message': { new: fresh, old } },
  });
}

/** The registrations of a line by one device (RFC 3680). */
export function regDocument(
  line: string,
  host: string,
  registrations: readonly Registration[],
  now: number,
  version: number,
): Uint8Array {
  return formatRegInfo({
    version,
    state: 'full',
    registrations: [
      {
        addressOfRecord: addressOfLine(line, host),
        id: `line-${line}`,
        state: registrations.length > 0 ? 'active' : 'init',
        contacts: registrations.map(({ binding }) => ({
          id: nameOf(`${binding.callId} ${binding.uri}`),
          state: 'active',
          event: 'registered',
          uri: binding.uri,
          expires: Math.max(0, Math.round((binding.expiresAt - now) / 1_000)),
          callId: binding.callId,
          sequence: binding.sequence,
        })),
      },
    ],
  });
}
