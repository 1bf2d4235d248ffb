import type { PhoneService } from './judge.ts';
import type { BootInput, TvsAnswer, TvsQuestion } from './messages.ts';
import type { Workbench } from './workbench.ts';

type Presented = Extract<BootInput, { readonly kind: 'server-presented' }>;

/** Handshakes that wait for TVS at a time. A phone has a handful of servers. */
const MOST_WAITING = 16;

/**
 * Which servers a phone talks to: those whose certificate its lists name for the service, and those for which TVS
 * vouches. A certificate with another role is refused: a TFTP server is no call manager.
 */
export class ServerTrust {
  readonly #bench: Workbench;
  readonly #waiting = new Map<number, Presented>();

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  presented(now: number, input: Presented): void {
    this.#decide(now, input, this.#bench.tvs.recall(questionOf(input), now));
  }

  answered(now: number, id: number, answer: TvsAnswer): void {
    const input = this.#waiting.get(id);
    if (input === undefined) return;
    this.#waiting.delete(id);
    this.#bench.tvs.remember(questionOf(input), answer, now);
    this.#decide(now, input, answer);
  }

  #decide(now: number, input: Presented, answer: TvsAnswer | undefined): void {
    const { handshake, service, certificate } = input;
    const { judge, state, outputs } = this.#bench;
    const verdict = judge.judgeServer(state.lists, service, certificate, this.#bench.context(now, answer));
    if (verdict.accepted) {
      outputs.push({ kind: 'server-judged', handshake, accepted: true, reason: verdict.ourWords });
      return;
    }
    if (verdict.askTvs !== undefined && answer === undefined && this.#waiting.size < MOST_WAITING) {
      this.#waiting.set(this.#bench.askTvs(questionOf(input)), input);
      return;
    }
    const reason = `${nameOf(service)} is refused (${verdict.rule}): ${verdict.ourWords}`;
    this.#bench.log('alarm', verdict.phoneWords, reason);
    outputs.push({ kind: 'server-judged', handshake, accepted: false, reason });
  }
}

function questionOf({ certificate }: Presented): TvsQuestion {
  return { kind: 'verify', certificate };
}

function nameOf(service: PhoneService): string {
  return service === 'CCM' ? 'The call manager' : `The server of ${service}`;
}
