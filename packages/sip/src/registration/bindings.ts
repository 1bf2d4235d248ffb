import { assertNever } from '@trustline/base';
import { cseq } from '../message/cseq.ts';
import { parameterValue, parseDecimal, quote, type SipParameter, withParameter } from '../message/grammar.ts';
import { headerValue, headerValues } from '../message/headers.ts';
import { addresses, contacts, formatNameAddr, type NameAddr, parseNameAddr } from '../message/name-addr.ts';
import type { SipHeader, SipRequest } from '../message/types.ts';
import { parseSipUri, parseUri } from '../message/uri.ts';
import { equalUris } from '../message/uri-compare.ts';
import { vias } from '../message/via.ts';
import type { Gruus } from './gruu.ts';

/** One address at which an address-of-record can be reached (RFC 3261 §10). */
export interface Binding {
  /** The Contact's URI as the phone gave it. */
  readonly uri: string;
  readonly displayName: string | undefined;
  /** The Contact's parameters, `q` and unknown ones included, `expires` excepted. */
  readonly parameters: readonly SipParameter[];
  readonly callId: string;
  readonly sequence: number;
  /** In the milliseconds of `now`. */
  readonly expiresAt: number;
  /** RFC 3327: Route values for requests to this contact, first hop first. */
  readonly path: readonly string[];
  /** `+sip.instance` without quotes (RFC 5626 §4.1). */
  readonly instance: string | undefined;
  /** RFC 5626 §4.2; only beside an instance. */
  readonly registrationId: number | undefined;
}

/** Seconds throughout. */
export interface RegistrarPolicy {
  /** Shorter registrations are refused 423 (RFC 3261 §10.3). */
  readonly minimumExpires: number;
  /** Longer ones are shortened. */
  readonly maximumExpires: number;
  /** Where the phone does not say. */
  readonly defaultExpires: number;
  /** Bindings of one address-of-record; those that expire first give way to further ones. */
  readonly maximumBindings: number;
  /** The Flow-Timer given to phones that register a flow (RFC 5626 §5.4); none by default. */
  readonly flowTimer?: number;
  /** The GRUUs of a phone's instance, for those that ask for them (RFC 5627 §5); none by default. */
  readonly gruus?: (instance: string, callId: string) => Gruus;
}

export const defaultRegistrarPolicy: RegistrarPolicy = {
  minimumExpires: 60,
  maximumExpires: 3_600,
  defaultExpires: 3_600,
  maximumBindings: 10,
};

export type RegisterResult =
  | {
      readonly kind: 'registered';
      /** Replaces what was there, all at once. */
      readonly bindings: readonly Binding[];
      readonly added: readonly Binding[];
      readonly refreshed: readonly Binding[];
      readonly removed: readonly Binding[];
      /** For the 200. */
      readonly headers: readonly SipHeader[];
    }
  /** Nothing changes. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly reason: string | undefined;
      readonly headers: readonly SipHeader[];
    };

/** What a REGISTER asks for. */
type Wish =
  | { readonly kind: 'query' }
  | { readonly kind: 'remove-all' }
  | { readonly kind: 'bind'; readonly contacts: readonly WantedContact[] };

interface WantedContact {
  readonly address: NameAddr;
  /** In seconds, 0 to remove. */
  readonly expires: number;
}

/**
 * Applies a REGISTER to the bindings of its address-of-record, all of it or nothing: RFC 3261 §10.3
 * steps 6 to 8, RFC 3327 §5.3, RFC 5626 §6. Who may register what is decided before.
 */
export function register(
  now: number,
  current: readonly Binding[],
  request: SipRequest,
  policy: RegistrarPolicy = defaultRegistrarPolicy,
): RegisterResult {
  const live = current.filter(({ expiresAt }) => expiresAt > now);
  const sequence = cseq(request)?.sequence;
  const callId = headerValue(request, 'Call-ID');
  const path = addresses(request, 'Path')?.map(formatNameAddr);
  if (sequence === undefined || callId === undefined || path === undefined) return refuse(400, 'Bad Request - Path');
  const unfit = unfitForOutbound(request, path);
  if (unfit !== undefined) return unfit;
  const wish = readWish(request, policy);
  if (wish.kind === 'refused') return wish;
  const order = { callId, sequence };
  switch (wish.kind) {
    case 'query':
      return registered(now, request, live, [], [], [], policy);
    case 'remove-all':
      if (live.some((binding) => isOutOfOrder(binding, order))) return outOfOrder();
      return registered(now, request, [], [], [], live, policy);
    case 'bind':
      return bind(now, live, wish.contacts, { ...order, path }, request, policy);
    default:
      return assertNever(wish);
  }
}

