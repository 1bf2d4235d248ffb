import { type Dialog, skipSequences } from '../dialog/dialog.ts';
import type { SipRequest } from '../message/types.ts';
import type { KeptSessionTimer } from './session-timer.ts';

/**
 * What of an established session outlives the process that holds it, as plain data without any key: the other end goes on
 * with it, and whoever is given this can too. Times are in milliseconds from the moment at which it was taken.
 */
export interface KeptSession {
  readonly direction: 'outgoing' | 'incoming';
  readonly dialog: Dialog;
  /** The methods of the peer's last Allow; absent while it has sent none. */
  readonly peerAllows?: readonly string[];
  /** How the session is watched (RFC 4028); absent where it is not. */
  readonly timer?: KeptSessionTimer;
  /** When a refresh of ours is due; absent where the peer refreshes. */
  readonly refreshIn?: number;
  /** When the session is over unless it is refreshed. */
  readonly endIn?: number;
}

/**
 * Requests that may have been sent since a session was taken down. A number that is higher than the last by more than
 * one is no error (RFC 3261 §12.2.2); one that was there before is.
 */
const SEQUENCES_SKIPPED = 10_000;

/** The dialog as it goes on in another process. */
export function resumedDialog(dialog: Dialog): Dialog {
  return skipSequences(dialog, SEQUENCES_SKIPPED);
}

/** Stands for the INVITE that began a session which was taken up again: what identifies it, and nothing that it offered. */
export function beginningOf({ direction, dialog }: KeptSession): SipRequest {
  const { localAddress, remoteAddress, callId } = dialog;
  const isOurs = direction === 'outgoing';
  return {
    kind: 'request',
    method: 'INVITE',
    uri: dialog.remoteTarget,
    headers: [
      { name: 'From', value: isOurs ? localAddress : remoteAddress },
      { name: 'To', value: isOurs ? remoteAddress : localAddress },
      { name: 'Call-ID', value: callId },
    ],
    body: new Uint8Array(0),
  };
}
