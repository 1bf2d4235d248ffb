/** A small world of scripted phones, for the tests and fuzz targets of this room. */
import { Redacted } from '@trustline/base';
import { type CryptoAttribute, type SdesSuiteName, sdesSuites } from '@trustline/keying';
import { CallControl } from './callcontrol.ts';
import type { DialPlanEntry } from './dialplan.ts';
import type { Device, Forwarding, Line } from './directory.ts';
import type { CallControlInput, LegId } from './inputs.ts';
import type { MediaDescription, MediaStream } from './media.ts';
import { createNumbering, type NumberingOptions } from './numbering.ts';
import type { CallControlOutput } from './outputs.ts';
import type { LegProtection } from './protection.ts';
import type { KeptCall } from './recovery.ts';
import type { RelayPort } from './relay-state.ts';
import type { CallControlSettings } from './settings.ts';

export const suite80: SdesSuiteName = 'AES_CM_128_HMAC_SHA1_80';
export const suite32: SdesSuiteName = 'AES_CM_128_HMAC_SHA1_32';

/** A key whose octets are those of `seed`, so that two with one seed are the same key. */
export function keyOf(seed: number, suiteName: SdesSuiteName = suite80, tag = 1): CryptoAttribute {
  const suite = sdesSuites[suiteName];
  const octets = new Uint8Array(suite.keyLength + suite.saltLength);
  new DataView(octets.buffer).setUint32(0, seed + 1);
  return {
    kind: 'crypto',
    tag,
    suiteName,
    suite,
    keys: [{ material: new Redacted(octets), lifetime: undefined, mki: undefined }],
    sessionParameters: [],
  };
}

export function audio(keys: readonly CryptoAttribute[], changes: Partial<MediaStream> = {}): MediaDescription {
  const stream: MediaStream = {
    type: 'audio',
    address: '192.0.2.1',
    port: 4000,
    transport: keys.length > 0 ? 'RTP/SAVP' : 'RTP/AVP',
    direction: 'sendrecv',
    formats: [{ payloadType: 0, encoding: 'PCMU', clockRate: 8000, channels: 1 }],
    keys,
    attributes: [{ name: 'ptime', value: '20' }],
    ...changes,
  };
  return { streams: [stream], attributes: [] };
}

export const byCertificate: LegProtection = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' };
export const byDigest: LegProtection = { protocol: 'sip', signalling: 'none', proof: 'digest' };

export interface Phone extends Device {
  readonly protection: LegProtection | undefined;
}

export function phone(name: string, line: string, changes: Partial<Phone> = {}): Phone {
  return { name, kind: 'phone', securityMode: 'encrypted', lines: [line], protection: byCertificate, ...changes };
}

/** Call control among these phones, with the outputs of each step at hand. */
export class ScriptedWorld {
  control: CallControl;
  readonly phones: readonly Phone[];
  readonly outputs: CallControlOutput[] = [];
  /** Line → where its calls go. */
  readonly forwarding = new Map<string, Forwarding>();
  now = 0;
  readonly #begin: () => CallControl;
  #seed = 1;

