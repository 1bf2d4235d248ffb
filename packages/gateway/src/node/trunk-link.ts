import { randomBytes } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import { preferredSuites } from '@trustline/keying';
import {
  type ClientTransactionId,
  DigestClient,
  formatHost,
  parseSipUri,
  RegistrationClient,
  type ServerTarget,
  type SipFlow,
  type SipHeader,
  type SipRequest,
  type SipResponse,
  type SipUserAgent,
  uriTransport,
} from '@trustline/sip';
import { ServerResolver, type SipTransportHub, type UdpListener } from '@trustline/sip/node';
import { GatewayError } from '../error.ts';
import { optionsRequest } from '../trunks/trunk-requests.ts';
import {
  type ConfiguredTrunk,
  type ProvenCarrier,
  readTrunkCredentials,
  type TrunkCredentials,
} from './trunk-credentials.ts';

/** How soon what is missing is tried again at the latest, in milliseconds. */
const RETRY = 15_000;
const KEEP_ALIVE = { interval: 30_000, pongTimeout: 10_000 } as const;

/** Answers to an OPTIONS that say: not now, or not here. */
const notThere: ReadonlySet<number> = new Set([408, 503, 504]);

/** One thing that was tried of a carrier, and what came of it. */
export interface TrunkCheck {
  readonly what: 'dns' | 'connection' | 'options' | 'registration' | 'media';
  /** Null where it could not be tried. */
  readonly passed: boolean | null;
  readonly text: string;
}

export interface TrunkLinkOptions {
  readonly trunk: ConfiguredTrunk;
  /** What paths are relative to. */
  readonly folder: string;
  /** Name servers as `address` or `address:port`; those of the machine by default. */
  readonly nameServers?: readonly string[];
  readonly notice: (level: 'info' | 'warning', text: string) => void;
  /** What was found out, at the start and after each change. */
  readonly tested: (checks: readonly TrunkCheck[]) => void;
}

/** Where things are sent and timed: the driver of the trunk's user agent. */
export interface TrunkDriving {
  readonly hub: SipTransportHub<ProvenCarrier>;
  readonly agent: SipUserAgent;
  command<Result>(act: (now: number) => Result): Result;
}

/**
 * The connection to a carrier: found by DNS, opened to the best server that can be reached, asked by OPTIONS whether it is
 * there, registered over, and opened anew to the next server where that fails.
 */
export class TrunkLink {
  readonly #options: TrunkLinkOptions;
  readonly #driving: TrunkDriving;
  readonly domain: string;
  readonly #credentials: TrunkCredentials;
  readonly #digest: DigestClient | undefined;
  readonly #checks = new Map<TrunkCheck['what'], TrunkCheck>();
  #targets: readonly ServerTarget[] = [];
  #flow: SipFlow | undefined;
  #udp: UdpListener | undefined;
  #registration: RegistrationClient | undefined;
  #register: ClientTransactionId | undefined;
  #probe: ClientTransactionId | undefined;
  #serviceRoute: readonly string[] = [];
  #isUp = false;
  /** The server that is tried first: the next one, after one has failed. */
  #first = 0;
  #timers: { retry?: NodeJS.Timeout; probe?: NodeJS.Timeout; silence?: NodeJS.Timeout; registration?: NodeJS.Timeout } =
    {};
  #stopped = false;

