import { createCallerDialog, type Dialog, refreshTarget } from '../dialog/dialog.ts';
import { dialogKey } from '../dialog/dialog-key.ts';
import { headerValues } from '../message/headers.ts';
import { toTag } from '../message/name-addr.ts';
import { reliableNumber } from '../message/reliable.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import { sdpOf } from './body.ts';
import type { SessionHost } from './host.ts';
import type { InviteSession } from './invite-session.ts';

/** Early dialogs of one forked INVITE; further branches are heard only once they accept. */
const MAXIMUM_FORKS = 32;

export interface EarlyDialog {
  readonly dialog: Dialog;
  readonly earlyAnswer: Uint8Array | undefined;
  /** The answer came reliably: what later responses describe is ignored (RFC 3261 §13.2.1, RFC 3262 §5). */
  readonly isAnswered: boolean;
  /** The lines of its last Allow; none while it has sent none. */
  readonly allow: readonly string[];
  /** The RSeq heard last (RFC 3262 §4). */
  readonly reliableNumber: number | undefined;
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

  /** That of the branch that was heard first. */
  get first(): Dialog | undefined {
    return this.#byTag.values().next().value?.dialog;
  }

  /**
   * The branch that a new offer may be made to before the final response, by UPDATE: the only one, once it has answered the
   * first reliably (RFC 3311 §5.1).
   */
  get offerable(): EarlyDialog | undefined {
    const only = this.#byTag.size === 1 ? this.#byTag.values().next().value : undefined;
    return only?.isAnswered === true && names(only.allow, 'UPDATE') ? only : undefined;
  }

  get(remoteTag: string): EarlyDialog | undefined {
    return this.#byTag.get(remoteTag);
  }

  /**
   * Takes note of a provisional response; one without tag or Contact makes no dialog. False for a reliable one that came
   * again or out of order: "the client [...] MUST NOT process [it] further" (RFC 3262 §4).
   */
  note(request: SipRequest, response: SipResponse): boolean {
    const tag = toTag(response);
    const made = createCallerDialog(request, response);
    if (tag === undefined || made === undefined) return true;
    const known = this.#byTag.get(tag);
    if (known === undefined && this.#byTag.size >= MAXIMUM_FORKS) return true;
    const number = reliableNumber(response);
    const before = known?.reliableNumber;
    if (number !== undefined && before !== undefined && number !== before + 1) return false;
    const dialog = known === undefined ? made : refreshTarget(known.dialog, response);
    const allow = headerValues(response, 'Allow');
    const said = known?.isAnswered === true ? undefined : sdpOf(response);
    this.#byTag.set(tag, {
      dialog,
      earlyAnswer: said ?? known?.earlyAnswer,
      isAnswered: known?.isAnswered === true || (number !== undefined && said !== undefined),
      allow: allow.length > 0 ? allow : (known?.allow ?? []),
      reliableNumber: number ?? before,
    });
    this.#host.bind(dialogKey(dialog), this.#session);
    return true;
  }

  /** Replaces a dialog after a request of the peer in it. */
  keep(dialog: Dialog): void {
    const known = this.#byTag.get(dialog.remoteTag);
    if (known !== undefined) this.#byTag.set(dialog.remoteTag, { ...known, dialog });
  }

  /** The answer of a branch to a new offer. */
  answered(dialog: Dialog, earlyAnswer: Uint8Array): void {
    const known = this.#byTag.get(dialog.remoteTag);
    if (known !== undefined) this.#byTag.set(dialog.remoteTag, { ...known, dialog, earlyAnswer });
  }

  leave(dialog: Dialog): void {
    this.#byTag.delete(dialog.remoteTag);
    this.#host.unbind(dialogKey(dialog));
  }

  clear(): void {
    for (const { dialog } of [...this.#byTag.values()]) this.leave(dialog);
  }
}

function names(allow: readonly string[], method: string): boolean {
  return allow.some((line) => line.split(',').some((one) => one.trim() === method));
}
