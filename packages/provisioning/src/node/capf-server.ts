import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { TrustlineError } from '@trustline/base';
import type { Enrolments } from '../capf/enrolment.ts';
import type { EnrolmentEvent, EnrolmentOperation, OutsideIssue } from '../capf/enrolment-types.ts';
import { capfMessageStream } from '../capf/message.ts';
import { CapfServerSession } from '../capf/server-session.ts';
import type { CapfServerOutput, CapfSessionTimeouts } from '../capf/server-session-types.ts';
import { monotonicNow } from './clock.ts';
import { Drive } from './tls/drive.ts';
import { type Guest, type ListenerEvent, type TlsIdentity, TlsListener } from './tls/listener.ts';

/** What one server may cost. */
export interface ServiceLimits {
  /** Connections at once: beyond it the oldest that has proved nothing goes. */
  readonly connections: number;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
}

export const defaultServiceLimits: ServiceLimits = { connections: 2_000, handshakeTimeout: 10_000 };

export interface CapfServerOptions {
  /** CAPF's port is 3804. */
  readonly where: { readonly host: string; readonly port: number };
  /** The CAPF identity, which phones know by its role in their trust lists. */
  readonly identities: readonly TlsIdentity[];
  /** Also takes phones of the TLS 1.0 era. Default false. */
  readonly legacy?: boolean;
  readonly enrolments: Enrolments;
  /**
   * Certifies a phone's key (SubjectPublicKeyInfo, DER) and returns the certificate in DER. Before it resolves,
   * the certificate must be where it can be revoked from, and the operation where it is not pending any more after
   * a restart.
   */
  readonly issue: (device: string, publicKey: Uint8Array, operation: EnrolmentOperation) => Promise<Uint8Array>;
  /** Where an outside authority issues by files; operations that wait for one need it whoever issues now. */
  readonly outside?: OutsideAuthority | undefined;
  /** Takes the certificate that a phone says it has; judge it before believing it. */
  readonly fetched?: (device: string, certificate: Uint8Array) => void;
  /** Hears of every operation that was carried out, and of the connection on which it was. */
  readonly carriedOut?: (device: string, operation: EnrolmentOperation, connection: CapfConnection) => void;
  readonly onEvent: (event: EnrolmentEvent | ListenerEvent) => void;
  readonly timeouts?: Partial<CapfSessionTimeouts>;
  readonly limits?: Partial<ServiceLimits>;
}

/** A connection to CAPF. */
export interface CapfConnection {
  /** Of the phone, without the port. */
  readonly address: string;
  /** Monotonic milliseconds. */
  readonly openedAt: number;
}

export interface OutsideAuthority {
  /**
   * Given, it issues in the place of `issue`: what a phone has to sign to ask for a certificate, a CertificationRequestInfo
   * in DER.
   */
  readonly request: ((device: string, publicKey: Uint8Array) => Uint8Array) | undefined;
  /** Keeps the key of a phone; when it resolves, it is there after a restart. */
  readonly record: (device: string, operation: EnrolmentOperation, outside: OutsideIssue) => Promise<void>;
  /** Notes that the phone is given this certificate (DER). */
  readonly handOut: (device: string, operation: EnrolmentOperation, certificate: Uint8Array) => Promise<void>;
}

/** How often events of the operator's own acts, and the ends of windows, are looked for. */
const TICK = 250;

/** The enrolment service: TLS with a server certificate only, one operation on each connection. */
export class CapfServer {
  readonly #options: CapfServerOptions;
  readonly #ticker: NodeJS.Timeout;
  #listener: TlsListener | undefined;

