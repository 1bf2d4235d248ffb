import { randomBytes } from 'node:crypto';
import { PkiError } from '../error.ts';
import { buildOcspRequest, OCSP_NONCE_LENGTH } from '../revocation/ocsp-request.ts';
import { MAX_OCSP_RESPONSE_LENGTH } from '../revocation/ocsp-response.ts';
import type { Cluster } from './cluster.ts';
import type { OcspSubject } from './outside-authorities.ts';

/** How long one responder may take, in milliseconds. */
const DEFAULT_TIMEOUT = 5_000;

/** What became of one question. */
export interface OcspOutcome {
  readonly subject: OcspSubject;
  /** `answered`: good; `revoked`: from now on nobody proves anything by it; `failed`: what was known holds on. */
  readonly result: 'answered' | 'revoked' | 'failed';
  /** For `failed` and `revoked`: why, for the operator. */
  readonly reason: string | undefined;
  readonly nextStep: string | undefined;
}

/**
 * Asks the responders of outside authorities by HTTP (RFC 6960 §A.1) about what is believed here, ahead of time: whoever
 * judges a certificate finds the answer in memory. An answer is asked for anew when half its life is over.
 */
export class OcspRefresher {
  readonly #cluster: Cluster;
  readonly #timeout: number;
  readonly #closing = new AbortController();
  #running: Promise<readonly OcspOutcome[]> | undefined;

  /** @param timeout of one responder, in milliseconds */
  constructor(cluster: Cluster, timeout = DEFAULT_TIMEOUT) {
    this.#cluster = cluster;
    this.#timeout = timeout;
  }

  /**
   * Asks what needs asking, one after the other; a second call while one runs waits for the same.
   *
   * @param now gives epoch milliseconds
   */
  refresh(now: () => number): Promise<readonly OcspOutcome[]> {
    this.#running ??= this.#refreshAll(now).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Gives up what is being asked, and asks nothing more. */
  close(): void {
    this.#closing.abort();
  }

  async #refreshAll(now: () => number): Promise<readonly OcspOutcome[]> {
    const outcomes: OcspOutcome[] = [];
    // Who does not answer is asked once in a round: a thousand phones of one authority do not wait a thousand times.
    const silent = new Map<string, PkiError>();
    for (const subject of this.#cluster.ocspSubjects()) {
      if (this.#closing.signal.aborted) break;
      const known = this.#cluster.ocspAnswerOf(subject.certificate.fingerprint);
      const isFresh = known !== undefined && now() < (known.thisUpdate + known.until) / 2;
      if (!isFresh) outcomes.push(await this.#askAbout(subject, silent, now));
    }
    return outcomes;
  }

  /** The first responder that gives an answer in order decides. */
  async #askAbout(subject: OcspSubject, silent: Map<string, PkiError>, now: () => number): Promise<OcspOutcome> {
    let failure: OcspOutcome = { subject, result: 'failed', reason: 'it names no responder', nextStep: undefined };
    for (const url of subject.responders) {
      const question = { ...subject, nonce: new Uint8Array(randomBytes(OCSP_NONCE_LENGTH)) };
      try {
        const known = silent.get(url);
        if (known !== undefined) throw known;
        const signal = AbortSignal.any([AbortSignal.timeout(this.#timeout), this.#closing.signal]);
        const octets = await askResponder(url, buildOcspRequest(question), signal);
        const judgment = await this.#cluster.takeOcspResponse(question, octets, now());
        if (judgment.accepted) {
          const { revoked } = judgment.answer;
          if (revoked === undefined) return { subject, result: 'answered', reason: undefined, nextStep: undefined };
          return { subject, result: 'revoked', reason: revoked.reason, nextStep: undefined };
        }
        failure = { subject, result: 'failed', reason: `${url}: ${judgment.reason}`, nextStep: judgment.nextStep };
      } catch (error) {
        if (!(error instanceof PkiError)) throw error;
        if (error.code === 'pki.ocsp-unreachable') silent.set(url, error);
        failure = { subject, result: 'failed', reason: error.message, nextStep: error.nextStep };
      }
    }
    return failure;
  }
}

/** @throws {PkiError} pki.ocsp-unreachable */
async function askResponder(url: string, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
      body: Uint8Array.from(request),
      // A certificate names its responder; whoever answers there sends us nowhere else.
      redirect: 'error',
      signal,
    });
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body) {
      parts.push(part);
      length += part.byteLength;
      if (length > MAX_OCSP_RESPONSE_LENGTH) throw new Error(`more than ${MAX_OCSP_RESPONSE_LENGTH} octets came`);
    }
    return new Uint8Array(Buffer.concat(parts));
  } catch (cause) {
    throw new PkiError('pki.ocsp-unreachable', `${url} did not answer: ${reasonOf(cause)}`, {
      nextStep: 'Let this machine reach the responder, or import the list: trustline pki crl-import FILE',
      cause,
    });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown cause';
  if (cause.name === 'TimeoutError') return 'no answer in time';
  const inner = cause.cause;
  return inner instanceof Error && 'code' in inner ? String(inner.code) : cause.message;
}
