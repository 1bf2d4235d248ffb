import { Redacted } from '@trustline/base';
import { decodeCallSignalling, encodeCallSignalling } from '../h225/call-signalling.ts';
import type { CallEntity } from '../h225/machines/call.ts';
import { CallConnection } from '../h225/machines/connection.ts';
import { identity } from '../h225/machines/pair.fixture.ts';
import type { SrtpMasterKey } from '../h235/srtp-keys.ts';
import { CallEndpoint, type EndpointEvent, type EndpointOptions } from './call-endpoint.ts';
import type { ControlConnection } from './control-channel.ts';

/** An end of a call with its connections, all that it told and all octets that it sent. */
export class Party {
  readonly name: number;
  readonly connection: CallConnection;
  readonly options: EndpointOptions;
  readonly events: EndpointEvent[] = [];
  readonly wire: Uint8Array[] = [];
  readonly keys: Uint8Array[] = [];
  endpoint: CallEndpoint | undefined;
  /** Asked for, and not there yet. */
  wantsH245 = false;
  closed: ControlConnection[] = [];
  #proven: boolean;

  constructor(name: number, proven: boolean, options: Partial<EndpointOptions> = {}) {
    this.name = name;
    this.#proven = proven;
    this.connection = new CallConnection({ identity: identity(name), maxCalls: 2, firstCallReference: name });
    this.connection.proven = proven;
    let drawn = name * 1000;
    this.options = {
      formats: [{ name: 'g711Ulaw64k', frames: 20 }],
      suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
      policy: 'prefer',
      terminalType: 60,
      drawNumber: () => drawn++,
      drawKey: () => this.#drawKey(),
      keyForm: 'direct',
      ackKey: 'own',
      media: { host: Uint8Array.of(10, 0, 0, name), port: 5000 },
      tunnelling: true,
      fastConnect: false,
      h245Listener: { host: Uint8Array.of(10, 0, 0, name), port: 3000 },
      ...options,
    };
  }

  get call(): CallEndpoint {
    if (this.endpoint === undefined) throw new Error('there is no call');
    return this.endpoint;
  }

  kinds(): string[] {
    return this.events.map((event) =>
      event.kind === 'media-opened' ? `${event.kind} ${event.direction}` : event.kind,
    );
  }

  place(number = '2000', now = 0): void {
    this.adopt(this.connection.call(identity(this.name)));
    this.call.setup(now, { calledNumber: number });
  }

  adopt(call: CallEntity): void {
    this.endpoint = new CallEndpoint(call, this.options);
    this.prove(this.#proven);
  }

  prove(proven: boolean): void {
    this.#proven = proven;
    this.connection.proven = proven;
    this.endpoint?.setProven('signalling', proven);
    this.endpoint?.setProven('h245', proven);
  }

  /** What it has to send now: by call signalling, or by a connection for H.245. */
  sent(now: number): { readonly by: 'signalling' | ControlConnection; readonly octets: Uint8Array }[] {
    const sent: { by: 'signalling' | ControlConnection; octets: Uint8Array }[] = [];
    for (let more = true; more; ) {
      more = false;
      for (let output = this.endpoint?.poll(); output !== undefined; output = this.endpoint?.poll()) {
        if (output.kind === 'event') this.events.push(output.event);
        else if (output.kind === 'connect-h245') this.wantsH245 = true;
        else if (output.kind === 'close-h245') this.closed.push(output.connection);
        else sent.push({ by: output.connection, octets: output.octets });
      }
      for (let output = this.connection.poll(); output !== undefined; output = this.connection.poll()) {
        more = true;
        if (output.kind === 'send') sent.push({ by: 'signalling', octets: encodeCallSignalling(output.message) });
        else {
          if (this.endpoint === undefined && output.event.kind === 'setup') this.adopt(output.call);
          this.endpoint?.take(now, output.event);
        }
      }
    }
    this.wire.push(...sent.map(({ octets }) => octets));
    return sent;
  }

  receive(now: number, by: 'signalling' | ControlConnection, octets: Uint8Array): void {
    if (by !== 'signalling') {
      this.endpoint?.h245Received(now, octets);
      return;
    }
    const result = decodeCallSignalling(octets);
    if (!result.ok) throw result.error;
    this.connection.receive(now, result.message);
  }

  /** Whether a key that it made, or that `other` made, is in what it sent. */
  showed(other: Party): boolean {
    return this.wire.some((octets) =>
      [...this.keys, ...other.keys].some((key) => Buffer.from(octets).includes(Buffer.from(key))),
    );
  }

  #drawKey(): SrtpMasterKey {
    const key = new Uint8Array(16).fill(this.name * 16 + this.keys.length);
    key[0] = 0xa0 + this.name;
    this.keys.push(key);
    return { key: new Redacted(key), salt: new Redacted(new Uint8Array(14).fill(this.name)) };
  }
}

/** Carries everything until both are silent; H.245 connections that are asked for come up at once. */
export function converse(one: Party, other: Party, now = 0): void {
  for (let rounds = 0; rounds < 200; rounds++) {
    const said = [one.sent(now), other.sent(now)] as const;
    const joined = join(one, other, now) || join(other, one, now);
    if (said[0].length + said[1].length === 0 && !joined) return;
    deliver(now, said[0], other);
    deliver(now, said[1], one);
  }
  throw new Error('the two parties never stop talking');
}

function join(one: Party, other: Party, now: number): boolean {
  if (!one.wantsH245) return false;
  one.wantsH245 = false;
  one.call.h245Opened(now, 'outgoing');
  other.endpoint?.h245Opened(now, 'incoming');
  return true;
}

function deliver(now: number, said: ReturnType<Party['sent']>, to: Party): void {
  for (const { by, octets } of said) {
    to.receive(now, by === 'outgoing' ? 'incoming' : by === 'incoming' ? 'outgoing' : by, octets);
  }
}
