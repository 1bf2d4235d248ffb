import type { SipFlow } from '@trustline/sip';
import { authorityOf } from '../legs/sip/authority.ts';

/** Begins the name of every flow that is none. */
const prefix = 'awaited-';

/**
 * Ways to devices that there were before this process, and are not yet again: what goes on with a device has a flow from the
 * beginning, on which nothing can be sent. A device with connections makes a new one; by UDP it is where it was.
 */
export class AwaitedFlows {
  readonly #byRemote = new Map<string, SipFlow>();
  #last = 0;

  /** The flow that stands for one of before. */
  of(before: Omit<SipFlow, 'id'>): SipFlow {
    const key = keyOf(before);
    const known = this.#byRemote.get(key);
    if (known !== undefined) return known;
    this.#last += 1;
    const flow = { ...before, id: `${prefix}${this.#last}` };
    this.#byRemote.set(key, flow);
    return flow;
  }

  /** Addresses that are reached by UDP as soon as a socket is there. */
  datagrams(): readonly SipFlow[] {
    return [...this.#byRemote.values()].filter(({ transport }) => transport === 'udp');
  }

  /** The flow that this one takes the place of; undefined where none was awaited. */
  arrived(flow: SipFlow): SipFlow | undefined {
    if (flow.transport !== 'udp') return undefined;
    const awaited = this.#byRemote.get(keyOf(flow));
    if (awaited !== undefined) this.#byRemote.delete(keyOf(flow));
    return awaited;
  }
}

/** Whether a flow only stands for one that has to be made yet. */
export function isAwaited({ id }: Pick<SipFlow, 'id'>): boolean {
  return id.startsWith(prefix);
}

function keyOf({ transport, remote }: Omit<SipFlow, 'id'>): string {
  return `${transport} ${authorityOf(remote)}`;
}