/** Why a REGISTER cannot have the flow that it asks for (RFC 5626 §6). */
function unfitForOutbound(request: SipRequest, path: readonly string[]): RegisterResult | undefined {
  const list = contacts(request);
  if (list === undefined || list === 'all') return undefined;
  const numbered = list.filter(({ parameters }) => {
    const isNumbered = parameterValue(parameters, 'reg-id') !== undefined;
    return isNumbered && parameterValue(parameters, '+sip.instance') !== undefined;
  });
  if (numbered.length === 0) return undefined;
  // "If the request contains more than one Contact [with a reg-id that is to be added], the registrar MUST return a 400."
  if (numbered.length > 1) return refuse(400, 'Bad Request - One Contact With A reg-id');
  if (!optionTags(request, 'Supported').has('outbound')) return undefined;
  // "If [the UA] is not directly connected and the first URI in the Path does not have ob, [the] registrar MUST return
  // a 439 (First Hop Lacks Outbound Support)": the last Path is that of the hop next to the phone (RFC 3327 §5.1).
  const firstHop = parseSipUri(parseNameAddr(path.at(-1) ?? '')?.uri ?? '');
  const isDirect = (vias(request)?.length ?? 1) <= 1 && path.length === 0;
  const keepsFlows = firstHop !== undefined && parameterValue(firstHop.parameters, 'ob') !== undefined;
  return isDirect || keepsFlows ? undefined : refuse(439);
}

/** Takes out what has expired. */
export function expireBindings(
  now: number,
  bindings: readonly Binding[],
): { readonly bindings: readonly Binding[]; readonly expired: readonly Binding[] } {
  const expired = bindings.filter(({ expiresAt }) => expiresAt <= now);
  return { bindings: expired.length === 0 ? bindings : bindings.filter(({ expiresAt }) => expiresAt > now), expired };
}

/** When the next binding expires; undefined when there is none. */
export function nextExpiry(bindings: readonly Binding[]): number | undefined {
  return bindings.length === 0 ? undefined : Math.min(...bindings.map(({ expiresAt }) => expiresAt));
}

function readWish(request: SipRequest, policy: RegistrarPolicy): Wish | Extract<RegisterResult, { kind: 'refused' }> {
  const list = contacts(request);
  const header = headerValue(request, 'Expires');
  // "If the value of the Expires header is malformed, it SHOULD be treated as equivalent to 3600" (RFC 3261 §20.19).
  const said = header === undefined ? undefined : (parseDecimal(header, MAXIMUM_EXPIRES) ?? policy.defaultExpires);
  if (list === undefined) return refuse(400, 'Bad Request - Contact');
  if (list === 'all') {
    // "If the request has additional Contact fields or an expiration time other than zero, the request is
    // invalid, and the server MUST return a 400" (RFC 3261 §10.3).
    return said === 0 ? { kind: 'remove-all' } : refuse(400, 'Bad Request - Contact: * Needs Expires: 0');
  }
  if (list.length === 0) return { kind: 'query' };
  const wanted: WantedContact[] = [];
  for (const address of list) {
    if (address.uri === '*') return refuse(400, 'Bad Request - Contact: * Stands Alone');
    const parameter = parameterValue(address.parameters, 'expires');
    const own = parameter === undefined ? undefined : parseDecimal(parameter, MAXIMUM_EXPIRES);
    const asked = own ?? said ?? policy.defaultExpires;
    // "If and only if the requested expiration interval is greater than zero AND smaller than one hour AND less
    // than a registrar-configured minimum, the registrar MAY reject the registration with a 423" (RFC 3261 §10.3).
    if (asked > 0 && asked < 3_600 && asked < policy.minimumExpires) {
      return refuse(423, undefined, [{ name: 'Min-Expires', value: String(policy.minimumExpires) }]);
    }
    wanted.push({ address, expires: Math.min(asked, policy.maximumExpires) });
  }
  return { kind: 'bind', contacts: wanted };
}

/** RFC 3261 §20.19: 2^32 - 1. */
const MAXIMUM_EXPIRES = 2 ** 32 - 1;

function bind(
  now: number,
  live: readonly Binding[],
  wanted: readonly WantedContact[],
  common: Pick<Binding, 'callId' | 'sequence' | 'path'>,
  request: SipRequest,
  policy: RegistrarPolicy,
): RegisterResult {
  const bindings = [...live];
  const added: Binding[] = [];
  const refreshed: Binding[] = [];
  const removed: Binding[] = [];
  for (const { address, expires } of wanted) {
    const binding = bindingOf(now, address, expires, common);
    const at = bindings.findIndex((other) => isSameContact(other, binding));
    const before = bindings[at];
    if (before === undefined) {
      if (expires === 0) continue;
      bindings.push(binding);
      added.push(binding);
    } else {
      // "If the Call-ID value in the existing binding [agrees and] the CSeq value is [not higher], the update
      // MUST be aborted and the request fails" (RFC 3261 §10.3); contacts of one request share their number.
      if (live.includes(before) && isOutOfOrder(before, common)) return outOfOrder();
      if (expires === 0) {
        bindings.splice(at, 1);
        removed.push(before);
      } else {
        bindings[at] = binding;
        refreshed.push(binding);
      }
    }
  }
  if (added.length + refreshed.length > policy.maximumBindings) return refuse(403, 'Forbidden - Too Many Contacts');
  // A phone that lost its connection, or its power, has a contact more each time: what it left behind gives way.
  const leftBehind = bindings
    .filter((binding) => live.includes(binding))
    .toSorted((a, b) => a.expiresAt - b.expiresAt)
    .slice(0, Math.max(0, bindings.length - policy.maximumBindings));
  for (const binding of leftBehind) {
    bindings.splice(bindings.indexOf(binding), 1);
    removed.push(binding);
  }
  return registered(now, request, bindings, added, refreshed, removed, policy);
}

