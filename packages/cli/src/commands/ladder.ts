import type { SecurityLevel } from '@trustline/evidence';
import type { TracedMessage } from '@trustline/manager';
import { printable } from '../terminal.ts';

/** Columns of a party at either side of the manager. */
const partyWidth = 15;

/** SGR codes (ECMA-48 §8.3.117): green, yellow, red. */
const colours: Readonly<Record<SecurityLevel, number>> = { encrypted: 32, authenticated: 33, 'non-secure': 31 };

/**
 * A message as one rung: the calling party to the left of the manager, the called to the right.
 *
 *     10:01:22.345 3fa2b1 encrypted      1001 ──▶ │           INVITE 1002  RTP/SAVP AES_CM_128_HMAC_SHA1_80
 *     10:01:22.347 3fa2b1 encrypted               │ ──▶ 1002  INVITE 1002  RTP/SAVP AES_CM_128_HMAC_SHA1_80
 *
 * @param takesColour whether the level is coloured
 */
export function rungOf(message: TracedMessage, takesColour: boolean): string {
  const { at, leg, device, remote, direction, words, media, reason } = message;
  const party = (leg?.line || device) ?? remote;
  const name = printable(party).slice(0, partyWidth);
  // The far end of a called leg stands to the right: what it sends goes to the left.
  const toTheRight = leg?.role === 'called' ? direction === 'sent' : direction === 'received';
  const arrow = toTheRight ? '──▶' : '◀──';
  const rung =
    leg?.role === 'called'
      ? `${' '.repeat(partyWidth + 5)}│ ${arrow} ${name.padEnd(partyWidth)}`
      : `${name.padStart(partyWidth)} ${arrow} │ ${' '.repeat(partyWidth + 4)}`;
  const level = leg?.level ?? '';
  const shown = leg === null || !takesColour ? level.padEnd(13) : coloured(leg.level);
  const said = `${words}${media === null ? '' : `  ${media}`}${reason === null ? '' : `  (${reason})`}`;
  return `${at.slice(11, 23)} ${(leg?.call ?? '').slice(0, 6).padEnd(6)} ${shown} ${rung} ${printable(said)}\n`;
}

function coloured(level: SecurityLevel): string {
  return `\u001b[${colours[level]}m${level.padEnd(13)}\u001b[0m`;
}
