import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Redacted } from '@trustline/base';
import type { SecurityEvent } from '@trustline/evidence';
import type { LscAuthoritiesAnswer, LscImportedAnswer, WaitingRequestsAnswer } from '../../api/capf-contract.ts';
import {
  type AddDeviceRequest,
  type AlarmsTestedAnswer,
  apiPrefix,
  type CallExplanation,
  type CallsAnswer,
  type CertificateRequestAnswer,
  type ConfigurationAnswer,
  type CredentialsAnswer,
  type DeviceAddedAnswer,
  type DevicesAnswer,
  type DoneAnswer,
  type ErasedAnswer,
  errorAnswer,
  type HeadAnswer,
  type ImportedAnswer,
  type OperatorAddedAnswer,
  type OperatorsAnswer,
  onlyAsks,
  type PkiAnswer,
  type StatusAnswer,
  type TokenCertificateAnswer,
  type TokenCertificateRequest,
} from '../../api/contract.ts';
import type {
  EnrolmentAnswer,
  EnrolmentRequest,
  EnrolmentsAnswer,
  ManufacturedAnswer,
} from '../../api/enrolment-contract.ts';
import type { GatewayRequest, GatewayShownAnswer, GatewaysAnswer } from '../../api/gateways-contract.ts';
import type {
  GatewayCertificateAnswer,
  GatewayCertificateRequest,
  IpsecAnswer,
  IpsecCheckAnswer,
  IpsecExplanationAnswer,
} from '../../api/ipsec-contract.ts';
import type {
  ForwardingRequest,
  LineForwardedAnswer,
  LineLimitsRequest,
  LinesAnswer,
  WaitingMessagesRequest,
} from '../../api/lines-contract.ts';
import type {
  ManufacturerRemovalAnswer,
  ManufacturersAnswer,
  RevocationListAnswer,
  RevokeCode,
  RevokedAnswer,
} from '../../api/outside-contract.ts';
import type { RenewalAnswer, RenewalRequest } from '../../api/renewal-contract.ts';
import type { OperatorRole } from '../../api/roles.ts';
import type { TracedMessage, TracedText } from '../../api/trace-contract.ts';
import type {
  CompleteWaveRequest,
  PublicationAnswer,
  PublishRequest,
  TrustAnswer,
  TrustListAnswer,
  TrustServersAnswer,
  WaveAnswer,
} from '../../api/trust-contract.ts';
import { ManagerError, type ManagerErrorCode } from '../../error.ts';
import { type ApiTarget, unanswered } from './target.ts';

/** Asks a running manager. Every method throws `ManagerError` with the code and next step that the manager gave. */
export class ManagerClient {
  readonly #target: ApiTarget;
  readonly #reason: string | undefined;

  /** @param reason why, in words for the record: it stands in every event of what is asked for */
  constructor(target: ApiTarget, reason?: string) {
    this.#target = target;
    this.#reason = reason;
  }

  status(): Promise<StatusAnswer> {
    return this.#json('GET', '/status');
  }

  ipsec(): Promise<IpsecAnswer> {
    return this.#json('GET', '/ipsec');
  }

  /** What a call to the gateway would find now, point by point. */
  explainGateway(gateway: string): Promise<IpsecExplanationAnswer> {
    return this.#json('GET', `/ipsec/${encodeURIComponent(gateway)}`);
  }

  /** Sends packets in the clear around the tunnel of the gateway, and says whether they left. */
  checkGateway(gateway: string): Promise<IpsecCheckAnswer> {
    return this.#json('POST', `/ipsec/${encodeURIComponent(gateway)}/check`);
  }

  issueGatewayCertificate(gateway: string, request: GatewayCertificateRequest): Promise<GatewayCertificateAnswer> {
    return this.#json('POST', `/ipsec/${encodeURIComponent(gateway)}/certificates`, request);
  }

  lines(): Promise<LinesAnswer> {
    return this.#json('GET', '/lines');
  }

  forwardLine(number: string, request: ForwardingRequest): Promise<LineForwardedAnswer> {
    return this.#json('POST', `/lines/${encodeURIComponent(number)}/forwarding`, request);
  }

  limitLine(number: string, request: LineLimitsRequest): Promise<LinesAnswer> {
    return this.#json('POST', `/lines/${encodeURIComponent(number)}/limits`, request);
  }

