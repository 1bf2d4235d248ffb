import type { SipFlow } from '@trustline/sip';
import { CONNECTIONS_OF_A_PHONE } from './call-manager-limits.ts';
import type { DeviceDirectory, Registration } from './device-directory.ts';

/**
 * Connections without TLS of devices that must use it, left from a time when they need not: where calls go on they may end;
 * nothing else is taken there, and nobody is called.
 */
export class ClearConnections {
  readonly #directory: DeviceDirectory;
  readonly #hasCalls: (device: string) => boolean;
  #areLeft = false;

  constructor(directory: DeviceDirectory, hasCalls: (device: string) => boolean) {
    this.#directory = directory;
    this.#hasCalls = hasCalls;
  }

  /** Takes back what such devices have registered; returns it, by device. */
  endRegistrations(): readonly { readonly device: string; readonly registrations: readonly Registration[] }[] {
    this.#areLeft = true;
    const devices = new Set(this.#directory.clearFlowsOfSecureDevices().map(({ device }) => device));
    return [...devices].map((device) => {
      const registrations = this.#directory.registrations(device);
      for (const { line } of registrations) this.#directory.setBindings(device, line, []);
      return { device, registrations };
    });
  }

  /** Those that no call is on any more: they are to be closed. Of UDP there is nothing to close. */
  close(): readonly SipFlow[] {
    if (!this.#areLeft) return [];
    const left = this.#directory.clearFlowsOfSecureDevices();
    this.#areLeft = left.length > 0;
    for (const { device, flow } of left) if (flow.transport === 'udp') this.#directory.forgetFlow(flow.id, device);
    return left
      .filter(({ device, flow }) => flow.transport !== 'udp' && !this.#hasCalls(device))
      .map(({ flow }) => flow);
  }
}

/** The connection that a phone has too many, its oldest: one phone's certificate must not take the connections of all others. */
export function oneTooMany(directory: DeviceDirectory, name: string): SipFlow | undefined {
  const flows = directory.flowsOf(name);
  const isTooMany = flows.length > CONNECTIONS_OF_A_PHONE && directory.device(name)?.kind === 'phone';
  return isTooMany ? flows[0] : undefined;
}

export const aboutTooMany = {
  cause: `it has more than ${CONNECTIONS_OF_A_PHONE} connections: the oldest was closed`,
  reason: 'connections-of-a-phone',
} as const;

/** That a device was registered without TLS, in mixed mode. */
export function aboutMixedMode(device: string) {
  return {
    cause: `${device} was registered without TLS, which it may not be in mixed mode`,
    device,
    reason: 'mixed-mode',
    nextStep: 'It takes the CTL of mixed mode when it starts next; restart it if it does not come by itself.',
  };
}