  private constructor(options: CapfServerOptions) {
    this.#options = options;
    this.#ticker = setInterval(() => {
      options.enrolments.expire(monotonicNow());
      this.#tellEvents();
    }, TICK).unref();
  }

  /** @throws {TrustlineError} provisioning.port-in-use, -not-allowed, provisioning.no-such-address, provisioning.listen-failed */
  static async open(options: CapfServerOptions): Promise<CapfServer> {
    const server = new CapfServer(options);
    const { where, identities, legacy = false, onEvent } = options;
    try {
      server.#listener = await TlsListener.open({
        service: 'CAPF',
        where,
        identities,
        legacy,
        asksForCertificate: false,
        ...defaultServiceLimits,
        ...options.limits,
        accept: (socket, address) => server.#accept(socket, address),
        onEvent,
      });
    } catch (error) {
      clearInterval(server.#ticker);
      throw error;
    }
    return server;
  }

  get port(): number {
    return this.#listener?.port ?? this.#options.where.port;
  }

  /** Shows another CAPF certificate from the next connection on. */
  setIdentities(identities: readonly TlsIdentity[]): void {
    this.#listener?.setIdentities(identities);
  }

  /** Ends all sessions; certificates that are being issued are finished and kept in the ledger. */
  async close(): Promise<void> {
    clearInterval(this.#ticker);
    await this.#listener?.close();
    this.#tellEvents();
  }

  #accept(socket: TLSSocket, address: string): Guest {
    const { enrolments, outside, timeouts } = this.#options;
    const sessionId = randomBytes(4).readUInt32BE();
    const connection: CapfConnection = { address, openedAt: monotonicNow() };
    const session = new CapfServerSession({
      sessionId,
      address,
      enrolments,
      outsideRequest: outside?.request,
      ...(timeouts && { timeouts }),
    });
    const drive = new Drive(socket, capfMessageStream(), session, (output: CapfServerOutput) => {
      switch (output.kind) {
        case 'transmit':
          drive.transmit(output.bytes);
          return;
        case 'issue':
          void this.#issue(output).then((answer) => drive.input(answer));
          return;
        case 'hand-out':
          void this.#handOut(output).then((answer) => drive.input(answer));
          return;
        case 'record':
          void this.#record(output).then((answer) => drive.input(answer));
          return;
        case 'fetched':
          this.#options.fetched?.(output.device, output.certificate);
          return;
        case 'carried-out':
          this.#options.carriedOut?.(output.device, output.operation, connection);
          return;
        case 'close':
          drive.close();
          this.#tellEvents();
          return;
      }
    });
    drive.input({ kind: 'opened' });
    return { hasProved: () => session.isAuthenticated };
  }

  async #record({ device, operation, outside }: Extract<CapfServerOutput, { kind: 'record' }>) {
    try {
      await this.#options.outside?.record(device, operation, outside);
      return { kind: 'recorded' } as const;
    } catch (error) {
      return {
        kind: 'not-recorded',
        cause: `its key could not be kept for the outside authority: ${why(error)}`,
      } as const;
    }
  }

  async #handOut({ device, operation, certificate }: Extract<CapfServerOutput, { kind: 'hand-out' }>) {
    try {
      await this.#options.outside?.handOut(device, operation, certificate);
      return { kind: 'issued', certificate } as const;
    } catch (error) {
      return { kind: 'not-issued', cause: `its certificate could not be handed out: ${why(error)}` } as const;
    }
  }

  async #issue({ device, publicKey, operation }: Extract<CapfServerOutput, { kind: 'issue' }>) {
    try {
      return { kind: 'issued', certificate: await this.#options.issue(device, publicKey, operation) } as const;
    } catch (error) {
      return { kind: 'not-issued', cause: `its certificate could not be issued: ${why(error)}` } as const;
    } finally {
      this.#tellEvents();
    }
  }

  #tellEvents(): void {
    const { enrolments, onEvent } = this.#options;
    for (let event = enrolments.poll(); event !== undefined; event = enrolments.poll()) onEvent(event);
  }
}

/** Only our own errors are written for people; what others say may hold anything. */
function why(error: unknown): string {
  return error instanceof TrustlineError ? error.message : 'an unexpected error';
}
