import type { TvsAnswer, TvsQuestion } from './messages.ts';

/** Phones remember for a day, whatever the server allows. */
const LONGEST = 86_400_000;

/** Questions remembered at a time; the oldest is forgotten first. */
const MOST = 100;

/** What TVS vouched for, as long as that holds. Only a yes is remembered: a no can be healed at any moment. */
export class TvsMemory {
  readonly #answers = new Map<string, { readonly answer: TvsAnswer; readonly until: number }>();

  remember(question: TvsQuestion, answer: TvsAnswer, now: number): void {
    if (answer.outcome !== 'valid') return;
    const until = now + Math.min(answer.timeToLive * 1000, LONGEST);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size >= MOST && oldest !== undefined) this.#answers.delete(oldest);
    this.#answers.set(keyOf(question), { answer, until });
  }

  recall(question: TvsQuestion, now: number): TvsAnswer | undefined {
    const known = this.#answers.get(keyOf(question));
    return known !== undefined && now < known.until ? known.answer : undefined;
  }
}

function keyOf(question: TvsQuestion): string {
  if (question.kind === 'verify') return `verify ${question.certificate.join()}`;
  const { name, issuer, serialNumber } = question.signer;
  return JSON.stringify([name, issuer, serialNumber]);
}
