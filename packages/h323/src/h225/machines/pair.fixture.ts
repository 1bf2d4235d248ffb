import { decodeCallSignalling, encodeCallSignalling } from '../call-signalling.ts';
import type { CallEntity, CallEvent } from './call.ts';
import type { Identity } from './call-message.ts';
import { CallConnection, type ConnectionOptions } from './connection.ts';

export function identity(octet: number): Identity {
  return {
    endpointType: { gateway: {}, mc: false, undefinedNode: false },
    callIdentifier: new Uint8Array(16).fill(octet),
    conferenceId: new Uint8Array(16).fill(octet + 1),
  };
}

/** One end of a call signalling connection, its events, and what it sent as octets. */
export class Side {
  readonly connection: CallConnection;
  readonly events: (CallEvent & { readonly call: CallEntity })[] = [];

  constructor(options: Partial<ConnectionOptions> = {}) {
    this.connection = new CallConnection({ identity: identity(0x77), maxCalls: 4, firstCallReference: 20, ...options });
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  sent(): Uint8Array[] {
    const sent: Uint8Array[] = [];
    for (let output = this.connection.poll(); output !== undefined; output = this.connection.poll()) {
      if (output.kind === 'send') sent.push(encodeCallSignalling(output.message));
      else this.events.push({ ...output.event, call: output.call });
    }
    return sent;
  }

  receive(octets: Uint8Array, now = 0): void {
    const result = decodeCallSignalling(octets);
    if (result.ok) this.connection.receive(now, result.message);
    else if (result.broken !== undefined) this.connection.receiveBroken(result.broken);
  }
}

/** Carries what both sides say, in octets, until neither says more. */
export function carry(one: Side, other: Side, now = 0): void {
  for (let rounds = 0; rounds < 100; rounds++) {
    const said = [one.sent(), other.sent()] as const;
    if (said[0].length + said[1].length === 0) return;
    for (const octets of said[0]) other.receive(octets, now);
    for (const octets of said[1]) one.receive(octets, now);
  }
  throw new Error('the two sides never stop talking');
}