  setWaitingMessages(number: string, request: WaitingMessagesRequest): Promise<LinesAnswer> {
    return this.#json('POST', `/lines/${encodeURIComponent(number)}/messages`, request);
  }

  devices(): Promise<DevicesAnswer> {
    return this.#json('GET', '/devices');
  }

  addDevice(device: AddDeviceRequest): Promise<DeviceAddedAnswer> {
    return this.#json('POST', '/devices', device);
  }

  gateways(): Promise<GatewaysAnswer> {
    return this.#json('GET', '/gateways');
  }

  gateway(name: string): Promise<GatewayShownAnswer> {
    return this.#json('GET', `/gateways/${encodeURIComponent(name)}`);
  }

  addGateway(gateway: GatewayRequest): Promise<GatewayShownAnswer> {
    return this.#json('POST', '/gateways', gateway);
  }

  resetDevice(name: string): Promise<DoneAnswer> {
    return this.#json('POST', `/devices/${encodeURIComponent(name)}/reset`);
  }

  removeDevice(name: string): Promise<DoneAnswer> {
    return this.#json('DELETE', `/devices/${encodeURIComponent(name)}`);
  }

  deviceCredentials(name: string): Promise<CredentialsAnswer> {
    return this.#json('POST', `/devices/${encodeURIComponent(name)}/credentials`);
  }

  pinDevice(name: string, chain: string, roots: string): Promise<ImportedAnswer> {
    return this.#json('POST', `/devices/${encodeURIComponent(name)}/pin`, { chain, roots });
  }

  /** Lets a device enrol at CAPF, once. */
  openEnrolment(name: string, request: EnrolmentRequest): Promise<EnrolmentAnswer> {
    return this.#json('POST', `/devices/${encodeURIComponent(name)}/enrolment`, request);
  }

  cancelEnrolment(name: string): Promise<DoneAnswer> {
    return this.#json('DELETE', `/devices/${encodeURIComponent(name)}/enrolment`);
  }

  unlockEnrolment(name: string): Promise<DoneAnswer> {
    return this.#json('POST', `/devices/${encodeURIComponent(name)}/enrolment/unlock`);
  }

  enrolments(): Promise<EnrolmentsAnswer> {
    return this.#json('GET', '/enrolments');
  }

  /** The MIC of a simulated phone, with its key. */
  manufacture(name: string): Promise<ManufacturedAnswer> {
    return this.#json('POST', `/devices/${encodeURIComponent(name)}/manufacture`);
  }

  trust(): Promise<TrustAnswer> {
    return this.#json('GET', '/trust');
  }

  trustServers(): Promise<TrustServersAnswer> {
    return this.#json('GET', '/trust/servers');
  }

  trustList(number: number): Promise<TrustListAnswer> {
    return this.#json('GET', `/trust/lists/${number}`);
  }

  publishList(request: PublishRequest): Promise<PublicationAnswer> {
    return this.#json('POST', '/trust/lists', request);
  }

  /** Asks whether whoever asks may publish lists, which is known before any token signs. @throws manager.role-needed */
  mayPublishLists(): Promise<DoneAnswer> {
    return this.#json('POST', `/trust/lists?${onlyAsks}`);
  }

  /** Signs the ITL anew, though nothing in it has changed. */
  signItl(): Promise<DoneAnswer> {
    return this.#json('POST', '/trust/itl');
  }

  trustWave(): Promise<WaveAnswer> {
    return this.#json('GET', '/trust/wave');
  }

  completeWave(request: CompleteWaveRequest = {}): Promise<DoneAnswer> {
    return this.#json('POST', '/trust/wave/complete', request);
  }

  calls(): Promise<CallsAnswer> {
    return this.#json('GET', '/calls');
  }

  /** @param beginning of the name of the call */
  call(beginning: string): Promise<CallExplanation> {
    return this.#json('GET', `/calls/${encodeURIComponent(beginning)}`);
  }

