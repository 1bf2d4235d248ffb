import type { CallControlInput } from '@trustline/callcontrol';
import { type CallsOutput, encodeCallSignalling, type Identity, statusEnquiryMessage } from '@trustline/h323';
import type { GatewaySettings } from './gateway-settings.ts';

interface GatewayProbesPorts {
  /** Whether it can be asked at all: what admits its calls is there. */
  isOpen(gateway: GatewaySettings): boolean;
  identity(): Identity;
  drawCallReference(): number;
  say(input: CallControlInput): void;
  output(output: Extract<CallsOutput, { readonly kind: 'connect' | 'send' | 'close' }>): void;
}

/**
 * Asks gateways whether they take calls, which is whether they say anything on a connection: that it is there shows the
 * kernel of the gateway alone, which takes it also while the program behind is frozen. So the status of a call that is none
 * is asked for, which has to be answered (Q.931 §5.8.10); whoever closes instead is there too.
 */
export class GatewayProbes {
  readonly #ports: GatewayProbesPorts;
  /** Connections that only show whether a gateway is there → its device. One each. */
  readonly #probes = new Map<string, string>();
  #count = 0;

  constructor(ports: GatewayProbesPorts) {
    this.#ports = ports;
  }

  probe(gateway: GatewaySettings, address: string): void {
    const { device, port, localAddress } = gateway;
    this.end(device);
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

  /** What was asked of a gateway and not answered is asked no more. */
  end(device: string): void {
    for (const [connection, of] of this.#probes) {
      if (of !== device) continue;
      this.#probes.delete(connection);
      this.#ports.output({ kind: 'close', connection });
    }
  }

  /** A connection is there; false where it is for a call. */
  connected(connection: string): boolean {
    if (!this.#probes.has(connection)) return false;
    const callReference = { value: this.#ports.drawCallReference(), fromDestination: false, length: 2 } as const;
    const enquiry = { ...statusEnquiryMessage(this.#ports.identity(), false), callReference };
    this.#ports.output({ kind: 'send', connection, payload: encodeCallSignalling(enquiry) });
    return true;
  }

  /** What came of a connection; false where it was for a call. */
  probed(connection: string, because: 'answered' | 'closed' | 'failed'): boolean {
    const device = this.#probes.get(connection);
    if (device === undefined) return false;
    this.#probes.delete(connection);
    if (because === 'answered') this.#ports.output({ kind: 'close', connection });
    this.#ports.say({ kind: 'probed', device, isThere: because !== 'failed' });
    return true;
  }
}
