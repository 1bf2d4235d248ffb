import {
  type Binding,
  createResponse,
  formatNameAddr,
  type GruuIssuer,
  headerValue,
  type RegisterResult,
  type RegistrarPolicy,
  register,
  type ServerTransactionId,
  type SipFlow,
  type SipRequest,
  type SipResponse,
  toAddress,
} from '@trustline/sip';
import type { DeviceDirectory, Registration } from '../../device-directory.ts';
import { addressOf } from './authority.ts';
import type { GateNotice } from './gate.ts';
import { userOf } from './identity.ts';

/** What must be on the disk before a REGISTER is answered: all of it or nothing. */
export interface RegistrationChange {
  readonly flow: SipFlow;
  readonly put: readonly Registration[];
  readonly remove: readonly Registration[];
}

/** A binding's Contact as it was registered, without its expiry: what names it in the store. */
export function contactOfBinding({ displayName, uri, parameters }: Binding): string {
  return formatNameAddr({ displayName, uri, parameters });
}

/** A REGISTER whose change is being stored; it is answered afterwards. */
export interface PendingRegister {
  readonly transaction: ServerTransactionId;
  readonly request: SipRequest;
  readonly device: string;
  readonly line: string;
  readonly result: Extract<RegisterResult, { kind: 'registered' }>;
  readonly change: RegistrationChange;
  /**
   * True for a registration that begins: none of the line's had its Call-ID. A phone keeps one Call-ID from its start
   * to its end (RFC 3261 §10.2), so that a refresh, on another connection too, is none.
   */
  readonly begins: boolean;
  /** When it came in, in monotonic milliseconds. */
  readonly receivedAt: number;
}

/** What a REGISTER comes to: an answer at once, or something to store first. */
export type RegisterStep =
  | { readonly kind: 'answer'; readonly response: SipResponse; readonly notice?: GateNotice }
  | { readonly kind: 'store'; readonly pending: PendingRegister };

/**
 * The registrar (RFC 3261 §10.3): what the gate has let through becomes bindings of a device's line. Acknowledged
 * registrations survive a crash, so that the answer waits for the store.
 */
export class Registrar {
  readonly #directory: DeviceDirectory;
  readonly #policy: RegistrarPolicy;
  readonly #gruus: () => GruuIssuer | undefined;
  readonly #newTag: () => string;
  /** What lines will have once the stores under way are done, so that a REGISTER in between builds on it. */
  readonly #underway = new Map<string, PendingRegister>();

  constructor(
    directory: DeviceDirectory,
    policy: RegistrarPolicy,
    gruus: () => GruuIssuer | undefined,
    newTag: () => string,
  ) {
    this.#directory = directory;
    this.#policy = policy;
    this.#gruus = gruus;
    this.#newTag = newTag;
  }

