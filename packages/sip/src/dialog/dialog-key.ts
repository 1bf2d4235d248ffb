import { headerValue } from '../message/headers.ts';
import { fromTag, toTag } from '../message/name-addr.ts';
import type { SipRequest } from '../message/types.ts';
import type { Dialog } from './dialog.ts';

/** Finds a dialog: Call-ID, our tag and the peer's tag in one text (RFC 3261 §12). */
export type DialogKey = string;

/** Neither a Call-ID nor a tag can hold a space. */
export function dialogKeyOf(callId: string, localTag: string, remoteTag: string): DialogKey {
  return `${callId} ${localTag} ${remoteTag}`;
}

export function dialogKey(dialog: Dialog): DialogKey {
  return dialogKeyOf(dialog.callId, dialog.localTag, dialog.remoteTag);
}

/** The dialog a request of the peer belongs to: our tag stands in To. Undefined outside any dialog. */
export function dialogKeyOfRequest(request: SipRequest): DialogKey | undefined {
  const localTag = toTag(request);
  return localTag === undefined
    ? undefined
    : dialogKeyOf(headerValue(request, 'Call-ID') ?? '', localTag, fromTag(request) ?? '');
}
