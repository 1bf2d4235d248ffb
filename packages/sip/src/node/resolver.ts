import { lookup, Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { SipError } from '../error.ts';
import type { DnsQuestion, DnsRecords } from '../location/records.ts';
import { ServerLocation, type ServerTarget, type ServerTransport } from '../location/server-location.ts';
import type { SipUri } from '../message/uri.ts';

export interface ServerResolverOptions {
  /** Name servers as `address` or `address:port`; those of the machine by default, and its own list of hosts then. */
  readonly servers?: readonly string[];
  /** Those that we speak, preferred first. */
  readonly transports: readonly ServerTransport[];
}

/** How long a name server may take for one answer, in milliseconds, and how often it is asked. */
const timeout = 3_000;
const tries = 2;

/** Finds SIP servers by name (RFC 3263), over the domain name system. */
export class ServerResolver {
  readonly #resolver = new Resolver({ timeout, tries });
  readonly #options: ServerResolverOptions;

  constructor(options: ServerResolverOptions) {
    this.#options = options;
    if (options.servers !== undefined && options.servers.length > 0) this.#resolver.setServers(options.servers);
  }

  /**
   * The servers of a URI, best first, at least one.
   *
   * @throws {SipError} `sip.name-not-resolved`
   */
  async locate(uri: SipUri): Promise<readonly ServerTarget[]> {
    const { transports } = this.#options;
    const location = new ServerLocation(uri, { transports, random: Math.random });
    for (let question = location.question(); question !== undefined; question = location.question()) {
      location.answer(question, await this.#ask(question));
    }
    if (location.targets.length > 0) return location.targets;
    throw new SipError('sip.name-not-resolved', `No SIP server was found for ${uri.host}`, {
      nextStep: `Ask for it: dig NAPTR ${uri.host}; dig SRV _sip._udp.${uri.host}; dig ${uri.host}`,
    });
  }

  async #ask<Type extends DnsQuestion['type']>({
    type,
    name,
  }: DnsQuestion & { type: Type }): Promise<DnsRecords[Type]> {
    try {
      return (await this.#records(type, name)) as DnsRecords[Type];
    } catch {
      return []; // nothing is there, or nobody could say: the next way of the procedure is tried
    }
  }

  async #records(type: DnsQuestion['type'], name: string): Promise<DnsRecords[DnsQuestion['type']]> {
    switch (type) {
      case 'NAPTR':
        return this.#resolver.resolveNaptr(name);
      case 'SRV':
        return (await this.#resolver.resolveSrv(name)).map(({ name: target, ...rest }) => ({ ...rest, target }));
      case 'AAAA':
      case 'A': {
        const isOwn = this.#options.servers === undefined || this.#options.servers.length === 0;
        if (!isOwn) return type === 'AAAA' ? this.#resolver.resolve6(name) : this.#resolver.resolve4(name);
        const found = await lookup(name, { all: true });
        return found.map(({ address }) => address).filter((address) => isIPv6(address) === (type === 'AAAA'));
      }
    }
  }
}