  /** @param device who sent it, as the gate has proved; the To is one of its lines */
  take(
    now: number,
    transaction: ServerTransactionId,
    flow: SipFlow,
    request: SipRequest,
    device: string,
  ): RegisterStep {
    const line = userOf(toAddress(request)?.uri) ?? '';
    const key = `${device} ${line}`;
    const current = this.#underway.get(key)?.result.bindings ?? this.#directory.bindings(device, line);
    const gruus = this.#gruus();
    const result = register(now, current, request, {
      ...this.#policy,
      ...(gruus === undefined
        ? {}
        : { gruus: (instance, callId) => gruus.issue(flow.local.host, line, instance, callId) }),
    });
    if (result.kind === 'refused') {
      const { status, reason, headers } = result;
      const options = { toTag: this.#newTag(), headers, ...(reason === undefined ? {} : { reason }) };
      const response = createResponse(request, status, options);
      // A phone that asked for too short a time asks again by itself (RFC 3261 §10.2.8).
      if (status === 423) return { kind: 'answer', response };
      const cause = `the registration of line ${line} by ${device} cannot be carried out: ${status} ${response.reason}`;
      const nextStep = `Look at what it sends: trustline sip trace --device ${device}`;
      const common = { device, line, remoteAddress: addressOf(flow), nextStep } as const;
      return {
        kind: 'answer',
        response,
        notice: { ...common, kind: 'registration-refused', reason: String(status), cause },
      };
    }
    const owned = (binding: Binding): Registration => ({ device, line, binding });
    const kept = new Set(result.bindings.map(contactOfBinding));
    const change: RegistrationChange = {
      flow,
      put: [...result.added, ...result.refreshed].map(owned),
      // Also a Contact that came back with other parameters: it replaces what stood under its old text.
      remove: current.filter((binding) => !kept.has(contactOfBinding(binding))).map(owned),
    };
    if (change.put.length === 0 && change.remove.length === 0) {
      return { kind: 'answer', response: this.#acceptance(request, result) };
    }
    const callId = headerValue(request, 'Call-ID');
    const begins = change.put.length > 0 && current.every((binding) => binding.callId !== callId);
    const pending = { transaction, request, device, line, result, change, begins, receivedAt: now };
    this.#underway.set(key, pending);
    return { kind: 'store', pending };
  }

  /** The change is on the disk: it takes effect now. Returns the answer, and what an operator should read of it. */
  stored(pending: PendingRegister): { readonly response: SipResponse; readonly notices: readonly GateNotice[] } {
    const { request, device, line, result, change } = pending;
    this.#finish(pending);
    if (!this.#mayRegister(pending)) return { response: this.#forbidden(request), notices: [] };
    this.#directory.setBindings(device, line, result.bindings);
    for (const binding of [...result.added, ...result.refreshed]) {
      this.#directory.bindingMade(binding, change.flow.id);
    }
    const common = { device, line, remoteAddress: addressOf(change.flow) };
    const notices: GateNotice[] = [];
    if (result.added.length > 0) {
      const cause = `${device} registered line ${line}`;
      notices.push({ ...common, kind: 'registration', reason: 'registered', cause });
    }
    if (result.removed.length > 0 && result.bindings.length === 0) {
      const cause = `${device} unregistered line ${line}`;
      notices.push({ ...common, kind: 'unregistration', reason: 'unregistered', cause });
    }
    return { response: this.#acceptance(request, result), notices };
  }

  /**
   * The change could not be stored. A registration that only goes on does so in memory, since phones that a full disk
   * has made unreachable could not call; anything else changes nothing, and the phone may try again.
   */
  failed(pending: PendingRegister): SipResponse {
    this.#finish(pending);
    const { request, device, line, result } = pending;
    if (!this.#mayRegister(pending)) return this.#forbidden(request);
    if (result.added.length === 0 && result.removed.length === 0) {
      this.#directory.setBindings(device, line, result.bindings);
      return this.#acceptance(request, result);
    }
    const headers = [{ name: 'Retry-After', value: '30' }];
    return createResponse(request, 503, { toTag: this.#newTag(), headers });
  }

  /** Takes out what has expired. */
  expire(now: number): readonly Registration[] {
    const expired = this.#directory.registrations().filter(({ binding }) => binding.expiresAt <= now);
    for (const { device, line } of expired) {
      const left = this.#directory.bindings(device, line).filter(({ expiresAt }) => expiresAt > now);
      this.#directory.setBindings(device, line, left);
    }
    return expired;
  }

  /** While its change was being stored the device may have been removed, or have lost the line or the right to do without TLS. */
  #mayRegister({ device, line, change }: PendingRegister): boolean {
    const known = this.#directory.device(device);
    if (known === undefined || (known.kind === 'phone' && !known.lines.includes(line))) return false;
    return change.flow.transport === 'tls' || known.securityMode === 'non-secure';
  }

  #forbidden(request: SipRequest): SipResponse {
    return createResponse(request, 403, { toTag: this.#newTag() });
  }

  #finish(pending: PendingRegister): void {
    const key = `${pending.device} ${pending.line}`;
    if (this.#underway.get(key) === pending) this.#underway.delete(key);
  }

  #acceptance(request: SipRequest, result: Extract<RegisterResult, { kind: 'registered' }>): SipResponse {
    return createResponse(request, 200, { toTag: this.#newTag(), headers: result.headers });
  }
}
