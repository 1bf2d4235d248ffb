import type { HostPort, TcpEnds } from '@trustline/h323';
import { type GatewayProtection, H323Sockets, type Turned } from '@trustline/h323/node';
import type { SipHostPort } from '@trustline/sip';
import type { GatewaySettings } from '../../legs/h323/gateway-settings.ts';
import type { H245Listening, H323Legs, H323Output } from '../../legs/h323/h323.ts';
import type { PassedH323 } from '../../trace/message-trace.ts';
import { RasSockets } from './ras-sockets.ts';

/** What protects the signalling of gateways, as the manager's IPsec does. */
export interface ManagerProtection extends GatewayProtection {
  /** Calls the watcher from now on; the returned function ends that. */
  watch(watcher: {
    /** Whether keys may go to the gateway, once proven. */
    onProtectionChanged(gateway: string, isProtected: boolean): void;
    /** It stayed away for so long that calls without signalling end. */
    onProtectionGivenUp(gateway: string): void;
  }): () => void;
}

export interface H323DoorPorts {
  /** Does something with the legs of the core, and carries out what comes of it. */
  onLegs(act: (legs: H323Legs, now: number) => void): void;
  /** Somebody was not let in; a sentence for the operator. */
  refused(cause: string, reason: string, remoteAddress: string): void;
  readonly protection: ManagerProtection | undefined;
  /** A message comes, before it has any effect, or goes out. */
  passed(passed: PassedH323): void;
}

const turnedWords: Readonly<Record<Turned, string>> = {
  'unknown-address': 'no gateway has this address',
  'too-many-connections': 'there are as many connections of gateways as there may be',
  'too-many-connections-of-one-address': 'it has as many connections as one gateway may have',
};

/** The sockets of H.323 gateways, joined with their legs. What is said on them is the legs'. */
export class H323Door {
  readonly #ports: H323DoorPorts;
  readonly #sockets: H323Sockets;
  readonly #ras: RasSockets;
  /** Of connections that are open. */
  readonly #ends = new Map<string, TcpEnds>();
  readonly #gateways = new Map<string, GatewaySettings>();
  #unwatch: (() => void) | undefined;
  readonly h245Ports: H245Listening = {
    listen: (call, address, protection) => this.#sockets.listenForH245(call, address, protection),
    stop: (call) => this.#sockets.stopListeningForH245(call),
  };

  constructor(ports: H323DoorPorts) {
    this.#ports = ports;
    const { onLegs, protection } = ports;
    this.#sockets = new H323Sockets({
      ...(protection === undefined ? {} : { protection }),
      accepted: (id, ends, h245Of) => {
        this.#ends.set(id, ends);
        onLegs((legs, now) => legs.accepted(now, id, ends, h245Of));
      },
      connected: (id, ends) => {
        this.#ends.set(id, ends);
        onLegs((legs, now) => legs.connected(now, id, ends));
      },
      failed: (id, because) => onLegs((legs, now) => legs.failed(now, id, because)),
      received: (id, payload) =>
        onLegs((legs, now) => {
          this.#passes('received', id, payload);
          legs.received(now, id, payload);
        }),
      closed: (id) => {
        this.#ends.delete(id);
        onLegs((legs, now) => legs.closed(now, id));
      },
      proved: (id, proof) => onLegs((legs, now) => legs.proved(now, id, proof)),
      welcome: ({ address }) => this.#welcome(address),
      turnedAway: (because, remote) => ports.refused(turnedWords[because], because, authorityOf(remote)),
    });
    this.#ras = new RasSockets({
      opened: (gatekeeper, ras, signalling) => onLegs((legs, now) => legs.rasOpened(now, gatekeeper, ras, signalling)),
      received: (gatekeeper, payload, from) => onLegs((legs, now) => legs.rasReceived(now, gatekeeper, payload, from)),
      failed: (gatekeeper, why) => onLegs((legs, now) => legs.rasFailed(now, gatekeeper, why)),
    });
    this.#unwatch = protection?.watch({
      onProtectionChanged: (gateway, isProtected) =>
        onLegs((legs, now) => legs.protectionChanged(now, gateway, isProtected)),
      onProtectionGivenUp: (gateway) => onLegs((legs, now) => legs.protectionGivenUp(now, gateway)),
    });
  }

  /** Connections that are open. */
  get size(): number {
    return this.#sockets.size;
  }

  /** @throws {H323Error} h323.port-in-use, h323.port-not-allowed, h323.no-such-address or h323.listen-failed */
  async listen({ host, port }: SipHostPort): Promise<{ readonly local: SipHostPort }> {
    const local = await this.#sockets.listen({ address: host, port });
    this.#ras.listening(local);
    return { local: { host: local.address, port: local.port } };
  }

  setGateway(given: GatewaySettings): void {
    // Where there is no IPsec at all nothing of it can be proven, and no record is to speak of it.
    const settings = { ...given, isProtected: given.isProtected && this.#ports.protection !== undefined };
    this.#gateways.set(settings.device, settings);
    this.#ports.onLegs((legs, now) => legs.setGateway(now, settings));
  }

  /** Its connections and calls are the core's to end. */
  removeGateway(device: string): void {
    this.#gateways.delete(device);
  }

  execute(output: H323Output): void {
    if ('gatekeeper' in output) {
      this.#ras.execute(output);
      return;
    }
    if (output.kind === 'send') this.#passes('sent', output.connection, output.payload);
    if (output.kind === 'close') this.#ends.delete(output.connection);
    this.#sockets.execute(output);
  }

  #passes(direction: PassedH323['direction'], connection: string, payload: Uint8Array): void {
    const ends = this.#ends.get(connection);
    if (ends === undefined || payload.byteLength === 0) return;
    const { address } = ends.remote;
    const device = [...this.#gateways.values()].find(({ addresses }) => addresses.includes(address))?.device;
    const [local, remote] = [authorityOf(ends.local), authorityOf(ends.remote)];
    this.#ports.passed({ direction, connection, local, remote, device, payload });
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#ports.onLegs((legs, now) => legs.leaveGatekeepers(now));
    this.#ras.stop();
    this.#sockets.stop();
  }

  /** Whoever is no gateway is not listened to. */
  #welcome(address: string): { readonly protection?: string } | 'refused' {
    for (const { device, addresses, isProtected } of this.#gateways.values()) {
      if (addresses.includes(address)) return isProtected ? { protection: device } : {};
    }
    return 'refused';
  }
}

function authorityOf({ address, port }: HostPort): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
