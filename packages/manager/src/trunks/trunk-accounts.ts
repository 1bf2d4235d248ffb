import type { Redacted } from '@trustline/base';
import type { EventKind } from '@trustline/evidence';
import {
  type ClientTransactionId,
  DigestClient,
  formatHost,
  parseSipUri,
  RegistrationClient,
  type RegistrationOutput,
  type SipFlow,
  type SipHeader,
  type SipRequest,
  type SipResponse,
  type SipUserAgent,
} from '@trustline/sip';
import { addressOf } from '../legs/sip/authority.ts';

/** What a trunk knows the manager by. */
export interface TrunkAccount {
  readonly device: string;
  readonly credentials: TrunkCredentials | undefined;
  readonly registration: TrunkRegistration | undefined;
}

/** Answers to the trunk's challenges (RFC 3261 §22, RFC 7616). */
export interface TrunkCredentials {
  readonly username: string;
  readonly password: Redacted<string>;
  /** Also to a challenge for MD5. */
  readonly md5: boolean;
  /** Also where there is no TLS: whoever listens may then guess the password. */
  readonly clear: boolean;
}

/** The manager registers there as one number, so that calls come to it down its own connection. */
export interface TrunkRegistration {
  /** `sip:49301234@carrier.example.com`. */
  readonly addressOfRecord: string;
  /** What is asked for, in seconds. */
  readonly expires: number;
}

export interface TrunkAccountsPorts {
  readonly userAgent: Pick<SipUserAgent, 'sendRequest'>;
  readonly random: (length: number) => Uint8Array;
  /** The Contact on a flow with this user. */
  contact(flow: SipFlow, user: string | undefined): string;
  /** The connections of a device, the best last. */
  flowsOf(device: string): readonly SipFlow[];
  event(
    kind: EventKind,
    fields: {
      readonly cause: string;
      readonly device: string;
      readonly reason: string;
      readonly nextStep?: string;
      readonly remoteAddress?: string;
    },
  ): void;
}

interface KeptAccount extends TrunkAccount {
  readonly digest: DigestClient | undefined;
  client: RegistrationClient | undefined;
  /** Where it is registered, or about to be. */
  flow: SipFlow | undefined;
  register: ClientTransactionId | undefined;
  serviceRoute: readonly string[];
  said: 'registered' | 'failed' | undefined;
  saidClear: boolean;
}

/** The manager as a customer of its trunks: it answers their challenges, and stays registered with those that want it. */
export class TrunkAccounts {
  readonly #ports: TrunkAccountsPorts;
  readonly #accounts = new Map<string, KeptAccount>();

  constructor(accounts: readonly TrunkAccount[], ports: TrunkAccountsPorts) {
    this.#ports = ports;
    for (const account of accounts) {
      const { username, password, md5 } = account.credentials ?? {};
      const digest =
        username === undefined || password === undefined
          ? undefined
          : new DigestClient({ username, password, allowMd5: md5 === true, random: ports.random });
      const rest = { client: undefined, flow: undefined, register: undefined, serviceRoute: [] };
      this.#accounts.set(account.device, { ...account, digest, ...rest, said: undefined, saidClear: false });
    }
  }

  /** Whether a trunk may be believed without TLS on a connection that we have made to it, as the operator has said. */
  allowsClear(device: string): boolean {
    return this.#accounts.get(device)?.credentials?.clear === true;
  }

  /** Where requests for a trunk go first (RFC 3608 §6.1). */
  serviceRoute(device: string): readonly string[] {
    return this.#accounts.get(device)?.serviceRoute ?? [];
  }

  /** The header that answers the challenge of a device; undefined where it is to have none. */
  answer(device: string, flow: SipFlow, request: SipRequest, response: SipResponse): SipHeader | undefined {
    const account = this.#accounts.get(device);
    const digest = account === undefined ? undefined : this.#digestOn(account, flow);
    const credentials = digest?.answer(request, response);
    if (credentials === undefined) this.#unanswered(device, account, flow, request.method);
    return credentials;
  }

