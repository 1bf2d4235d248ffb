import { IpsecError, type IpsecErrorCode, ipsecErrors } from '../error.ts';
import type { GuardedPeer } from '../guard/ruleset.ts';
import type { ClearPackets, ClearSegments, GuardReading, GuardRepairs } from '../proof.ts';
import { familyOf, type TransportEnd } from '../selector.ts';
import type { EspStack } from '../tunnel-configuration.ts';

/**
 * What is spoken with the privileged helper over its Unix socket: one JSON document a line, each request with a number that
 * its answer repeats. Everything that may be asked is here: to close the addresses of gateways, to open one again that has
 * no connection any more, to read the guard and the routes, and to try whether a packet in the clear leaves.
 */
export type HelperRequest =
  | { readonly do: 'status' }
  /** Closes these beside those that are closed already. */
  | { readonly do: 'protect'; readonly peers: readonly GuardedPeer[] }
  | { readonly do: 'release'; readonly connection: string }
  | { readonly do: 'read' }
  /** By which devices packets between these would leave; it is the way of each tunnel. */
  | { readonly do: 'routes'; readonly ways: readonly Way[] }
  | { readonly do: 'probe'; readonly connection: string };

/** Two addresses between which packets of ours go. */
export interface Way {
  readonly localAddress: string;
  readonly remoteAddress: string;
}

export interface HelperStatus {
  readonly stack: EspStack;
  readonly tunnelDevice: string;
  /** Whether its IKE daemon answers. */
  readonly daemonRuns: boolean;
}

/** What became of a packet in the clear that we sent around the tunnel. */
export interface ProbeResult {
  /** Whether it left this machine in the clear; null where that could not be measured. */
  readonly leaked: boolean | null;
  /** In words, for people. */
  readonly message: string;
}

export type HelperAnswer =
  | { readonly is: 'status'; readonly status: HelperStatus }
  | { readonly is: 'done' }
  /** Null where there is no way; absent where that cannot be asked. */
  | { readonly is: 'routes'; readonly devices?: readonly (string | null)[] }
  | { readonly is: 'reading'; readonly reading: GuardReading }
  | { readonly is: 'probed'; readonly result: ProbeResult }
  | { readonly is: 'refused'; readonly error: IpsecError };

/** A line with its number. */
export interface Numbered<Content> {
  readonly id: number;
  readonly content: Content;
}

/** Characters of a line; a thousand gateways fit. Who sends a longer one is closed. */
export const MAX_LINE = 262_144;
const MAX_PEERS = 1_000;

const encoder = new TextEncoder();

/** Cuts a stream into lines. Throws `ipsec.helper-malformed` where one has more than {@link MAX_LINE} characters. */
export class LineReader {
  readonly #decoder = new TextDecoder();
  #rest = '';

  push(chunk: Uint8Array): readonly string[] {
    const parts = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = parts.pop() ?? '';
    if (this.#rest.length > MAX_LINE || parts.some((part) => part.length > MAX_LINE)) {
      this.#rest = '';
      throw malformed(`a line is longer than ${MAX_LINE} characters`);
    }
    return parts;
  }
}

export function encodeRequest({ id, content }: Numbered<HelperRequest>): Uint8Array {
  return encoder.encode(`${JSON.stringify({ id, ...content })}\n`);
}

/** Reads a request. Throws `ipsec.helper-malformed`, and nothing else. */
export function decodeRequest(line: string): Numbered<HelperRequest> {
  const fields = readFields(line);
  const id = readNumber(fields);
  switch (fields['do']) {
    case 'status':
    case 'read':
      return { id, content: { do: fields['do'] } };
    case 'routes':
      return { id, content: { do: 'routes', ways: readWays(fields['ways']) } };
    case 'release':
    case 'probe':
      return { id, content: { do: fields['do'], connection: text(fields, 'connection') } };
    case 'protect':
      return { id, content: { do: 'protect', peers: readPeers(fields['peers']) } };
    default:
      throw malformed('it asks for what is not offered');
  }
}

/** What the helper keeps of what it closed: `{"peers": […]}`. Throws `ipsec.helper-malformed`. */
export function decodePeers(text: string): readonly GuardedPeer[] {
  return readPeers(readFields(text)['peers']);
}

export function encodeAnswer({ id, content }: Numbered<HelperAnswer>): Uint8Array {
  const body =
    content.is === 'refused'
      ? { is: content.is, ...errorFields(content.error) }
      : content.is === 'reading'
        ? { is: content.is, reading: readingFields(content.reading) }
        : content;
  return encoder.encode(`${JSON.stringify({ id, ...body })}\n`);
}

/** Reads an answer. Throws `ipsec.helper-malformed`, and nothing else. */
export function decodeAnswer(line: string): Numbered<HelperAnswer> {
  const fields = readFields(line);
  return { id: readNumber(fields), content: readAnswer(fields) };
}

type Fields = Readonly<Record<string, unknown>>;

