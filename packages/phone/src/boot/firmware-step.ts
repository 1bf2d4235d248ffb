import { assertNever } from '@trustline/base';
import type { FetchAnswer } from './messages.ts';
import type { Configuration, Workbench } from './workbench.ts';

interface Pending {
  readonly id: number;
  readonly load: string;
  readonly file: string;
  readonly configuration: Configuration;
}

/**
 * Fetches the load file (`<load>.loads`) that a new configuration names, when it is another than the phone's own, as
 * desk phones do after their configuration (cisco-phones §3.1). Nothing of it is ever executed, nor are the images
 * fetched that it names: the phone notes which load it would run, and logs it.
 *
 * A load is signed by the phone's maker with a key that is built into its phones, and how is not documented; ours cannot
 * check that signature and says so. What can be checked is: that there is a header, that the name in it is the one
 * that was asked for, and the signature where a list of the phone knows the signer. A file that fails is refused.
 * One that is refused or not there changes nothing: the phone goes on with its present load.
 */
export class FirmwareStep {
  readonly #bench: Workbench;
  #pending: Pending | undefined;
  /** Asked for once in a boot. */
  readonly #asked = new Set<string>();

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  /** A new boot. */
  reset(): void {
    this.#pending = undefined;
    this.#asked.clear();
  }

  /** False where there is nothing to fetch. */
  begin(configuration: Configuration): boolean {
    const load = configuration.kind === 'full' ? configuration.loadInformation : undefined;
    if (load === undefined || load === '' || load === this.#bench.state.load || this.#asked.has(load)) return false;
    this.#asked.add(load);
    if (!/^[\w.-]{1,64}$/.test(load)) {
      this.#bench.log('warning', 'Version error', 'The configuration names a load whose name is none of a file.');
      return false;
    }
    const file = `${load}.loads`;
    const present = this.#bench.state.load ?? 'the one that it was built with';
    const words = `The configuration names the load ${load}; that of the phone is ${present}.`;
    this.#bench.log('information', 'Upgrading firmware', words);
    this.#pending = { id: this.#bench.fetch(file), load, file, configuration };
    return true;
  }

  /** The configuration with which the boot goes on, once the load was fetched or not. */
  fetched(now: number, id: number, answer: FetchAnswer): Configuration | undefined {
    const pending = this.#pending;
    if (pending?.id !== id) return undefined;
    this.#pending = undefined;
    const { file, load, configuration } = pending;
    switch (answer.kind) {
      case 'found':
        this.#judge(now, load, file, answer.content);
        break;
      case 'not-found':
        this.#bench.log('warning', `File not found: ${file}`, `${file} is not there. ${this.#goesOn}`);
        break;
      case 'refused':
      case 'failed':
        this.#bench.log(
          'warning',
          answer.kind === 'failed' ? 'TFTP timeout' : 'TFTP error',
          `${file}: ${answer.reason}. ${this.#goesOn}`,
        );
        break;
      default:
        assertNever(answer);
    }
    return configuration;
  }

  #judge(now: number, load: string, file: string, octets: Uint8Array): void {
    const { judge, state } = this.#bench;
    const context = { ...this.#bench.context(now, undefined), privateKey: undefined };
    const verdict = judge.openFile(state.lists, { requestedName: file, octets }, context);
    const isMakers = !verdict.accepted && verdict.rule === 'signer-unknown';
    if (!verdict.accepted && !isMakers) {
      this.#bench.refused(verdict, file, this.#goesOn);
      return;
    }
    const signature = verdict.accepted
      ? verdict.ourWords
      : 'Who signed it stands in no list of the phone: its maker’s signature was not checked.';
    this.#bench.save({ ...state, load });
    this.#bench.log('information', `Load ID ${load}`, `${signature} The phone notes the load, and executes nothing.`);
  }

  get #goesOn(): string {
    return 'The phone goes on with its present load.';
  }
}