  /** The connections of a trunk are as they shall be: it is registered with the best. */
  settled(now: number, device: string): void {
    const account = this.#accounts.get(device);
    const best = this.#ports.flowsOf(device).at(-1);
    if (account === undefined || best === undefined) return;
    if (best.transport !== 'tls' && account.credentials?.clear === true && !account.saidClear) {
      account.saidClear = true;
      this.#ports.event('trunk-credentials-clear', {
        cause: `Challenges of ${device} are answered without TLS, and what comes over a TCP connection to it is believed, as the configuration says: whoever is between may guess the password and call in its name.`,
        nextStep: 'Ask the provider for TLS; then give address as sips: and leave out credentials.clear.',
        device,
        reason: 'clear',
        remoteAddress: addressOf(best),
      });
    }
    if (account.registration === undefined || account.flow?.id === best.id) return;
    account.flow = best;
    account.client ??= this.#client(account, account.registration);
    account.client.start();
    this.#drain(now, account);
  }

  /** A connection is gone: what was registered over it is registered over the next. */
  flowClosed(now: number, flowId: string): void {
    for (const account of this.#accounts.values()) {
      if (account.flow?.id !== flowId) continue;
      account.register = undefined;
      account.flow = this.#ports.flowsOf(account.device).at(-1);
      if (account.flow === undefined) account.client?.flowFailed(now);
      else account.client?.start();
      this.#drain(now, account);
    }
  }

  deviceRemoved(device: string): void {
    const account = this.#accounts.get(device);
    if (account === undefined) return;
    account.client = undefined;
    account.flow = undefined;
    account.register = undefined;
    account.said = undefined;
  }

  /** False where the response is to no request of ours. */
  handleResponse(now: number, transaction: ClientTransactionId, response: SipResponse): boolean {
    const account = this.#ofTransaction(transaction);
    account?.client?.handleResponse(now, response);
    if (account !== undefined) this.#drain(now, account);
    return account !== undefined;
  }

  handleFailure(now: number, transaction: ClientTransactionId, cause: 'timeout' | 'transport'): boolean {
    const account = this.#ofTransaction(transaction);
    account?.client?.handleFailure(now, cause);
    if (account !== undefined) this.#drain(now, account);
    return account !== undefined;
  }

  nextDeadline(): number | undefined {
    const all = [...this.#accounts.values()].flatMap(({ client }) => client?.nextDeadline() ?? []);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  handleTime(now: number): void {
    for (const account of this.#accounts.values()) {
      account.client?.handleTime(now);
      this.#drain(now, account);
    }
  }

  #ofTransaction(transaction: ClientTransactionId): KeptAccount | undefined {
    return [...this.#accounts.values()].find(({ register }) => register === transaction);
  }

  #client(account: KeptAccount, { addressOfRecord, expires }: TrunkRegistration): RegistrationClient {
    const own = parseSipUri(addressOfRecord);
    const guarded = () => (account.flow === undefined ? undefined : this.#digestOn(account, account.flow));
    return new RegistrationClient({
      registrar: `${own?.secure === true ? 'sips' : 'sip'}:${formatHost(own?.host ?? '')}`,
      addressOfRecord: `<${addressOfRecord}>`,
      contact: () => (account.flow === undefined ? '' : this.#ports.contact(account.flow, own?.user)),
      expires,
      headers: [{ name: 'Supported', value: 'path' }],
      digest: {
        answer: (...challenged) => guarded()?.answer(...challenged),
        credentials: (request) => guarded()?.credentials(request),
      },
      random: this.#ports.random,
    });
  }

  #digestOn({ digest, credentials }: KeptAccount, flow: SipFlow): DigestClient | undefined {
    return flow.transport === 'tls' || credentials?.clear === true ? digest : undefined;
  }

  #drain(now: number, account: KeptAccount): void {
    const { client } = account;
    for (let output = client?.poll(); output !== undefined; output = client?.poll()) this.#take(now, account, output);
  }

  #take(now: number, account: KeptAccount, output: RegistrationOutput): void {
    const { device, flow } = account;
    switch (output.kind) {
      case 'send':
        if (flow === undefined) account.client?.flowFailed(now);
        else account.register = this.#ports.userAgent.sendRequest(now, flow, output.request);
        return;
      case 'registered':
        account.serviceRoute = output.serviceRoute;
        if (account.said === 'registered') return;
        account.said = 'registered';
        this.#ports.event('trunk-registered', {
          cause: `The manager is registered with ${device} as ${account.registration?.addressOfRecord} for ${output.expires} s.`,
          device,
          reason: 'registered',
          ...(flow === undefined ? {} : { remoteAddress: addressOf(flow) }),
        });
        return;
      case 'failed': {
        account.serviceRoute = [];
        const { response, status } = output;
        const isChallenge = response !== undefined && (status === 401 || status === 407);
        if (isChallenge && flow !== undefined) this.#unanswered(device, account, flow, 'REGISTER');
        if (account.said === 'failed') return;
        account.said = 'failed';
        const said = response === undefined ? 'did not answer' : `answered ${status} ${response.reason}`;
        this.#ports.event('trunk-registration-failed', {
          cause: `The manager is not registered with ${device}: it ${said}.`,
          nextStep:
            output.retryAt === undefined
              ? `Look at trunks[].registration and trunks[].credentials of ${device}; it is tried again on a new connection or after a restart.`
              : 'It is tried again by itself.',
          device,
          reason: String(status),
          ...(flow === undefined ? {} : { remoteAddress: addressOf(flow) }),
        });
        return;
      }
      case 'unregistered': // nobody asks for it
      case 'ping': // the connection has its own
      case 'flow-dead':
    }
  }

  /** Whatever it was, the trunk's refusal stands; here is why. */
  #unanswered(device: string, account: KeptAccount | undefined, flow: SipFlow, method: string): void {
    const fields = { device, remoteAddress: addressOf(flow) };
    if (account?.credentials === undefined) {
      this.#ports.event('trunk-credentials-refused', {
        ...fields,
        reason: 'none',
        cause: `${device} wants a password for ${method}, and none is configured for it.`,
        nextStep: 'Give trunks[].credentials.',
      });
    } else if (this.#digestOn(account, flow) === undefined) {
      this.#ports.event('trunk-credentials-refused', {
        ...fields,
        reason: 'clear',
        cause: `${device} wants a password for ${method} without TLS; it was given nothing.`,
        nextStep: 'Reach it by TLS (sips:), or allow it with trunks[].credentials.clear: true.',
      });
    } else {
      this.#ports.event('trunk-credentials-refused', {
        ...fields,
        reason: 'refused',
        cause: `${device} refuses user name or password for ${method}, or wants what is not offered: MD5 without trunks[].credentials.md5, or no qop.`,
        nextStep: 'Look at trunks[].credentials.',
      });
    }
  }
}