  constructor(
    phones: readonly Phone[],
    plan: readonly DialPlanEntry[] = [],
    settings: Partial<CallControlSettings> = {},
    features: Omit<NumberingOptions, 'entries'> = {},
    relay?: RelayPort,
  ) {
    this.phones = phones;
    const line = (number: string): Line | undefined => {
      const devices = phones.filter((device) => device.lines.includes(number)).map(({ name }) => name);
      const forwarding = this.forwarding.get(number);
      return devices.length === 0 ? undefined : { number, devices, ...(forwarding && { forwarding }) };
    };
    const numbering = createNumbering({ entries: plan, ...features }, (number) => line(number) !== undefined);
    const find = (name: string) => phones.find((device) => device.name === name);
    const ports = {
      directory: {
        device: find,
        line,
        route: numbering.route,
        huntGroup: numbering.huntGroup,
        pickUpLines: numbering.pickUpLines,
        registration: (name: string) => find(name)?.protection,
      },
      ...(relay === undefined ? {} : { relay }),
      random: (length: number) => Uint8Array.from({ length }, () => this.#random()),
      wallTime: (now: number) => new Date(Date.UTC(2026, 0, 1) + now).toISOString(),
    };
    this.#begin = () => new CallControl(ports, settings);
    this.control = this.#begin();
  }

  /** The process dies, and another goes on with what was kept of calls, written and read. */
  restart(kept: readonly KeptCall[] = this.kept()): CallControlOutput[] {
    this.control = this.#begin();
    for (const call of kept) this.control.recover(this.now, JSON.parse(JSON.stringify(call)) as KeptCall);
    return this.drain();
  }

  /** What is to be kept of the calls that run. */
  kept(): readonly KeptCall[] {
    return this.control.calls().flatMap(({ call }) => this.control.keep(call) ?? []);
  }

  /** Gives one input and returns what came of it. */
  handle(input: CallControlInput): CallControlOutput[] {
    this.control.handle(this.now, input);
    return this.drain();
  }

  /** Lets time pass, in milliseconds. */
  pass(milliseconds: number): CallControlOutput[] {
    this.now += milliseconds;
    this.control.tick(this.now);
    return this.drain();
  }

  /** The first phone's leg `a` calls a number. */
  call(
    destination: string,
    offer: MediaDescription | undefined,
    changes: Partial<Extract<CallControlInput, { kind: 'incoming' }>> = {},
  ): CallControlOutput[] {
    const [caller] = this.phones;
    return this.handle({
      kind: 'incoming',
      leg: 'a',
      device: caller?.name ?? '',
      line: caller?.lines[0] ?? '',
      destination,
      protection: caller?.protection ?? byDigest,
      caller: { number: caller?.lines[0] ?? '', anonymous: false },
      ...(offer === undefined ? {} : { offer }),
      ...changes,
    });
  }

  drain(): CallControlOutput[] {
    const outputs: CallControlOutput[] = [];
    for (let output = this.control.poll(); output !== undefined; output = this.control.poll()) outputs.push(output);
    this.outputs.push(...outputs);
    return outputs;
  }

  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) >>> 0;
    return this.#seed >>> 24;
  }
}

/** The outputs of one kind. */
export function ofKind<Kind extends CallControlOutput['kind']>(
  outputs: readonly CallControlOutput[],
  kind: Kind,
): Extract<CallControlOutput, { kind: Kind }>[] {
  return outputs.filter((output): output is Extract<CallControlOutput, { kind: Kind }> => output.kind === kind);
}

/** The one output of a kind; fails where there is none or more. */
export function only<Kind extends CallControlOutput['kind']>(
  outputs: readonly CallControlOutput[],
  kind: Kind,
): Extract<CallControlOutput, { kind: Kind }> {
  const [first, second] = ofKind(outputs, kind);
  if (first === undefined || second !== undefined) {
    throw new Error(`expected one ${kind} among: ${outputs.map((output) => output.kind).join(', ')}`);
  }
  return first;
}

/** Kinds of the events among the outputs. */
export function eventKindsOf(outputs: readonly CallControlOutput[]): string[] {
  return ofKind(outputs, 'event').map(({ event }) => event.kind);
}

/** The description that an output carries to a leg, if any. */
export function descriptionOf(output: CallControlOutput): { leg: LegId; description: MediaDescription } | undefined {
  switch (output.kind) {
    case 'place':
      return output.offer === undefined ? undefined : { leg: output.leg, description: output.offer };
    case 'offer':
    case 'accept-with-offer':
      return { leg: output.leg, description: output.offer };
    case 'accept':
    case 'answer':
    case 'progress':
      return { leg: output.leg, description: output.answer };
    default:
      return undefined;
  }
}