function readAnswer(fields: Fields): HelperAnswer {
  switch (fields['is']) {
    case 'done':
      return { is: 'done' };
    case 'routes':
      return { is: 'routes', ...(fields['devices'] === undefined ? {} : { devices: readDevices(fields['devices']) }) };
    case 'status': {
      const status = object(fields['status']);
      const stack = text(status, 'stack');
      if (stack !== 'kernel' && stack !== 'kernel-libipsec') throw malformed(`"${stack}" is no stack`);
      return {
        is: 'status',
        status: { stack, tunnelDevice: text(status, 'tunnelDevice'), daemonRuns: status['daemonRuns'] === true },
      };
    }
    case 'reading':
      return { is: 'reading', reading: readReading(object(fields['reading'])) };
    case 'probed': {
      const { leaked, ...rest } = object(fields['result']);
      const isKnown = typeof leaked === 'boolean';
      return { is: 'probed', result: { leaked: isKnown ? leaked : null, message: text(rest, 'message') } };
    }
    case 'refused':
      return { is: 'refused', error: readError(fields) };
    default:
      throw malformed('it is no answer');
  }
}

function errorFields({ code, message, nextStep }: IpsecError): Fields {
  return { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
}

function readError(fields: Fields): IpsecError {
  const code = text(fields, 'code');
  const known = code in ipsecErrors ? (code as IpsecErrorCode) : 'ipsec.helper-malformed';
  const { nextStep } = fields;
  return new IpsecError(known, text(fields, 'message'), typeof nextStep === 'string' ? { nextStep } : {});
}

function readingFields(reading: GuardReading): Fields {
  if (!reading.inPlace) return { ...reading };
  return { ...reading, dropped: [...reading.dropped], probes: [...reading.probes] };
}

function readReading(fields: Fields): GuardReading {
  const repairs = fields['repairs'] === undefined ? {} : { repairs: readRepairs(object(fields['repairs'])) };
  if (fields['inPlace'] !== true) return { inPlace: false, problem: text(fields, 'problem'), ...repairs };
  return {
    inPlace: true,
    dropped: readCounters(fields['dropped']),
    segments: readSegments(fields['segments']),
    probes: readCounters(fields['probes']),
    ...repairs,
  };
}

function readRepairs(fields: Fields): GuardRepairs {
  return { count: count(fields, 'count'), problem: text(fields, 'problem'), at: count(fields, 'at') };
}

function readSegments(value: unknown): readonly ClearSegments[] {
  if (!Array.isArray(value)) throw malformed('segments are a list');
  return value.map((one: unknown) => {
    const fields = object(one);
    return { local: readEnd(fields, 'local'), remote: readEnd(fields, 'remote'), packets: count(fields, 'packets') };
  });
}

function readEnd(fields: Fields, name: string): TransportEnd {
  const end = object(fields[name]);
  return { address: text(end, 'address'), port: count(end, 'port') };
}

function readCounters(value: unknown): ReadonlyMap<string, ClearPackets> {
  if (!Array.isArray(value)) throw malformed('counters are a list');
  return new Map(
    value.map((entry: unknown): [string, ClearPackets] => {
      if (!Array.isArray(entry) || typeof entry[0] !== 'string') throw malformed('a counter has the name of a gateway');
      const counters = object(entry[1]);
      return [entry[0], { inbound: count(counters, 'inbound'), outbound: count(counters, 'outbound') }];
    }),
  );
}

/** What the values are worth is judged where the guard is written; here it is only read. */
function readPeers(value: unknown): readonly GuardedPeer[] {
  if (!Array.isArray(value) || value.length > MAX_PEERS) throw malformed(`peers are a list of ${MAX_PEERS} at most`);
  return value.map((one: unknown) => {
    const peer = object(one);
    const media = peer['mediaPorts'];
    const ports = media === undefined ? undefined : object(media);
    return {
      connection: text(peer, 'connection'),
      address: text(peer, 'address'),
      ...(ports === undefined ? {} : { mediaPorts: { first: count(ports, 'first'), last: count(ports, 'last') } }),
    };
  });
}

/** These go to a program with the rights of the administrator: nothing but addresses may be in them. */
function readWays(value: unknown): readonly Way[] {
  if (!Array.isArray(value) || value.length > MAX_PEERS) throw malformed(`ways are a list of ${MAX_PEERS} at most`);
  return value.map((one: unknown) => {
    const way = object(one);
    return { localAddress: address(way, 'localAddress'), remoteAddress: address(way, 'remoteAddress') };
  });
}

function readDevices(value: unknown): readonly (string | null)[] {
  if (!Array.isArray(value)) throw malformed('devices are a list');
  return value.map((one: unknown) => (typeof one === 'string' ? one : null));
}

function address(fields: Fields, name: string): string {
  const value = text(fields, name);
  if (familyOf(value) === undefined || !/^[0-9A-Fa-f.:]+$/.test(value)) throw malformed(`${name} is no address`);
  return value;
}

function readFields(line: string): Fields {
  try {
    return object(JSON.parse(line));
  } catch (error) {
    throw error instanceof IpsecError ? error : malformed('it is no JSON');
  }
}

function object(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('a part of it is no object');
  return value as Fields;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw malformed(`${name} is missing`);
  return value;
}

function count(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed(`${name} is no count`);
  return value;
}

function readNumber(fields: Fields): number {
  return count(fields, 'id');
}

function malformed(what: string): IpsecError {
  return new IpsecError('ipsec.helper-malformed', `A line of the IPsec helper cannot be read: ${what}`, {
    nextStep: 'run the helper and the manager from the same version of Trustline',
  });
}
