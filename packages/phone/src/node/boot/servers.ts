import type { KeyObject } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import {
  type CapfCredential,
  type CapfKeyRequest,
  capfCertificateType,
  makeCapfProof,
  makeCapfSudi,
  type ServerAddress,
} from '@trustline/provisioning';
import { askTvs, enrolByCapf, type FetchResult, type FetchWay, fetchFile } from '@trustline/provisioning/node';
import type { PhoneService } from '../../boot/judge.ts';
import type { BootOutput, EnrolmentResult, TvsAnswer } from '../../boot/messages.ts';
import type { PhoneIdentity, PhoneState } from '../../boot/state.ts';
import type { ManagerJudgement } from '../credentials.ts';
import { identityOf, privateKeyOf, readPrivateKey, shownIdentity, writePrivateKey } from './identity.ts';

/** The server of a phone's files. */
export interface FileServer {
  /** A name or an address. */
  readonly host: string;
  /** Asked first; 6970 with desk phones. */
  readonly httpPort: number;
  /** 69 with desk phones. */
  readonly tftpPort: number;
  /** Of TVS on the same host, which a phone asks that has no configuration yet; 2445 when it is left out. */
  readonly tvsPort?: number | undefined;
}

export interface PhoneServersOptions {
  readonly device: string;
  readonly files: FileServer;
  readonly state: () => PhoneState;
  /** Whether the phone believes the server that shows this certificate (DER). */
  readonly judge: (service: PhoneService, certificate: Uint8Array) => Promise<ManagerJudgement>;
  /** When it resolves, the phone will still know its new certificate after a power cut; undefined: it has none any more. */
  readonly keep: (lsc: PhoneIdentity | undefined) => void;
  /** When it returns, the phone will still have this key after a power cut: its certificate may come at another visit. */
  readonly keepKey: (privateKey: Redacted<Uint8Array>) => void;
  readonly authenticationString: Redacted<string> | undefined;
  readonly makeKey: ((key: CapfKeyRequest) => Promise<KeyObject>) | undefined;
}

/** TVS listens there where a configuration does not say otherwise (cisco-phones §5). */
const usualTvsPort = 2_445;

/** Where CAPF does not say when to come again, in milliseconds. */
const shortestReturn = 60_000;

/** In milliseconds. */
const patience = {
  /** With a silent HTTP server, before TFTP is tried. */
  http: 5_000,
  /** With one file, by all ways; they are small. */
  file: 15_000,
  /** With the next file, after nobody has answered for the last one. */
  afterSilence: 3_000,
} as const;

/** What a phone asks of servers before it registers: files, the word of TVS, a certificate. */
export class PhoneServers {
  readonly #options: PhoneServersOptions;
  readonly #abort = new AbortController();
  readonly #ways: readonly FetchWay[];
  /** HTTP first, then TFTP; once one has answered, that one first for the rest of the boot: nobody waits for a dead port six times. */
  #order: readonly FetchWay[];

  /** Nobody answered for the last file. */
  #isSilent = false;

