import { eventLine, type SecurityEvent, type Severity } from '@trustline/evidence';

/** Numbers of RFC 5424 §6.2.1, table 1, that are used for messages of security. */
export const syslogFacilities = {
  daemon: 3,
  auth: 4,
  authpriv: 10,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;
export type SyslogFacility = keyof typeof syslogFacilities;

/** RFC 5424 §6.2.1, table 2. */
const severities: Readonly<Record<Severity, number>> = { alert: 1, warning: 4, notice: 5, info: 6 };

/** Octets that every receiver ought to take (RFC 5424 §6.1). */
const longestMessage = 2_048;

/** RFC 5424 §6.4: what follows is UTF-8. */
const byteOrderMark = '\ufeff';

export interface SyslogSource {
  readonly hostname: string;
  readonly processId: number;
  readonly facility: SyslogFacility;
}

/** An event as one message of syslog (RFC 5424 §6), its kind as MSGID; cut at a whole character where it is too long. */
export function syslogMessage(event: SecurityEvent, { hostname, processId, facility }: SyslogSource): Uint8Array {
  const priority = syslogFacilities[facility] * 8 + severities[event.severity];
  const header = `<${priority}>1 ${event.at} ${headerField(hostname, 255)} trustline ${processId} ${headerField(event.kind, 32)} -`;
  const octets = new TextEncoder().encode(`${header} ${byteOrderMark}${eventLine(event)}`);
  let end = Math.min(octets.byteLength, longestMessage);
  while (end < octets.byteLength && ((octets[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return octets.subarray(0, end);
}

/** A message on a stream: its length before it (RFC 6587 §3.4.1, and RFC 5425 §4.3 for TLS). */
export function framed(message: Uint8Array): Uint8Array {
  const length = new TextEncoder().encode(`${message.byteLength} `);
  const frame = new Uint8Array(length.byteLength + message.byteLength);
  frame.set(length);
  frame.set(message, length.byteLength);
  return frame;
}

/** PRINTUSASCII of a bounded length; a dash says that there is none. */
function headerField(text: string, longest: number): string {
  return text.replace(/[^\x21-\x7e]/g, '').slice(0, longest) || '-';
}
