/**
 * Digits in INFO, as phones send them that have no telephone-events: `application/dtmf-relay`, which Cisco defined (signal and
 * duration, a line each), and `application/dtmf`, the digit alone.
 */
import { headerValue, type InviteSession, type SipRequest } from '@trustline/sip';

export interface DtmfInfo {
  /** `0` to `9`, `*`, `#`, `A` to `D`. */
  readonly digit: string;
  readonly milliseconds: number;
}

const usualMilliseconds = 160;
const longestMilliseconds = 5_000;

/** The content type in which digits are sent. */
export const dtmfRelayType = 'application/dtmf-relay';

/** Whether a far end has said that it takes digits so: its Allow names INFO. */
export function takesDtmfInfo(session: InviteSession): boolean {
  return session.peerNames('INFO');
}

/** The digit of an INFO; undefined where it has none. */
export function readDtmfInfo(request: SipRequest): DtmfInfo | undefined {
  const type = headerValue(request, 'Content-Type')?.split(';')[0]?.trim().toLowerCase();
  const text = new TextDecoder('latin1').decode(request.body);
  if (type === 'application/dtmf') return digitOf(text.trim(), undefined);
  if (type !== dtmfRelayType) return undefined;
  const field = (name: string) => new RegExp(`^${name}[ \\t]*=[ \\t]*(\\S+)[ \\t]*\\r?$`, 'im').exec(text)?.[1];
  return digitOf(field('Signal') ?? '', field('Duration'));
}

export function writeDtmfInfo({ digit, milliseconds }: DtmfInfo): Uint8Array {
  return new TextEncoder().encode(`Signal=${digit}\r\nDuration=${milliseconds}\r\n`);
}

function digitOf(signal: string, duration: string | undefined): DtmfInfo | undefined {
  // Some write the event's number of RFC 4733 for the two signs.
  const digit = ({ '10': '*', '11': '#' } as Readonly<Record<string, string>>)[signal] ?? signal.toUpperCase();
  if (!/^[0-9*#A-D]$/.test(digit)) return undefined;
  const milliseconds = duration !== undefined && /^\d{1,5}$/.test(duration) ? Number(duration) : usualMilliseconds;
  return { digit, milliseconds: Math.min(longestMilliseconds, Math.max(40, milliseconds)) };
}
