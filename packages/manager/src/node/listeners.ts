import { isIPv6 } from 'node:net';
import type { DigestAlgorithm, SipFlow, SipHostPort } from '@trustline/sip';
import type { SipListener, SipTransportHub, TlsListener, UdpListener } from '@trustline/sip/node';
import type { ListenerStatus } from '../api/contract.ts';
import type { ListenerConfiguration } from '../configuration/schema.ts';
import type { DeviceDirectory } from '../device-directory.ts';
import type { TlsPeer } from '../legs/sip/gate.ts';
import { judgeClient } from './client-judgement.ts';
import type { H323Door } from './h323/h323-door.ts';
import { namingTheOption } from './listener-failure.ts';
import type { ManagerContext } from './parts.ts';
import type { SignallingEvents } from './signalling-events.ts';
import type { SkinnyListener, SkinnyListeners } from './skinny/skinny-listeners.ts';
import { tlsOptions } from './tls-options.ts';

/** Who speaks on the sockets, by protocol. */
export interface ListenerDoors {
  readonly hub: SipTransportHub<TlsPeer>;
  readonly skinny: SkinnyListeners;
  readonly h323: H323Door;
}

interface OpenListener {
  readonly configuration: ListenerConfiguration;
  readonly listener: SipListener | SkinnyListener | Awaited<ReturnType<H323Door['listen']>>;
}

/** The listeners of the configuration, in its order: each is opened at its door, and serves by the trust that holds. */
export class Listeners {
  readonly #context: ManagerContext;
  readonly #doors: ListenerDoors;
  readonly #directory: DeviceDirectory;
  readonly #events: Pick<SignallingEvents, 'event'>;
  readonly #open: OpenListener[] = [];

  constructor(
    context: ManagerContext,
    doors: ListenerDoors,
    directory: DeviceDirectory,
    events: Pick<SignallingEvents, 'event'>,
  ) {
    this.#context = context;
    this.#doors = doors;
    this.#directory = directory;
    this.#events = events;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.length;
  }

  /** @throws {ManagerError} manager.port-in-use or manager.listener-failed, naming the option that an operator may change */
  async open(): Promise<void> {
    const { listeners } = this.#context.configuration;
    for (const [index, configuration] of listeners.entries()) {
      try {
        const opened = { configuration, listener: await this.#listen(configuration) };
        this.#open.push(opened);
        this.#warnOfLegacy(opened);
      } catch (error) {
        throw namingTheOption(error, configuration, index);
      }
    }
  }

  /** As bound. */
  status(): readonly ListenerStatus[] {
    return this.#open.map(({ configuration, listener }) => ({
      transport: configuration.transport,
      host: configuration.host,
      port: listener.local.port,
      legacy: isLegacy(configuration),
      digestAlgorithms: 'digestAlgorithms' in configuration ? configuration.digestAlgorithms : [],
    }));
  }

  /** Those of SIP by UDP. */
  get udp(): readonly UdpListener[] {
    return this.#open
      .filter(({ configuration }) => configuration.transport === 'udp')
      .map(({ listener }) => listener as UdpListener);
  }

  /** Where datagrams to somebody go out: from the first listener that speaks his kind of address; undefined without one. */
  flowTo(remote: SipHostPort): SipFlow | undefined {
    const speaks = ({ configuration }: OpenListener) =>
      configuration.transport === 'udp' &&
      (configuration.host === '::' || isIPv6(configuration.host) === isIPv6(remote.host));
    return (this.#open.find(speaks)?.listener as UdpListener | undefined)?.flowTo(remote);
  }

  /** What the listener of a flow takes, preferred first. */
  digestAlgorithms(flow: SipFlow): readonly DigestAlgorithm[] {
    const found = this.#open.find(
      ({ configuration, listener }) =>
        configuration.transport === flow.transport && listener.local.port === flow.local.port,
    )?.configuration;
    return found !== undefined && 'digestAlgorithms' in found ? found.digestAlgorithms : ['SHA-256'];
  }

  /** The manager's certificates or its trust changed: whoever comes is served by the new ones. */
  trustChanged(): void {
    for (const { configuration, listener } of this.#open) {
      const { transport } = configuration;
      if (transport !== 'tls' && transport !== 'wss' && transport !== 'sccp-tls') continue;
      (listener as TlsListener).setSecureContext(tlsOptions(this.#context.cluster, isLegacy(configuration)));
    }
  }

  async #listen(configuration: ListenerConfiguration): Promise<OpenListener['listener']> {
    const { hub, skinny, h323 } = this.#doors;
    const { cluster } = this.#context;
    const where = { host: configuration.host, port: configuration.port };
    switch (configuration.transport) {
      case 'tls': {
        const { legacy } = configuration;
        return hub.listenTls({
          ...where,
          secureContextOptions: tlsOptions(cluster, legacy),
          judge: (chain, { remote }) => judgeClient(this.#context, this.#directory, chain, remote, legacy),
        });
      }
      case 'sccp-tls': {
        const { legacy } = configuration;
        return skinny.listenTls(where, tlsOptions(cluster, legacy), (chain, { remote }) =>
          judgeClient(this.#context, this.#directory, chain, remote, legacy, 'sccp'),
        );
      }
      case 'sccp':
        return skinny.listen(where);
      case 'h323':
        return h323.listen(where);
      case 'wss': {
        const { origins } = configuration;
        return hub.listenWebSocket({ ...where, origins, secureContextOptions: tlsOptions(cluster, false) });
      }
      case 'tcp':
        return hub.listenTcp(where);
      case 'udp':
        return hub.listenUdp(where);
    }
  }

  #warnOfLegacy({ configuration, listener }: OpenListener): void {
    if (!isLegacy(configuration)) return;
    const cause = `The listener on port ${listener.local.port} takes TLS 1.0, SHA-1 and RSA-1024: anybody near it may read and forge.`;
    const nextStep = 'Keep it on a network of its own, and remove it when the last old phone is gone.';
    this.#events.event('legacy-listener-opened', { cause, nextStep, reason: 'legacy-tls' });
    this.#context.log.warn(`LEGACY TLS: ${cause} ${nextStep}`);
  }
}

function isLegacy(configuration: ListenerConfiguration): boolean {
  return 'legacy' in configuration && configuration.legacy;
}
