import { createCallerDialog, type Dialog, refreshTarget } from '../dialog/dialog.ts';
import { dialogKey } from '../dialog/dialog-key.ts';
import { toTag } from '../message/name-addr.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import { sdpOf } from './body.ts';
import type { SessionHost } from './host.ts';
import type { InviteSession } from './invite-session.ts';

/** Early dialogs of one forked INVITE; further branches are heard only once they accept. */
const MAXIMUM_FORKS = 32;

export interface EarlyDialog {
  readonly dialog: Dialog;
  readonly earlyAnswer: Uint8Array | undefined;
}

/** What the branches of our INVITE have said before one of them accepts, by their To tags (RFC 3261 §12.1.2). */
export class EarlyDialogs {
  readonly #byTag = new Map<string, EarlyDialog>();
  readonly #host: SessionHost;
  readonly #session: InviteSession;

  constructor(host: SessionHost, session: InviteSession) {
    this.#host = host;
    this.#session = session;
  }

  get(remoteTag: string): EarlyDialog | undefined {
    return this.#byTag.get(remoteTag);
  }

  /** Takes note of a provisional response; one without tag or Contact makes no dialog. */
  note(request: SipRequest, response: SipResponse): void {
    const tag = toTag(response);
    const made = createCallerDialog(request, response);
    if (tag === undefined || made === undefined) return;
    const known = this.#byTag.get(tag);
    if (known === undefined && this.#byTag.size >= MAXIMUM_FORKS) return;
    const dialog = known === undefined ? made : refreshTarget(known.dialog, response);
    this.#byTag.set(tag, { dialog, earlyAnswer: sdpOf(response) ?? known?.earlyAnswer });
    this.#host.bind(dialogKey(dialog), this.#session);
  }

  /** Replaces a dialog after a request of the peer in it. */
  keep(dialog: Dialog): void {
    const known = this.#byTag.get(dialog.remoteTag);
    if (known !== undefined) this.#byTag.set(dialog.remoteTag, { ...known, dialog });
  }

  leave(dialog: Dialog): void {
    this.#byTag.delete(dialog.remoteTag);
    this.#host.unbind(dialogKey(dialog));
  }

  clear(): void {
    for (const { dialog } of [...this.#byTag.values()]) this.leave(dialog);
  }
}