  /** The SIP messages of calls as they pass, until the manager stops. */
  async *callMessages(): AsyncGenerator<TracedMessage> {
    for await (const line of this.#lines('GET', '/calls/messages')) yield JSON.parse(line) as TracedMessage;
  }

  /**
   * The SIP messages of a device as they pass, until the manager stops.
   *
   * @param decrypted with what passes over TLS; needs a reason
   */
  async *deviceMessages(device: string, decrypted: boolean): AsyncGenerator<TracedText> {
    const path = `/devices/${encodeURIComponent(device)}/messages${decrypted ? '/decrypted' : ''}`;
    for await (const line of this.#lines('POST', path)) yield JSON.parse(line) as TracedText;
  }

  /** The last events, then, when followed, all that come until the manager stops. */
  async *events(options: { readonly limit?: number; readonly follow?: boolean } = {}): AsyncGenerator<SecurityEvent> {
    const query = new URLSearchParams();
    if (options.limit !== undefined) query.set('limit', String(options.limit));
    if (options.follow === true) query.set('follow', '1');
    for await (const line of this.#lines('GET', `/events?${query}`)) yield JSON.parse(line) as SecurityEvent;
  }

  /** The export of the records, in chunks as they come. */
  async *exportRecords(): AsyncGenerator<string> {
    yield* chunksOf(await this.#request('GET', '/records/export'));
  }

  recordsHead(): Promise<HeadAnswer> {
    return this.#json('GET', '/records/head');
  }

  eraseRecords(olderThanDays: number): Promise<ErasedAnswer> {
    return this.#json('POST', '/records/erase', { olderThanDays });
  }

  pki(): Promise<PkiAnswer> {
    return this.#json('GET', '/pki');
  }

  requestCertificate(role: string): Promise<CertificateRequestAnswer> {
    return this.#json('POST', '/pki/requests', { role });
  }

  importCertificate(role: string, chain: string, roots: string): Promise<ImportedAnswer> {
    return this.#json('POST', '/pki/certificates', { role, chain, roots });
  }

  /** Gives a server another certificate, or says what phones would make of it. */
  renewCertificate(request: RenewalRequest): Promise<RenewalAnswer> {
    return this.#json('POST', '/pki/renewals', request);
  }

  /** What an authority of the cluster has revoked. */
  revocationList(role: string): Promise<RevocationListAnswer> {
    return this.#json('GET', `/pki/revocation/${encodeURIComponent(role)}`);
  }

  /** @param list DER or PEM */
  importRevocationList(list: Uint8Array): Promise<RevocationListAnswer> {
    return this.#json('POST', '/pki/revocation', { list: Buffer.from(list).toString('base64') });
  }

  /** @param certificate PEM */
  revokeCertificate(certificate: string, code: RevokeCode): Promise<RevokedAnswer> {
    return this.#json('POST', '/pki/revoked', { certificate, code });
  }

  manufacturers(): Promise<ManufacturersAnswer> {
    return this.#json('GET', '/pki/manufacturers');
  }

  importManufacturers(certificates: string): Promise<ManufacturersAnswer> {
    return this.#json('POST', '/pki/manufacturers', { certificates });
  }

  renewManufacturer(dryRun: boolean): Promise<ManufacturersAnswer> {
    return this.#json('POST', '/pki/manufacturers/renewals', { dryRun });
  }

  removeManufacturer(
    fingerprint: string,
    how: { readonly dryRun: boolean; readonly force: boolean },
  ): Promise<ManufacturerRemovalAnswer> {
    return this.#json('POST', '/pki/manufacturers/removals', { fingerprint, ...how });
  }

  /** As {@link mayPublishLists}, of certificates for tokens. @throws manager.role-needed */
  mayIssueTokenCertificates(): Promise<DoneAnswer> {
    return this.#json('POST', `/tokens/certificates?${onlyAsks}`);
  }

  /** What phones ask of the outside authority that issues their LSCs. */
  waitingRequests(): Promise<WaitingRequestsAnswer> {
    return this.#json('GET', '/capf/requests');
  }

  /** @param file PEM, DER or PKCS#7, of one phone */
  importLsc(file: Uint8Array): Promise<LscImportedAnswer> {
    return this.#json('POST', '/capf/certificates', { file: Buffer.from(file).toString('base64') });
  }

  lscAuthorities(): Promise<LscAuthoritiesAnswer> {
    return this.#json('GET', '/pki/lsc-authorities');
  }

  importLscAuthorities(certificates: string): Promise<LscAuthoritiesAnswer> {
    return this.#json('POST', '/pki/lsc-authorities', { certificates });
  }

  removeLscAuthority(fingerprint: string): Promise<LscAuthoritiesAnswer> {
    return this.#json('DELETE', `/pki/lsc-authorities/${encodeURIComponent(fingerprint)}`);
  }

  issueTokenCertificate(request: TokenCertificateRequest): Promise<TokenCertificateAnswer> {
    return this.#json('POST', '/tokens/certificates', request);
  }

  operators(): Promise<OperatorsAnswer> {
    return this.#json('GET', '/operators');
  }

  addOperator(name: string, role: OperatorRole): Promise<OperatorAddedAnswer> {
    return this.#json('POST', '/operators', { name, role });
  }

  removeOperator(name: string): Promise<DoneAnswer> {
    return this.#json('DELETE', `/operators/${encodeURIComponent(name)}`);
  }

  configuration(): Promise<ConfigurationAnswer> {
    return this.#json('GET', '/configuration');
  }

  testAlarms(): Promise<AlarmsTestedAnswer> {
    return this.#json('POST', '/alarms/test');
  }

  /** A backup of everything that is kept, encrypted with the passphrase, as it comes. */
  async *backup(passphrase: Redacted<string>): AsyncGenerator<Uint8Array> {
    yield* octetsOf(await this.#request('POST', '/backup', { passphrase: passphrase.reveal() }));
  }

  /** Takes no new calls and stops, at the latest after so many seconds; the configured time without. */
  drain(seconds?: number): Promise<DoneAnswer> {
    return this.#json('POST', '/drain', seconds === undefined ? {} : { seconds });
  }

  async #json<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.#request(method, path, body);
    return JSON.parse(await readAll(response)) as Answer;
  }

  async *#lines(method: string, path: string): AsyncGenerator<string> {
    const response = await this.#request(method, path);
    let rest = '';
    for await (const chunk of chunksOf(response)) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  }

  async #request(method: string, asked: string, body?: unknown): Promise<IncomingMessage> {
    const isChange = method !== 'GET' && this.#reason !== undefined;
    const path = isChange
      ? `${asked}${asked.includes('?') ? '&' : '?'}${new URLSearchParams({ reason: this.#reason ?? '' })}`
      : asked;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = text === undefined ? {} : { 'content-type': 'application/json' };
      const target = this.#target;
      const request =
        target.kind === 'socket'
          ? // A connection for each: a kept one may be closed by the manager at the moment it is used again.
            httpRequest(
              { socketPath: target.path, agent: false, method, path: `${apiPrefix}${path}`, headers },
              resolve,
            )
          : httpsRequest(
              new URL(`${apiPrefix}${path}`, target.url),
              { method, headers, cert: target.certificate, key: target.privateKey, ca: target.trustBundle },
              resolve,
            );
      request.once('error', (cause: NodeJS.ErrnoException) => reject(unanswered(target, cause)));
      request.end(text);
    });
    if (response.statusCode === 200) return response;
    throw readError(await readAll(response), response.statusCode ?? 0);
  }
}

function readError(text: string, status: number): ManagerError {
  try {
    const { error } = errorAnswer.parse(JSON.parse(text));
    const next = error.nextStep === undefined ? {} : { nextStep: error.nextStep };
    return new ManagerError(error.code as ManagerErrorCode, error.message, next);
  } catch (cause) {
    return new ManagerError('manager.api-mismatch', `The answer (HTTP ${status}) is none of a Trustline manager.`, {
      nextStep: 'Check that the manager is of the same version as this command.',
      cause,
    });
  }
}

function chunksOf(response: IncomingMessage): AsyncGenerator<string> {
  return untilBroken(response.setEncoding('utf8'));
}

function octetsOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  return untilBroken(response);
}

/** An answer as it comes. A manager that was killed breaks it off. */
async function* untilBroken<Chunk>(response: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  try {
    yield* response;
  } catch (cause) {
    throw new ManagerError('manager.api-unreachable', 'The manager went away in the middle of its answer.', {
      nextStep: 'See whether it runs: trustline status. Start it again with: npm start',
      cause,
    });
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of chunksOf(response)) text += chunk;
  return text;
}
