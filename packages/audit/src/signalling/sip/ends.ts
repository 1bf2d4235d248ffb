import type { LegEnd } from '../../model/leg.ts';
import { readAddress, tagOf } from './address.ts';
import { type HeardMessage, headerOf } from './message.ts';

/** Tags of each end that are kept: forks and hops that keep the Call-ID each bring their own. */
const MOST_TAGS = 64;

/** Which end of a call says a message, told by the tags of From and To (RFC 3261 §12). */
export class CallEnds {
  readonly #tags: Record<LegEnd, Set<string>> = { caller: new Set(), called: new Set() };

  /** Who sends it: of a response, who answers. */
  senderOf(message: HeardMessage): LegEnd {
    const requester = this.#requester(message);
    if (message.start.kind === 'request') return requester;
    return requester === 'caller' ? 'called' : 'caller';
  }

  /** Whose tag it is; undefined where it is not known. */
  ofTag(tag: string | undefined): LegEnd | undefined {
    if (tag === undefined) return undefined;
    if (this.#tags.caller.has(tag)) return 'caller';
    return this.#tags.called.has(tag) ? 'called' : undefined;
  }

  #requester(message: HeardMessage): LegEnd {
    const from = identityOf(headerOf(message, 'from'));
    const to = tagOf(headerOf(message, 'to'));
    const requester = this.#known(from, to);
    this.#remember(requester, from);
    if (to !== undefined) this.#remember(requester === 'caller' ? 'called' : 'caller', to);
    return requester;
  }

  #known(from: string, to: string | undefined): LegEnd {
    if (this.#tags.caller.has(from)) return 'caller';
    if (this.#tags.called.has(from)) return 'called';
    return to !== undefined && this.#tags.caller.has(to) ? 'called' : 'caller';
  }

  #remember(end: LegEnd, tag: string): void {
    if (this.#tags[end].size < MOST_TAGS) this.#tags[end].add(tag);
  }
}

/** The tag; RFC 2543 knew none in From, and so the URI stands for it. */
function identityOf(value: string | undefined): string {
  return tagOf(value) ?? readAddress(value ?? '').uri;
}