  constructor(options: PhoneServersOptions) {
    this.#options = options;
    const { httpPort, tftpPort } = options.files;
    this.#ways = [
      { transport: 'http', port: httpPort },
      { transport: 'tftp', port: tftpPort },
    ];
    this.#order = this.#ways;
  }

  /** The phone boots: it asks by HTTP first again. */
  begin(): void {
    this.#order = this.#ways;
    this.#isSilent = false;
  }

  /** Gives up what is being asked. */
  stop(): void {
    this.#abort.abort();
  }

  async fetch(name: string): Promise<FetchResult> {
    const { host } = this.#options.files;
    const limit = AbortSignal.timeout(this.#isSilent ? patience.afterSilence : patience.file);
    const signal = AbortSignal.any([this.#abort.signal, limit]);
    const result = await fetchFile({ host, name, order: this.#order, timeout: patience.http, signal });
    this.#isSilent = result.answer.kind === 'failed';
    if (this.#isSilent) return result;
    this.#order = [result.way, ...this.#order.filter((way) => way !== result.way)];
    return result;
  }

  /** Servers by priority; where the phone knows none, the server of its files. The next is asked when one fails. */
  async askTvs({ servers, question }: Extract<BootOutput, { kind: 'ask-tvs' }>): Promise<TvsAnswer> {
    const { device, files, state } = this.#options;
    const identity = shownIdentity(state());
    const asked: readonly ServerAddress[] =
      servers.length > 0 ? servers : [{ host: files.host, port: files.tvsPort ?? usualTvsPort }];
    let answer: TvsAnswer = { outcome: 'failed', reason: 'no server was asked' };
    for (const server of asked) {
      answer = await askTvs({
        ...server,
        device,
        question:
          question.kind === 'verify'
            ? question
            : {
                kind: 'query',
                subject: question.signer.name,
                issuer: question.signer.issuer,
                serialNumber: new Uint8Array(Buffer.from(question.signer.serialNumber, 'hex')),
              },
        identity,
        judgeServer: this.#judgeBy('TVS'),
      });
      if (answer.outcome !== 'failed') return answer;
    }
    return answer;
  }

  /** Servers by priority, as for TVS. */
  async enrol({ servers, proof }: Extract<BootOutput, { kind: 'enrol' }>): Promise<EnrolmentResult> {
    let result: EnrolmentResult = { outcome: 'failed', reason: 'no server was asked' };
    for (const server of servers) {
      result = await this.#enrolAt(server, this.#credential(proof));
      if (result.outcome !== 'failed') return result;
    }
    return result;
  }

  async #enrolAt(server: ServerAddress, credential: CapfCredential): Promise<EnrolmentResult> {
    const { device, state, keep, keepKey, makeKey } = this.#options;
    const { lsc: inUse, newKey } = state();
    let done: EnrolmentResult | undefined;
    const { outcome, reason, after } = await enrolByCapf({
      ...server,
      device,
      credential,
      judgeServer: this.#judgeBy('CAPF'),
      ...(makeKey === undefined ? {} : { makeKey }),
      heldKeys: [newKey, inUse?.privateKey].filter((key) => key !== undefined).map(readPrivateKey),
      keepKey: (privateKey) => keepKey(writePrivateKey(privateKey)),
      async keep(certificate, privateKey) {
        const lsc = identityOf(certificate, privateKey);
        keep(lsc);
        done = { outcome: 'installed', ...lsc };
      },
      async remove() {
        keep(undefined);
        done = { outcome: 'deleted' };
      },
      async ownCertificate() {
        const { lsc } = state();
        return lsc && { type: capfCertificateType.LSC, der: lsc.certificate };
      },
    });
    // What the phone keeps counts, also when the connection broke before the server's last word.
    if (done !== undefined) return done;
    if (outcome === 'fetched') return { outcome };
    if (outcome === 'installed' || outcome === 'deleted') return { outcome: 'failed', reason: 'nothing was kept' };
    if (outcome === 'retry-later') return { outcome, reason, after: after ?? shortestReturn };
    return { outcome, reason };
  }

  #credential(proof: Extract<BootOutput, { kind: 'enrol' }>['proof']): CapfCredential {
    const { device, authenticationString, state } = this.#options;
    if (proof === 'string' && authenticationString !== undefined) {
      return { by: 'string', string: authenticationString };
    }
    const { lsc, mic } = state();
    const identity = proof === 'LSC' ? lsc : proof === 'MIC' ? mic : undefined;
    if (identity === undefined || (proof !== 'LSC' && proof !== 'MIC')) return { by: 'nothing' };
    const shown = { type: capfCertificateType[proof], der: identity.certificate };
    return {
      by: 'certificate',
      proof: makeCapfProof(device, shown, privateKeyOf(identity)),
      // Whichever of its certificates it shows: that it is here now, its MIC alone can say.
      sudi: mic && ((sessionId) => makeCapfSudi(sessionId, mic.certificate, privateKeyOf(mic))),
    };
  }

  #judgeBy(service: PhoneService) {
    return async ([certificate]: readonly Uint8Array[]) =>
      certificate === undefined
        ? { accepted: false, reason: 'it showed no certificate' }
        : await this.#options.judge(service, certificate);
  }
}
