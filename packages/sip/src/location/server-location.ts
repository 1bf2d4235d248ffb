import { parameterValue } from '../message/grammar.ts';
import type { SipUri } from '../message/uri.ts';
import { type DnsQuestion, type DnsRecords, orderServers, type SrvRecord } from './records.ts';

/** How a server may be spoken to. */
export type ServerTransport = 'udp' | 'tcp' | 'tls';

/** Where a request may be sent; the first of several is tried first (RFC 3263 §4.3). */
export interface ServerTarget {
  readonly transport: ServerTransport;
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  /** What its certificate must be for: the domain that was asked for (RFC 5922 §7.1). */
  readonly domain: string;
}

export interface ServerLocationOptions {
  /** Those that we speak, preferred first. */
  readonly transports: readonly ServerTransport[];
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number;
}

const SIP_PORT = 5_060;
const SIPS_PORT = 5_061;
/** Servers, and addresses of one server, that are tried at all. */
const MOST_SERVERS = 16;
const MOST_ADDRESSES = 8;

const services: Readonly<Record<ServerTransport, { readonly naptr: string; readonly srv: string }>> = {
  udp: { naptr: 'SIP+D2U', srv: '_sip._udp' },
  tcp: { naptr: 'SIP+D2T', srv: '_sip._tcp' },
  tls: { naptr: 'SIPS+D2T', srv: '_sips._tcp' },
};

/** A name that serves by a transport; one without a port has its servers told by SRV records. */
interface Candidate {
  readonly transport: ServerTransport;
  readonly name: string;
  readonly port: number | undefined;
}

type Answers = { [Type in keyof DnsRecords]: Map<string, DnsRecords[Type]> };

/**
 * Finds the servers of a SIP URI (RFC 3263 §4) without asking anybody itself: `question` says what to ask, `answer` takes
 * what came, and when there is no question left `targets` are known.
 *
 * @example
 * for (let question = location.question(); question !== undefined; question = location.question()) {
 *   location.answer(question, await ask(question));
 * }
 */
export class ServerLocation {
  readonly #uri: SipUri;
  readonly #transports: readonly ServerTransport[];
  readonly #random: () => number;
  readonly #answers: Answers = { NAPTR: new Map(), SRV: new Map(), AAAA: new Map(), A: new Map() };
  readonly #ordered = new Map<string, readonly SrvRecord[]>();

  constructor(uri: SipUri, { transports, random }: ServerLocationOptions) {
    this.#uri = uri;
    // "If the URI is a SIPS URI, the client MUST use TLS" (RFC 3263 §4.1).
    this.#transports = uri.secure ? transports.filter((one) => one === 'tls') : transports;
    this.#random = random;
  }

  /** What to ask next; undefined when everything is known. */
  question(): DnsQuestion | undefined {
    return this.#walk().question;
  }

  answer<Type extends DnsQuestion['type']>(question: DnsQuestion & { type: Type }, records: DnsRecords[Type]): void {
    this.#answers[question.type as Type].set(question.name, records as never);
  }

  /** The servers, best first; empty where there is none. */
  get targets(): readonly ServerTarget[] {
    return this.#walk().targets;
  }

  /** Follows what is known as far as it leads. */
  #walk(): { readonly question: DnsQuestion | undefined; readonly targets: readonly ServerTarget[] } {
    const known = this.#candidates();
    if (known.question !== undefined) return { question: known.question, targets: [] };
    const servers: { transport: ServerTransport; name: string; port: number }[] = [];
    for (const { transport, name, port } of known.candidates) {
      if (port !== undefined) servers.push({ transport, name, port });
      else {
        for (const record of this.#serversOf(name)) servers.push({ transport, name: record.target, port: record.port });
      }
    }
    const targets: ServerTarget[] = [];
    for (const { transport, name, port } of servers.slice(0, MOST_SERVERS)) {
      for (const type of ['AAAA', 'A'] as const) {
        const addresses = isAddress(name) ? (type === addressType(name) ? [name] : []) : this.#answers[type].get(name);
        if (addresses === undefined) return { question: { type, name }, targets: [] };
        const domain = this.#domain;
        for (const host of addresses.slice(0, MOST_ADDRESSES)) targets.push({ transport, host, port, domain });
      }
    }
    return { question: undefined, targets };
  }

  /** The names that may serve, by transport (§4.1). */
  #candidates(): { readonly question?: DnsQuestion; readonly candidates: readonly Candidate[] } {
    const domain = this.#domain;
    const said = this.#saidTransport();
    const usual = this.#uri.secure ? 'tls' : 'udp';
    const transport = said ?? usual;
    const port = this.#uri.port ?? (transport === 'tls' ? SIPS_PORT : SIP_PORT);
    const itself = [{ transport, name: domain, port }].filter((one) => this.#transports.includes(one.transport));
    // "If the TARGET is a numeric IP address [or] a port is present", nothing but addresses is asked for.
    if (isAddress(domain) || this.#uri.port !== undefined) return { candidates: itself };
    let candidates: readonly Candidate[] = [];
    if (said === undefined) {
      const records = this.#answers.NAPTR.get(domain);
      if (records === undefined) return { question: { type: 'NAPTR', name: domain }, candidates: [] };
      candidates = records
        .toSorted((a, b) => a.order - b.order || a.preference - b.preference)
        .flatMap(({ flags, service, replacement }) => {
          const served = this.#transports.find((one) => services[one].naptr === service.toUpperCase());
          if (served === undefined || flags.toLowerCase() !== 's') return [];
          return [{ transport: served, name: replacement, port: undefined }];
        });
    }
    if (candidates.length === 0) {
      // "If no NAPTR records are found, the client constructs SRV queries for those transport protocols it supports".
      const tried = said === undefined ? this.#transports : this.#transports.filter((one) => one === said);
      candidates = tried.map((one) => ({ transport: one, name: `${services[one].srv}.${domain}`, port: undefined }));
    }
    for (const { name } of candidates) {
      if (!this.#answers.SRV.has(name)) return { question: { type: 'SRV', name }, candidates: [] };
    }
    const served = candidates.some(({ name }) => (this.#answers.SRV.get(name) ?? []).length > 0);
    // "If no SRV records were found, the client performs an A or AAAA record lookup of the domain name" (§4.2).
    return { candidates: served ? candidates : itself };
  }

  /** In the order of their trial, which is drawn once. */
  #serversOf(name: string): readonly SrvRecord[] {
    const known = this.#ordered.get(name);
    if (known !== undefined) return known;
    const ordered = orderServers(this.#answers.SRV.get(name) ?? [], this.#random);
    this.#ordered.set(name, ordered);
    return ordered;
  }

  get #domain(): string {
    return (parameterValue(this.#uri.parameters, 'maddr') ?? this.#uri.host).toLowerCase();
  }

  /** What the URI says; `tls` as older ones write it, and TCP of a SIPS URI, are TLS. */
  #saidTransport(): ServerTransport | undefined {
    const said = parameterValue(this.#uri.parameters, 'transport')?.toLowerCase();
    if (said === 'tls' || (said === 'tcp' && this.#uri.secure)) return 'tls';
    return said === 'udp' || said === 'tcp' ? said : undefined;
  }
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

function addressType(host: string): 'AAAA' | 'A' {
  return host.includes(':') ? 'AAAA' : 'A';
}
