import { assertNever, Redacted } from '@trustline/base';
import { type CapfSettings, parseConfiguration, type StubConfiguration } from '@trustline/provisioning';
import type { EnrolmentReason, FetchAnswer, TvsAnswer, TvsQuestion } from './messages.ts';
import { type ConfigurationCandidate, configurationCandidates, identityFor } from './plan.ts';
import type { PhoneIdentity } from './state.ts';
import { type Configuration, questionAfter, type Workbench } from './workbench.ts';

export type ConfigurationEnd =
  | { readonly kind: 'configured'; readonly configuration: Configuration }
  /** The stub came, and what it stands for cannot be opened before a visit to CAPF. */
  | { readonly kind: 'enrol'; readonly capf: CapfSettings; readonly reason: EnrolmentReason }
  /** Nothing that may be used was to be had. */
  | { readonly kind: 'nothing-new' };

/** Files to ask for in turn. The one that was asked for comes first. */
interface Search {
  readonly candidates: readonly [ConfigurationCandidate, ...ConfigurationCandidate[]];
  /** Whose key opens an encrypted one. */
  readonly identity: PhoneIdentity | undefined;
  /** The stub that led here. */
  readonly stub: StubConfiguration | undefined;
}

type Pending =
  | { readonly kind: 'file'; readonly id: number; readonly search: Search }
  | {
      readonly kind: 'signer';
      readonly id: number;
      readonly search: Search;
      readonly octets: Uint8Array;
      readonly question: TvsQuestion;
    };

