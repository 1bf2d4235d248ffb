import type { FetchAnswer, TvsAnswer, TvsQuestion } from './messages.ts';
import { questionAfter, type Workbench } from './workbench.ts';

type ListKind = 'CTL' | 'ITL';

/** A list that was fetched under a name. */
interface Offer {
  readonly list: ListKind;
  readonly name: string;
  readonly octets: Uint8Array;
}

type Pending =
  /** The name that was asked for, and those to ask for when it is not there. */
  | { readonly kind: 'file'; readonly id: number; readonly list: ListKind; readonly names: readonly string[] }
  | { readonly kind: 'signer'; readonly id: number; readonly offer: Offer; readonly question: TvsQuestion };

/**
 * CTL, then ITL: a list that is accepted replaces the one that is held, a list that is refused or not there changes
 * nothing. Methods return true when both have been seen to.
 */
export class ListStep {
  readonly #bench: Workbench;
  #pending: Pending | undefined;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  begin(): void {
    this.#ask('CTL', [this.#bench.names.certificateTrustList]);
  }

  cancel(): void {
    this.#pending = undefined;
  }

  fetched(now: number, id: number, answer: FetchAnswer): boolean {
    const pending = this.#pending;
    if (pending?.kind !== 'file' || pending.id !== id) return false;
    const { list, names } = pending;
    const [name = '', ...rest] = names;
    if (answer.kind === 'found' && answer.content.length > 0) {
      return this.#judge(now, { list, name, octets: answer.content }, undefined);
    }
    const kept = this.#isHeld(list) ? `The ${list} that is held stays.` : `The phone has no ${list}.`;
    if (answer.kind === 'refused' || answer.kind === 'failed') {
      const words = answer.kind === 'failed' ? 'TFTP timeout' : 'TFTP error';
      this.#bench.log('warning', words, `${name}: ${answer.reason}. ${kept}`);
      return this.#next(list); // a server that does not answer does not answer under another name either
    }
    // A file without octets stands for none: people make such files so that phones do not wait.
    const words = rest.length === 0 ? `${name} is not there. ${kept}` : `${name} is not there.`;
    this.#bench.log('information', `File not found: ${name}`, words);
    return rest.length === 0 ? this.#next(list) : this.#ask(list, rest);
  }

  tvsAnswered(now: number, id: number, answer: TvsAnswer): boolean {
    const pending = this.#pending;
    if (pending?.kind !== 'signer' || pending.id !== id) return false;
    this.#bench.tvs.remember(pending.question, answer, now);
    return this.#judge(now, pending.offer, answer);
  }

  #ask(list: ListKind, names: readonly [string, ...string[]] | readonly string[]): false {
    const [name = ''] = names;
    this.#pending = { kind: 'file', id: this.#bench.fetch(name), list, names };
    return false;
  }

  #next(after: ListKind): boolean {
    const { identityTrustList, clusterIdentityTrustList } = this.#bench.names;
    if (after === 'CTL') return this.#ask('ITL', [identityTrustList, clusterIdentityTrustList]);
    this.#pending = undefined;
    return true;
  }

  /** `answer` is that of TVS, once it has been asked. */
  #judge(now: number, offer: Offer, answer: TvsAnswer | undefined): boolean {
    const { list: kind, name, octets } = offer;
    const { judge, state, tvs } = this.#bench;
    const offered = { kind, requestedName: name, octets };
    const verdict = judge.judgeList(state.lists, offered, this.#bench.context(now, answer));
    if (verdict.accepted) {
      this.#bench.log(verdict.blind ? 'warning' : 'information', verdict.phoneWords, `${name}: ${verdict.ourWords}`);
      const lists = kind === 'CTL' ? { ...state.lists, ctl: octets } : { ...state.lists, itl: octets };
      if (!verdict.unchanged) this.#bench.save({ ...state, lists });
      return this.#next(kind);
    }
    const question = questionAfter(verdict, answer);
    if (question === undefined) {
      const held = this.#isHeld(kind) ? 'The one that is held stays.' : 'The phone stays without.';
      this.#bench.refused(verdict, name, held);
      return this.#next(kind);
    }
    const known = tvs.recall(question, now);
    if (known !== undefined) return this.#judge(now, offer, known);
    this.#pending = { kind: 'signer', id: this.#bench.askTvs(question), offer, question };
    return false;
  }

  #isHeld(list: ListKind): boolean {
    const { ctl, itl } = this.#bench.state.lists;
    return (list === 'CTL' ? ctl : itl) !== undefined;
  }
}