  /** @throws {GatewayError} where a file cannot be read, or the trunk cannot be used as it is written */
  constructor(options: TrunkLinkOptions, driving: TrunkDriving) {
    const { trunk, folder } = options;
    this.#options = options;
    this.#driving = driving;
    const host = parseSipUri(`sip:${trunk.server}`)?.host ?? trunk.server;
    this.domain = trunk.domain ?? host;
    this.#credentials = readTrunkCredentials(trunk, this.domain, folder);
    const { register } = trunk;
    const { password } = this.#credentials;
    if (register === undefined || password === undefined) return;
    this.#digest = new DigestClient({ username: register.username, password, allowMd5: register.md5, random });
    this.#registration = new RegistrationClient({
      registrar: `sip:${formatHost(this.domain)}`,
      addressOfRecord: `<${register.addressOfRecord ?? `sip:${register.username}@${formatHost(this.domain)}`}>`,
      contact: () => (this.#flow === undefined ? '' : this.contact(this.#flow)),
      expires: register.seconds,
      digest: {
        answer: (...challenged) => this.#guarded(this.#flow)?.answer(...challenged),
        credentials: (request) => this.#guarded(this.#flow)?.credentials(request),
      },
      random,
    });
  }

  /** The way to the carrier, while it is there. */
  get flow(): SipFlow | undefined {
    return this.#isUp ? this.#flow : undefined;
  }

  get serviceRoute(): readonly string[] {
    return this.#serviceRoute;
  }

  get isTls(): boolean {
    return this.#options.trunk.transport === 'tls';
  }

  contact(flow: SipFlow): string {
    const { register } = this.#options.trunk;
    const user = register === undefined ? '' : `${register.username}@`;
    return `<sip:${user}${formatHost(flow.local.host)}:${flow.local.port};transport=${uriTransport(flow)}>`;
  }

  /** Whether a flow is the carrier's: our own to it, or one whose certificate or address is its. */
  isTheirs(flow: SipFlow): boolean {
    if (flow.id === this.#flow?.id || flow.transport === 'tls') return true;
    return this.#targets.some(({ host }) => host === flow.remote.host);
  }

  answerChallenge(request: SipRequest, response: SipResponse, flow: SipFlow): SipHeader | undefined {
    return this.#guarded(flow)?.answer(request, response);
  }

  async start(): Promise<void> {
    const { trunk } = this.#options;
    const { hub } = this.#driving;
    if (trunk.transport === 'udp') {
      const where = trunk.listen ?? { address: isIPv6(trunk.server) ? '::' : '0.0.0.0', port: 0 };
      this.#udp = await hub.listenUdp({ host: where.address, port: where.port });
    } else if (trunk.listen !== undefined) {
      const where = { host: trunk.listen.address, port: trunk.listen.port };
      const { judge, secureContext } = this.#credentials;
      if (trunk.transport === 'tcp') await hub.listenTcp(where);
      else if (trunk.certificate === undefined) {
        throw new GatewayError('gateway.trunk-unusable', `${trunk.name} is to listen by TLS and has no certificate`, {
          nextStep: 'Name certificate and key, or leave out listen.',
        });
      } else await hub.listenTls({ ...where, secureContextOptions: secureContext, judge });
    }
    await this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
  }

  /** Asks whether it is there, without waiting for the time of the next question. */
  askNow(): void {
    if (this.#isUp) this.#ask();
  }

  flowClosed(flowId: string): void {
    if (this.#flow?.id !== flowId) return;
    this.#probed();
    this.#flow = undefined;
    this.#down('the connection was closed');
  }

  /** False where the response is to no request of ours. */
  handleResponse(now: number, transaction: ClientTransactionId, response: SipResponse): boolean {
    if (transaction === this.#probe) {
      if (response.status < 200) return true;
      this.#probed();
      if (notThere.has(response.status)) this.#failed(`it answered OPTIONS with ${response.status}`);
      else this.#up(response.status);
      return true;
    }
    if (transaction !== this.#register) return false;
    this.#registration?.handleResponse(now, response);
    this.#drain(now);
    return true;
  }

  handleFailure(now: number, transaction: ClientTransactionId, cause: 'timeout' | 'transport'): boolean {
    if (transaction === this.#probe) {
      this.#probed();
      this.#failed(cause === 'timeout' ? 'it did not answer OPTIONS' : 'the connection failed');
      return true;
    }
    if (transaction !== this.#register) return false;
    this.#registration?.handleFailure(now, cause);
    this.#drain(now);
    return true;
  }

  get #retry(): number {
    return Math.min(RETRY, this.#options.trunk.optionsSeconds * 1_000);
  }

  async #connect(): Promise<void> {
    if (this.#stopped) return;
    const { trunk } = this.#options;
    try {
      await this.#locate();
      await this.#open();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!this.#checks.has('dns')) this.#check('dns', false, text);
      else this.#check('connection', false, text);
      this.#tell();
      this.#options.notice(
        'warning',
        `${trunk.name} cannot be reached: ${text}; it is tried again every ${this.#retry / 1_000} s`,
      );
      this.#again();
      return;
    }
    this.#ask();
  }

  async #locate(): Promise<void> {
    const { trunk, nameServers = [] } = this.#options;
    const scheme = this.isTls ? 'sips' : 'sip';
    const uri = parseSipUri(`${scheme}:${trunk.server}${this.isTls ? '' : `;transport=${trunk.transport}`}`);
    if (uri === undefined) {
      throw new GatewayError('gateway.trunk-unusable', `${trunk.server} is no name of a server`, {
        nextStep: 'Write a domain or an address, with a port or without.',
      });
    }
    this.#checks.clear();
    this.#targets = await new ServerResolver({ servers: nameServers, transports: [trunk.transport] }).locate(uri);
    const places = this.#targets.map(({ host, port }) => `${formatHost(host)}:${port}`);
    this.#check('dns', true, `${trunk.server} is at ${places.join(', ')}`);
  }

  /** The first server that can be reached, beginning with the one whose turn it is. */
  async #open(): Promise<void> {
    const order = this.#targets.map(
      (_, at) => this.#targets[(at + this.#first) % this.#targets.length] as ServerTarget,
    );
    let failure: unknown;
    for (const { host, port } of order) {
      try {
        this.#flow = await this.#openTo(host, port);
        const proved = this.isTls ? `, whose certificate is for ${this.domain}` : '';
        this.#check('connection', true, `${this.#options.trunk.transport} to ${formatHost(host)}:${port}${proved}`);
        return;
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure;
  }

  #openTo(host: string, port: number): Promise<SipFlow> | SipFlow {
    const { hub } = this.#driving;
    const { judge, secureContext } = this.#credentials;
    if (this.#udp !== undefined) return this.#udp.flowTo({ host, port }, { keepAlive: false });
    if (!this.isTls) return hub.connectTcp({ host, port, keepAlive: KEEP_ALIVE });
    return hub.connectTls({
      host,
      port,
      ...(isIP(this.domain) === 0 ? { serverName: this.domain } : {}),
      keepAlive: KEEP_ALIVE,
      secureContextOptions: secureContext,
      judge,
    });
  }

  #ask(): void {
    const flow = this.#flow;
    if (flow === undefined || this.#stopped || this.#probe !== undefined) return;
    const request = optionsRequest(formatHost(this.domain), this.contact(flow), random);
    const probe = this.#driving.command((now) => this.#driving.agent.sendRequest(now, flow, request));
    this.#probe = probe;
    // Its transaction would wait for 32 s (RFC 3261 §17.1.2.2), and calls with it.
    const seconds = this.#options.trunk.silentSeconds;
    this.#timers.silence = setTimeout(() => {
      this.#probed();
      this.#failed(`it did not answer OPTIONS for ${seconds} s`);
    }, seconds * 1_000).unref();
  }

  #probed(): void {
    this.#probe = undefined;
    clearTimeout(this.#timers.silence);
  }

  #up(status: number): void {
    clearTimeout(this.#timers.probe);
    this.#timers.probe = setTimeout(() => this.#ask(), this.#options.trunk.optionsSeconds * 1_000).unref();
    if (this.#isUp) return;
    this.#isUp = true;
    this.#check('options', true, `it answered OPTIONS with ${status}`);
    const keys = this.isTls && this.#options.trunk.srtp !== 'forbid';
    const suites = preferredSuites.slice(0, 2).join(', ');
    this.#check('media', true, keys ? `SRTP is offered (${suites} and others)` : 'RTP is offered, without keys');
    if (this.#registration === undefined) {
      this.#tell();
      return;
    }
    this.#registration.start();
    this.#driving.command((now) => this.#drain(now));
  }

  /** This server does not serve: the next one is to. */
  #failed(because: string): void {
    this.#first += 1;
    this.#check('options', false, because);
    this.#flow = undefined;
    this.#down(because);
  }

  #down(because: string): void {
    const was = this.#isUp;
    this.#isUp = false;
    clearTimeout(this.#timers.probe);
    this.#driving.command((now) => {
      this.#registration?.flowFailed(now);
    });
    if (was) this.#options.notice('warning', `${this.#options.trunk.name} is down: ${because}`);
    else this.#tell();
    // A carrier with another server is tried there at once.
    this.#again(was || this.#first < this.#targets.length ? 200 : this.#retry);
  }

  #again(wait = this.#retry): void {
    clearTimeout(this.#timers.retry);
    if (!this.#stopped) this.#timers.retry = setTimeout(() => void this.#connect(), wait).unref();
  }

  #drain(now: number): void {
    const client = this.#registration;
    for (let output = client?.poll(); output !== undefined; output = client?.poll()) {
      if (output.kind === 'send') {
        const flow = this.#flow;
        if (flow === undefined) client?.flowFailed(now);
        else this.#register = this.#driving.agent.sendRequest(now, flow, output.request);
      } else if (output.kind === 'registered') {
        this.#serviceRoute = output.serviceRoute;
        this.#check('registration', true, `registered for ${output.expires} s`);
        this.#tell();
      } else if (output.kind === 'failed') {
        const said = output.response === undefined ? 'no answer' : `${output.status} ${output.response.reason}`;
        this.#check('registration', false, `the registration failed: ${said}`);
        this.#tell();
      }
    }
    clearTimeout(this.#timers.registration);
    const due = client?.nextDeadline();
    if (due === undefined || this.#stopped) return;
    const wait = Math.max(0, Math.ceil(due - performance.now()));
    this.#timers.registration = setTimeout(
      () => {
        this.#driving.command((at) => {
          client?.handleTime(at);
          this.#drain(at);
        });
      },
      Math.min(wait, 2_147_483_647),
    ).unref();
  }

  /** Passwords are for a carrier that has proved itself, unless the document says otherwise. */
  #guarded(flow: SipFlow | undefined): DigestClient | undefined {
    const isFit = flow?.transport === 'tls' || this.#options.trunk.register?.clear === true;
    return isFit ? this.#digest : undefined;
  }

  #check(what: TrunkCheck['what'], passed: boolean | null, text: string): void {
    this.#checks.set(what, { what, passed, text });
  }

  #tell(): void {
    this.#options.tested([...this.#checks.values()]);
  }
}

function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
