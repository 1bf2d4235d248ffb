import type { CallControlInput } from '@trustline/callcontrol';
import type { CallsOutput } from '@trustline/h323';
import type { GatewaySettings } from './gateway-settings.ts';

interface GatewayProbesPorts {
  /** Whether it can be asked at all: what admits its calls is there. */
  isOpen(gateway: GatewaySettings): boolean;
  say(input: CallControlInput): void;
  output(output: Extract<CallsOutput, { readonly kind: 'connect' | 'close' }>): void;
}

/** Asks gateways whether they take calls, which is whether they take a connection. */
export class GatewayProbes {
  readonly #ports: GatewayProbesPorts;
  /** Connections that only show whether a gateway is there → its device. */
  readonly #probes = new Map<string, string>();
  #count = 0;

  constructor(ports: GatewayProbesPorts) {
    this.#ports = ports;
  }

  probe(gateway: GatewaySettings, address: string): void {
    const { device, port, localAddress } = gateway;
    if (!this.#ports.isOpen(gateway)) {
      this.#ports.say({ kind: 'probed', device, isThere: false });
      return;
    }
    this.#count += 1;
    const connection = `probe${this.#count}`;
    this.#probes.set(connection, device);
    const from = localAddress === undefined ? {} : { from: localAddress };
    this.#ports.output({ kind: 'connect', connection, to: { address, port }, ...from });
  }

  /** What came of a connection; false where it was for a call. */
  probed(connection: string, isThere: boolean): boolean {
    const device = this.#probes.get(connection);
    if (device === undefined) return false;
    this.#probes.delete(connection);
    if (isThere) this.#ports.output({ kind: 'close', connection });
    this.#ports.say({ kind: 'probed', device, isThere });
    return true;
  }
}