function bindingOf(
  now: number,
  address: NameAddr,
  expires: number,
  common: Pick<Binding, 'callId' | 'sequence' | 'path'>,
): Binding {
  const instance = parameterValue(address.parameters, '+sip.instance');
  const registrationId = parseDecimal(parameterValue(address.parameters, 'reg-id') ?? '');
  return {
    ...common,
    uri: address.uri,
    displayName: address.displayName,
    parameters: withParameter(address.parameters, 'expires', null),
    expiresAt: now + 1_000 * expires,
    instance,
    // "the registrar MUST ignore the reg-id parameter if it is present without +sip.instance" (RFC 5626 §6).
    registrationId: instance === undefined ? undefined : registrationId,
  };
}

/** One flow of one instance is one binding wherever it comes from (RFC 5626 §6), else the URI decides. */
function isSameContact(a: Binding, b: Binding): boolean {
  if (a.registrationId !== undefined || b.registrationId !== undefined) {
    return a.instance === b.instance && a.registrationId === b.registrationId;
  }
  const [left, right] = [parseUri(a.uri), parseUri(b.uri)];
  return left !== undefined && right !== undefined ? equalUris(left, right) : a.uri === b.uri;
}

function isOutOfOrder(binding: Binding, { callId, sequence }: Pick<Binding, 'callId' | 'sequence'>): boolean {
  return binding.callId === callId && sequence <= binding.sequence;
}

function outOfOrder(): RegisterResult {
  return refuse(500, 'Request Out Of Order');
}

function refuse(status: number, reason?: string, headers: readonly SipHeader[] = []) {
  return { kind: 'refused', status, reason, headers } as const;
}

function registered(
  now: number,
  request: SipRequest,
  bindings: readonly Binding[],
  added: readonly Binding[],
  refreshed: readonly Binding[],
  removed: readonly Binding[],
  policy: RegistrarPolicy,
): RegisterResult {
  const supported = optionTags(request, 'Supported');
  const gruus = supported.has('gruu') ? policy.gruus : undefined;
  const headers: SipHeader[] = bindings.map((binding) => ({
    name: 'Contact',
    value: contactValue(now, binding, gruus),
  }));
  // "The registrar SHOULD include the Path in its 200 if the UA indicated support" (RFC 3327 §5.3).
  if (supported.has('path')) headers.push(...request.headers.filter(({ name }) => name === 'Path'));
  const usesFlow = [...added, ...refreshed].some(({ registrationId }) => registrationId !== undefined);
  if (usesFlow && supported.has('outbound')) {
    // "If the registrar [used outbound], it MUST include the outbound option-tag in a Require" (RFC 5626 §6).
    headers.push({ name: 'Require', value: 'outbound' });
    if (policy.flowTimer !== undefined) headers.push({ name: 'Flow-Timer', value: String(policy.flowTimer) });
  }
  return { kind: 'registered', bindings, added, refreshed, removed, headers };
}

/** As the 200 lists it, with the seconds that are left (RFC 3261 §10.3 step 8). */
function contactValue(now: number, binding: Binding, gruus: RegistrarPolicy['gruus']): string {
  const { uri, displayName, parameters, expiresAt, instance, callId } = binding;
  const own = instance === undefined ? undefined : gruus?.(instance, callId);
  const all = [
    // What a phone writes there itself means nothing (RFC 5627 §5.1).
    ...parameters.filter(({ name }) => !/^(pub|temp)-gruu$/i.test(name)),
    ...(own === undefined
      ? []
      : [
          { name: 'pub-gruu', value: quote(own.public) },
          { name: 'temp-gruu', value: quote(own.temporary) },
        ]),
    { name: 'expires', value: String(Math.max(0, Math.ceil((expiresAt - now) / 1_000))) },
  ];
  return formatNameAddr({ displayName, uri, parameters: all });
}

function optionTags(request: SipRequest, name: string): ReadonlySet<string> {
  return new Set(headerValues(request, name).flatMap((line) => line.split(',').map((tag) => tag.trim().toLowerCase())));
}
