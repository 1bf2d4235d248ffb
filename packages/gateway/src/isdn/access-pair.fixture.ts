import { type BearerCapability, decodeQ931, isdnDialect, MessageType, speech } from '@trustline/h323';
import { LossyNetwork, SeededRandom, VirtualClock } from '@trustline/testing';
import type { CallEvent, IsdnCall, SetupTerms } from './call-control/isdn-call.ts';
import type { NetworkLayerOptions } from './call-control/network-layer.ts';
import { decodeFrame } from './link/frame.ts';
import { type AccessOutput, PrimaryRateAccess } from './primary-rate-access.ts';

export const bearer: BearerCapability = speech('A');

export function setupTerms(digits: string, terms: Partial<SetupTerms> = {}): SetupTerms {
  return { bearer, called: { typeOfNumber: 2, numberingPlan: 1, digits }, complete: true, ...terms };
}

/** One side of the access and all that it told. */
export class AccessEnd {
  readonly access: PrimaryRateAccess;
  readonly events: (CallEvent & { readonly call: IsdnCall })[] = [];
  readonly service: string[] = [];
  readonly channels: string[] = [];
  /** What to do with an event at once, as a gateway would. */
  react: (event: CallEvent, call: IsdnCall, now: number) => void = () => {};

  constructor(options: NetworkLayerOptions) {
    this.access = new PrimaryRateAccess(options);
  }

  take(output: Exclude<AccessOutput, { kind: 'frame' }>, now: number): void {
    switch (output.kind) {
      case 'call':
        this.events.push({ ...output.event, call: output.call });
        this.react(output.event, output.call, now);
        break;
      case 'service':
        this.service.push(`${output.inService ? 'in' : 'out'}: ${output.reason}`);
        break;
      case 'channel':
        this.channels.push(`${output.channel} ${output.service}`);
        break;
    }
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  causes(): [string, number][] {
    return this.events.flatMap((event) =>
      event.kind === 'released' ? [[event.by, event.cause.value] as [string, number]] : [],
    );
  }

  /** The last event of a kind. */
  last<Kind extends CallEvent['kind']>(kind: Kind): Extract<CallEvent, { kind: Kind }> & { readonly call: IsdnCall } {
    const found = this.events.findLast((event) => event.kind === kind);
    if (found === undefined) throw new Error(`no ${kind} among ${this.kinds().join(', ')}`);
    return found as Extract<CallEvent, { kind: Kind }> & { readonly call: IsdnCall };
  }
}

/** A user side and a network side, and the wire between their D channels, on a virtual clock. */
export class AccessPair {
  readonly clock = new VirtualClock();
  readonly network: LossyNetwork;
  readonly user: AccessEnd;
  readonly exchange: AccessEnd;
  /** Names of Q.931 messages with who sent them, in the order in which they were given to the wire. */
  readonly messages: string[] = [];
  /** Every frame that was given to the wire. */
  readonly frames: Uint8Array[] = [];
  cut = false;

  constructor(options: Partial<NetworkLayerOptions> = {}, seed = 1, perSide: { user?: object; network?: object } = {}) {
    this.network = new LossyNetwork(this.clock, new SeededRandom(seed));
    this.user = new AccessEnd({ side: 'user', line: 'E1', restartAtStart: false, ...options, ...perSide.user });
    this.exchange = new AccessEnd({
      side: 'network',
      line: 'E1',
      restartAtStart: false,
      ...options,
      ...perSide.network,
    });
    for (const end of [this.user, this.exchange]) this.clock.attach(end.access, () => this.carry());
  }

  /** Both sides up. */
  start(): this {
    this.user.access.start(this.clock.now);
    this.exchange.access.start(this.clock.now);
    this.run(200);
    return this;
  }

  run(milliseconds: number): void {
    this.carry();
    this.clock.advance(milliseconds);
    this.carry();
  }

  call(from: AccessEnd, digits: string, terms: Partial<SetupTerms> = {}): IsdnCall {
    const call = from.access.layer.call(this.clock.now, setupTerms(digits, terms));
    if (call === undefined) throw new Error('no channel is free');
    this.carry();
    return call;
  }

  /** A message that this side's machine would not send now, carried by its data link. */
  inject(to: AccessEnd, octets: Uint8Array): void {
    to.access.layer.receive(this.clock.now, octets);
    this.carry();
  }

  carry(): void {
    for (const [end, other, name] of [
      [this.user, this.exchange, 'user'],
      [this.exchange, this.user, 'network'],
    ] as const) {
      for (;;) {
        const output = end.access.poll(this.clock.now);
        if (output === undefined) break;
        if (output.kind !== 'frame') {
          end.take(output, this.clock.now);
          continue;
        }
        this.#note(name, output.octets);
        if (this.cut) continue;
        this.network.carry(() => {
          if (this.cut) return;
          other.access.receiveFrame(this.clock.now, output.octets);
          this.carry();
        });
      }
    }
  }

  #note(from: 'user' | 'network', octets: Uint8Array): void {
    this.frames.push(octets);
    const read = decodeFrame(octets, from);
    if (!read.ok || read.frame.kind !== 'I') return;
    const decoded = decodeQ931(read.frame.information, isdnDialect);
    if (!decoded.ok) throw decoded.error;
    const name = Object.entries(MessageType).find(([, type]) => type === decoded.message.type)?.[0];
    this.messages.push(`${from} ${name ?? decoded.message.type}`);
  }
}
