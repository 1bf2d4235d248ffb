import {
  type DefaultConfiguration,
  type PhoneConfiguration,
  type PhoneFileNames,
  parseConfiguration,
  phoneFileNames,
} from '@trustline/provisioning';
import type { JudgingContext, Refusal, TrustJudge } from './judge.ts';
import type { BootLog, BootOutput, TvsAnswer, TvsQuestion } from './messages.ts';
import type { PhoneState } from './state.ts';
import { TvsMemory } from './tvs-memory.ts';

export interface WorkbenchOptions {
  readonly device: string;
  readonly state: PhoneState;
  readonly judge: TrustJudge;
  readonly wallClock: (now: number) => number;
}

/** What a phone that has a full configuration, or the default one, goes by. */
export type Configuration = PhoneConfiguration | DefaultConfiguration;

/** What the steps of a boot share: the phone's memory, its judge, and the outputs. */
export class Workbench {
  readonly judge: TrustJudge;
  readonly names: PhoneFileNames;
  readonly outputs: BootOutput[] = [];
  readonly tvs = new TvsMemory();
  /** The one in use; its TVS servers are asked. */
  configuration: Configuration | undefined;
  readonly #wallClock: (now: number) => number;
  #state: PhoneState;
  #lastId = 0;

  constructor({ device, state, judge, wallClock }: WorkbenchOptions) {
    this.judge = judge;
    this.names = phoneFileNames(device);
    this.#state = state;
    this.#wallClock = wallClock;
  }

  get state(): PhoneState {
    return this.#state;
  }

  save(state: PhoneState): void {
    this.#state = state;
    this.outputs.push({ kind: 'save', state });
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  fetch(name: string): number {
    const id = this.nextId();
    this.outputs.push({ kind: 'fetch', id, name });
    return id;
  }

  /** With the word of TVS, where it vouched. */
  context(now: number, answer: TvsAnswer | undefined): JudgingContext {
    return { now: this.#wallClock(now), voucher: answer?.outcome === 'valid' ? answer : undefined };
  }

  askTvs(question: TvsQuestion): number {
    const id = this.nextId();
    const servers = this.configuration?.kind === 'full' ? this.configuration.trustVerification : [];
    this.log('information', 'TVS request', 'No list of the phone knows the certificate: it asks TVS.');
    this.outputs.push({ kind: 'ask-tvs', id, servers, question });
    return id;
  }

  /** The last configuration. One that was taken without a signature counts no more once a list asks for signatures. */
  heldConfiguration(): PhoneConfiguration | undefined {
    const { configuration, lists } = this.#state;
    if (configuration === undefined) return undefined;
    if (!configuration.verified && this.judge.requiresSignedFiles(lists)) return undefined;
    const result = parseConfiguration(configuration.plain.reveal());
    return result.ok && result.file.kind === 'full' ? result.file : undefined;
  }

  log(level: BootLog['level'], phone: string, ours: string): void {
    this.outputs.push({ kind: 'log', level, phone, ours });
  }

  refused({ rule, offset, phoneWords, ourWords }: Refusal, name: string, then: string): void {
    this.log('alarm', phoneWords, `${name} is refused (${rule}, octet ${offset}): ${ourWords} ${then}`);
  }
}

/** What to ask TVS after a refusal; undefined when it has spoken, or cannot help. */
export function questionAfter({ askTvs }: Refusal, answer: TvsAnswer | undefined): TvsQuestion | undefined {
  return askTvs === undefined || answer !== undefined ? undefined : { kind: 'query', signer: askTvs };
}