/** Fetches the configuration in the form that the phone may use. Methods return the end once it is there. */
export class ConfigurationStep {
  readonly #bench: Workbench;
  #pending: Pending | undefined;
  /** In this search a file was there that the phone's key does not open. */
  #didNotOpen = false;
  /** CAPF has been asked in this boot: an operation that is still said to be pending is an old word. */
  #hasEnrolled = false;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  begin(hasEnrolled: boolean): ConfigurationEnd | undefined {
    this.#didNotOpen = false;
    this.#hasEnrolled = hasEnrolled;
    const { judge, names, state } = this.#bench;
    const held = this.#bench.heldConfiguration();
    const identity = identityFor(undefined, state);
    const candidates = configurationCandidates(names, {
      isSigned: judge.requiresSignedFiles(state.lists),
      isEncrypted: held?.encrypted === true && identity !== undefined,
      hasOwn: held !== undefined,
    });
    return this.#ask(candidates, identity, undefined);
  }

  cancel(): void {
    this.#pending = undefined;
  }

  fetched(now: number, id: number, answer: FetchAnswer): ConfigurationEnd | undefined {
    const pending = this.#pending;
    if (pending?.kind !== 'file' || pending.id !== id) return undefined;
    const { search } = pending;
    const [{ name, form }, ...rest] = search.candidates;
    switch (answer.kind) {
      case 'found':
        if (form !== 'plain') return this.#open(now, search, answer.content, undefined);
        this.#bench.log('warning', name, `${name} is taken unsigned: no list of the phone asks for a signature.`);
        return this.#taken(search, answer.content, false);
      case 'not-found':
        this.#bench.log('information', `File not found: ${name}`, `${name} is not there.`);
        return this.#ask(rest, search.identity, search.stub);
      case 'refused':
      case 'failed':
        this.#bench.log(
          'warning',
          answer.kind === 'failed' ? 'TFTP timeout' : 'TFTP error',
          `${name}: ${answer.reason}.`,
        );
        return this.#end({ kind: 'nothing-new' });
      default:
        return assertNever(answer);
    }
  }

  tvsAnswered(now: number, id: number, answer: TvsAnswer): ConfigurationEnd | undefined {
    const pending = this.#pending;
    if (pending?.kind !== 'signer' || pending.id !== id) return undefined;
    this.#bench.tvs.remember(pending.question, answer, now);
    return this.#open(now, pending.search, pending.octets, answer);
  }

  #end(end: ConfigurationEnd): ConfigurationEnd {
    this.#pending = undefined;
    return end;
  }

  #ask(
    [first, ...rest]: readonly ConfigurationCandidate[],
    identity: PhoneIdentity | undefined,
    stub: StubConfiguration | undefined,
  ): ConfigurationEnd | undefined {
    if (first === undefined) return this.#end({ kind: 'nothing-new' });
    const search: Search = { candidates: [first, ...rest], identity, stub };
    this.#pending = { kind: 'file', id: this.#bench.fetch(first.name), search };
    return undefined;
  }

  #open(now: number, search: Search, octets: Uint8Array, answer: TvsAnswer | undefined): ConfigurationEnd | undefined {
    const [{ name, form }, ...rest] = search.candidates;
    const { judge, state, tvs } = this.#bench;
    const privateKey = form === 'encrypted' ? search.identity?.privateKey : undefined;
    const context = { ...this.#bench.context(now, answer), privateKey };
    const verdict = judge.openFile(state.lists, { requestedName: name, octets }, context);
    if (verdict.accepted) {
      this.#bench.log('information', verdict.phoneWords, verdict.ourWords);
      return this.#taken(search, verdict.plain, true);
    }
    const question = questionAfter(verdict, answer);
    if (question !== undefined) {
      const known = tvs.recall(question, now);
      if (known !== undefined) return this.#open(now, search, octets, known);
      this.#pending = { kind: 'signer', id: this.#bench.askTvs(question), search, octets, question };
      return undefined;
    }
    const isClosed = form === 'encrypted' && verdict.rule === 'decryption';
    this.#bench.refused(verdict, name, isClosed ? 'It was not made for the key of this phone.' : 'It is not used.');
    if (!isClosed) return this.#end({ kind: 'nothing-new' });
    this.#didNotOpen = true;
    return search.stub === undefined
      ? this.#ask(rest, search.identity, undefined)
      : this.#end({ kind: 'enrol', capf: search.stub.capf, reason: 'decryption-failed' });
  }

  #taken(search: Search, plain: Uint8Array, verified: boolean): ConfigurationEnd | undefined {
    const [{ name, form, isDefault }] = search.candidates;
    const result = parseConfiguration(plain);
    const file = result.ok ? result.file : undefined;
    if (file?.kind === 'stub' && form === 'signed' && !isDefault) return this.#stubTaken(file);
    if (file === undefined || file.kind === 'stub' || file.kind !== (isDefault ? 'default' : 'full')) {
      const why = result.ok ? 'it is a file of another kind' : `${result.message}, at octet ${result.offset}`;
      this.#bench.log('alarm', `Config file error: ${name}`, `${name} is no configuration of this phone: ${why}.`);
      return this.#end({ kind: 'nothing-new' });
    }
    // The default file is for nobody in particular, and asked for anew each time.
    if (file.kind === 'full') {
      this.#bench.save({ ...this.#bench.state, configuration: { plain: new Redacted(plain), verified } });
    }
    return this.#end({ kind: 'configured', configuration: file });
  }

  /** The configuration is to be had encrypted: to the certificate that the stub names, or after a visit to CAPF. */
  #stubTaken(stub: StubConfiguration): ConfigurationEnd | undefined {
    const { state, names } = this.#bench;
    const identity = identityFor(stub.certificateHash, state);
    const reason = this.#reasonToEnrolFirst(stub, identity);
    if (reason !== undefined) return this.#end({ kind: 'enrol', capf: stub.capf, reason });
    const encrypted = { name: names.configuration.encrypted, form: 'encrypted', isDefault: false } as const;
    return this.#ask([encrypted], identity, stub);
  }

  #reasonToEnrolFirst(stub: StubConfiguration, identity: PhoneIdentity | undefined): EnrolmentReason | undefined {
    const { lsc, mic } = this.#bench.state;
    if (identity === undefined) {
      return lsc === undefined && mic === undefined ? 'certificate-missing' : 'public-key-mismatch';
    }
    if (this.#didNotOpen) return 'decryption-failed';
    const isPending = stub.capf.authentication !== 'none-pending' && !this.#hasEnrolled;
    return isPending ? 'operation-pending' : undefined;
  }
}
