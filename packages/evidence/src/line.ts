import type { SecurityEvent } from './event.ts';
import type { CallRecord, CallRecordLeg } from './record.ts';

/**
 * An event as one readable line:
 * `2026-11-23T18:42:00.000Z warning handshake-refused SEP001122334455 192.0.2.7:49152: The certificate expired
 * yesterday. Next: …`
 */
export function eventLine(event: SecurityEvent): string {
  const about = [
    event.device,
    event.line === undefined ? undefined : `line ${event.line}`,
    event.call === undefined ? undefined : `call ${event.call}`,
    event.kind === 'level-changed' ? `${event.from} -> ${event.to}` : undefined,
    event.remoteAddress,
  ].filter((part) => part !== undefined);
  const subject = [event.at, event.severity, event.kind, ...about].join(' ');
  const next = event.nextStep === undefined ? '' : ` Next: ${event.nextStep}`;
  return oneLine(`${subject}: ${event.cause}${behest(event)}${next}`);
}

/** Who asked for it, and why: ` By operator ada: Reception has moved.` */
function behest({ actor, statedReason }: SecurityEvent): string {
  if (actor === undefined) return '';
  return statedReason === undefined ? ` By ${actor}.` : ` By ${actor}: ${statedReason.replace(/\.$/, '')}.`;
}

/** A call record as one readable line. */
export function recordLine(record: CallRecord): string {
  const parties = record.legs.map(legWords).join(' -> ');
  const seconds =
    record.answeredAt === undefined
      ? ''
      : ` ${Math.max(0, Math.round((Date.parse(record.endedAt) - Date.parse(record.answeredAt)) / 1000))} s`;
  return oneLine(
    `${record.startedAt} call ${record.call} ${parties} ${record.level} ${record.outcome}${seconds}: ${record.cause}`,
  );
}

function legWords(leg: CallRecordLeg): string {
  const who = leg.party.line ?? leg.party.number ?? leg.party.device ?? leg.role;
  return `${who} (${leg.protocol}, ${leg.signalling}, ${leg.suite ?? 'no SRTP'})`;
}

/** Text of strangers reaches these lines: a control character could forge another line or drive a terminal. */
function oneLine(text: string): string {
  // C0, DEL, C1, the line separators, and the marks that reorder what is displayed.
  return text.replace(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
