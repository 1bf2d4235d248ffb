import { assertNever, type Redacted } from '@trustline/base';
import type { CapfSettings } from '@trustline/provisioning';
import type { EnrolmentProof, EnrolmentReason, EnrolmentResult } from './messages.ts';
import { enrolmentProofs } from './plan.ts';
import type { Workbench } from './workbench.ts';

interface Pending {
  readonly id: number;
  readonly capf: CapfSettings;
  readonly reason: EnrolmentReason;
  /** The one that is being tried comes first. */
  readonly proofs: readonly [EnrolmentProof, ...EnrolmentProof[]];
}

/** One visit to CAPF in a boot: what it changes, the configuration that is fetched again says. */
export class EnrolmentStep {
  readonly #bench: Workbench;
  readonly #hasString: boolean;
  #pending: Pending | undefined;
  /** The visit of which nothing came yet: the phone was told to come again, or the connection broke. */
  #unfinished: Pending | undefined;
  #hasBeenThere = false;

  constructor(bench: Workbench, hasString: boolean) {
    this.#bench = bench;
    this.#hasString = hasString;
  }

  get hasBeenThere(): boolean {
    return this.#hasBeenThere;
  }

  /** A new boot. */
  reset(): void {
    this.#pending = undefined;
    this.#unfinished = undefined;
    this.#hasBeenThere = false;
  }

  /** The time has come that CAPF has said. */
  again(): void {
    const before = this.#unfinished;
    if (before !== undefined) this.#ask(before.capf, before.reason, before.proofs);
  }

  /** A key that was made for CAPF stays with the phone, whatever becomes of the visit. */
  keyMade(privateKey: Redacted<Uint8Array>): void {
    this.#bench.save({ ...this.#bench.state, newKey: privateKey });
  }

  /** False when it has been there already, or cannot go. */
  begin(capf: CapfSettings, reason: EnrolmentReason): boolean {
    if (this.#hasBeenThere) return false;
    const [proof, ...rest] = enrolmentProofs(capf.authentication, { ...this.#bench.state, hasString: this.#hasString });
    if (proof === undefined || capf.servers.length === 0) {
      const why =
        proof === undefined ? 'it has nothing of what it is to prove itself by' : 'it knows no server of CAPF';
      this.#bench.log('warning', 'LSC: update failed', `The phone needs CAPF (${reason}), but ${why}.`);
      return false;
    }
    this.#hasBeenThere = true;
    this.#ask(capf, reason, [proof, ...rest]);
    return true;
  }

  /** `changed`: the phone has another certificate now, or none any more. Undefined: not at an end. */
  enrolled(id: number, result: EnrolmentResult): 'changed' | 'unchanged' | undefined {
    const pending = this.#pending;
    if (pending?.id !== id) return undefined;
    this.#pending = undefined;
    this.#unfinished = undefined;
    const [proof, next, ...others] = pending.proofs;
    switch (result.outcome) {
      case 'installed':
        this.#bench.log('information', 'LSC: installed', 'CAPF issued a certificate for a key of the phone.');
        this.#bench.save({
          ...this.#bench.state,
          lsc: { certificate: result.certificate, privateKey: result.privateKey },
          newKey: undefined,
        });
        return 'changed';
      case 'deleted':
        this.#bench.log('information', 'LSC: deleted', 'CAPF had the certificate deleted.');
        this.#bench.save({ ...this.#bench.state, lsc: undefined });
        return 'changed';
      case 'fetched':
        this.#bench.log('information', 'LSC: fetched', 'CAPF looked at the certificate, which stays.');
        return 'unchanged';
      case 'declined':
        this.#bench.log('warning', 'LSC: update failed', `CAPF did not take the proof by ${proof}: ${result.reason}.`);
        if (next === undefined) return 'unchanged';
        this.#ask(pending.capf, pending.reason, [next, ...others]);
        return undefined;
      case 'retry-later':
        this.#unfinished = pending;
        this.#bench.log('information', 'LSC: pending', this.#pendingWords(result));
        return 'unchanged';
      case 'failed':
        this.#unfinished = pending;
        return this.#nothingCame(result);
      case 'no-action':
      case 'unknown-device':
        return this.#nothingCame(result);
      default:
        return assertNever(result);
    }
  }

  #nothingCame({ outcome, reason }: { readonly outcome: string; readonly reason: string }): 'unchanged' {
    this.#bench.log('warning', 'LSC: update failed', `Nothing came of CAPF (${outcome}): ${reason}.`);
    return 'unchanged';
  }

  #pendingWords({ reason, after }: Extract<EnrolmentResult, { outcome: 'retry-later' }>): string {
    const seconds = Math.round(after / 1000);
    return this.#bench.state.newKey === undefined
      ? `CAPF has no time for the phone: ${reason}.`
      : `The phone keeps its new key; its certificate comes from elsewhere. It asks CAPF again in ${seconds} s.`;
  }

  #ask(capf: CapfSettings, reason: EnrolmentReason, proofs: Pending['proofs']): void {
    const id = this.#bench.nextId();
    const [proof] = proofs;
    this.#pending = { id, capf, reason, proofs };
    this.#bench.log(
      'information',
      'LSC: updating',
      `The phone goes to CAPF (${reason}) and proves itself by ${proof}.`,
    );
    this.#bench.outputs.push({ kind: 'enrol', id, servers: capf.servers, proof, reason });
  }
}
