import { VirtualClock } from '@trustline/testing';
import type {
  BootInput,
  BootLog,
  BootOutput,
  EnrolmentResult,
  FetchAnswer,
  RegisterOutput,
  TvsAnswer,
  TvsQuestion,
} from './messages.ts';
import { modelJudge } from './model-judge.fixture.ts';
import { PhoneBoot, type PhoneBootOptions } from './phone-boot.ts';
import { blankState, type PhoneState, parsePhoneState, serializePhoneState } from './state.ts';

export const device = 'SEP001122334455';

/** Epoch milliseconds when the virtual clock begins. */
export const wallStart = Date.UTC(2026, 0, 1);

type Enrol = Extract<BootOutput, { readonly kind: 'enrol' }>;

/** Everything around the phone: files by name, TVS and CAPF, each answering after a while, as a script says. */
export class ScriptedNetwork {
  readonly clock = new VirtualClock();
  readonly outputs: BootOutput[] = [];
  readonly files = new Map<string, Uint8Array | FetchAnswer>();
  tvs: (question: TvsQuestion) => TvsAnswer = () => ({ outcome: 'failed', reason: 'nobody is there' });
  capf: (enrol: Enrol) => EnrolmentResult = () => ({ outcome: 'failed', reason: 'nobody is there' });
  readonly boot: PhoneBoot;

  constructor(state: Partial<PhoneState> = {}, options: Partial<PhoneBootOptions> = {}) {
    const wallClock = (now: number) => wallStart + now;
    // What a phone keeps goes through its file, as when the power is cut between.
    const kept = parsePhoneState(serializePhoneState({ ...blankState, ...state }));
    if (kept === undefined) throw new Error('the state does not come back');
    this.boot = new PhoneBoot({ device, state: kept, judge: modelJudge, wallClock, ...options });
    this.clock.attach(this.boot, () => this.#drain());
  }

  /** Power on, and an hour goes by. */
  run(milliseconds = 3_600_000): this {
    this.boot.start();
    this.#drain();
    this.clock.advance(milliseconds);
    return this;
  }

  input(input: BootInput, milliseconds = 3_600_000): this {
    this.boot.handle(this.clock.now, input);
    this.#drain();
    this.clock.advance(milliseconds);
    return this;
  }

  get asked(): readonly string[] {
    return this.outputs.filter((output) => output.kind === 'fetch').map(({ name }) => name);
  }

  get logs(): readonly BootLog[] {
    return this.outputs.filter((output) => output.kind === 'log');
  }

  get alarms(): readonly string[] {
    return this.logs.filter(({ level }) => level === 'alarm').map(({ phone, ours }) => `${phone} | ${ours}`);
  }

  get registrations(): readonly RegisterOutput[] {
    return this.outputs.filter((output) => output.kind === 'register');
  }

  of<Kind extends BootOutput['kind']>(kind: Kind): readonly Extract<BootOutput, { readonly kind: Kind }>[] {
    return this.outputs.filter((output) => output.kind === kind) as never;
  }

  #drain(): void {
    for (let output = this.boot.poll(); output !== undefined; output = this.boot.poll()) {
      this.outputs.push(output);
      const answer = this.#answerTo(output);
      if (answer === undefined) continue;
      this.clock.schedule(20, () => {
        this.boot.handle(this.clock.now, answer);
        this.#drain();
      });
    }
  }

  #answerTo(output: BootOutput): BootInput | undefined {
    switch (output.kind) {
      case 'fetch': {
        const file = this.files.get(output.name) ?? ({ kind: 'not-found' } as const);
        const answer = file instanceof Uint8Array ? ({ kind: 'found', content: file } as const) : file;
        return { kind: 'fetched', id: output.id, answer };
      }
      case 'ask-tvs':
        return { kind: 'tvs-answered', id: output.id, answer: this.tvs(output.question) };
      case 'enrol':
        return { kind: 'enrolled', id: output.id, result: this.capf(output) };
      default:
        return undefined;
    }
  }
}
