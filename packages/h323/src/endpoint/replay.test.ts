import { Redacted } from '@trustline/base';
import { expect, test } from 'vitest';
import { type CapturedMessage, capturedMessages } from '../captured.fixture.ts';
import type * as H245 from '../generated/h245.types.ts';
import { type CallSignallingMessage, decodeCallSignalling, encodeCallSignalling } from '../h225/call-signalling.ts';
import { decodeH245, fastStartCodec, h245Codec } from '../h245/messages.ts';
import { MessageType } from '../q931/message-types.ts';
import type { EndpointOptions } from './call-endpoint.ts';
import { Party } from './pair.fixture.ts';

const all = capturedMessages().filter(({ kind }) => kind !== 'ras');
const captures = [...new Set(all.map(({ capture }) => capture))];
const responses = [
  'terminalCapabilitySetAck',
  'masterSlaveDeterminationAck',
  'openLogicalChannelAck',
  'closeLogicalChannelAck',
  'roundTripDelayResponse',
];

/**
 * One side of a capture is left out and one of our endpoints takes its place: it is told what that side's user did, and
 * gets what the other side sent. Numbers by which the other refers to what it never got from us are put right.
 */
test.each(captures.flatMap((capture) => [[capture, 'caller'] as const, [capture, 'called'] as const]))(
  '%s: ours is the %s',
  (capture, role) => {
    const messages = firstCall(all.filter((message) => message.capture === capture));
    const setup = messages[0] as CapturedMessage;
    const us = role === 'caller' ? setup.from : setup.to;
    const { party, ours } = endpointFor(messages, us);
    const inner = (of: (message: CapturedMessage) => boolean) => messages.filter(of).flatMap(h245Of);
    const replay = new Replay(party);
    for (const message of messages) {
      if (message.kind === 'h245') replay.join();
      if (message.from === us) replay.imitate(message);
      else replay.feed(message);
    }
    const said = replay.said();
    for (const kind of responses) {
      const theirs = inner(({ from }) => from === us).filter((message) => nameOf(message) === kind).length;
      expect([kind, said.filter((one) => one === kind).length]).toEqual([kind, theirs]);
    }
    const kinds = party.kinds();
    const acked = inner(({ from }) => from !== us).some((message) => nameOf(message) === 'openLogicalChannelAck');
    const fast = party.options.fastConnect;
    if (acked || fast) expect(kinds).toEqual(expect.arrayContaining(['media-opened transmit', 'media-opened receive']));
    if (acked && ours.keyed) {
      expect(
        party.events.filter(
          (event) => event.kind === 'media-opened' && event.direction === 'transmit' && event.protection !== undefined,
        ),
      ).not.toEqual([]);
    }
    // Where both release, the second ReleaseComplete is for a call that is no more.
    const releases = messages.filter(
      (message) => message.kind === 'call-signalling' && read(message).type === MessageType.ReleaseComplete,
    );
    expect(party.connection.size).toBe(0);
    expect(party.connection.dropped).toBeLessThan(releases.length === 2 ? 2 : 1);
    expect(
      party.events.filter((event) => event.kind === 'released' && event.by !== 'peer' && event.because !== undefined),
    ).toEqual([]);
  },
);

class Replay {
  readonly #party: Party;
  #sent: Uint8Array[] = [];
  #joined = false;
  #transfers = 0;

  constructor(party: Party) {
    this.#party = party;
  }

  /** H.245 goes on its own connection from here on. */
  join(): void {
    if (this.#joined) return;
    this.#joined = true;
    this.#party.endpoint?.h245Opened(0, this.#party.wantsH245 ? 'outgoing' : 'incoming');
    this.#drain();
  }

  /** What the side did that we stand for. */
  imitate(message: CapturedMessage): void {
    const { endpoint } = this.#party;
    const type = message.kind === 'call-signalling' ? read(message).type : undefined;
    if (type === MessageType.Setup) this.#party.place();
    if (type === MessageType.CallProceeding) endpoint?.proceed(0);
    if (type === MessageType.Progress) endpoint?.progress(0);
    if (type === MessageType.Alerting) endpoint?.alert(0);
    if (type === MessageType.Connect) endpoint?.connect(0);
    if (type === MessageType.ReleaseComplete) endpoint?.release(16);
    for (const one of h245Of(message)) {
      const request = one.kind === 'request' ? one.value : undefined;
      if (request?.kind !== 'terminalCapabilitySet') continue;
      // The first is ours without being told.
      if (this.#transfers++ === 0) continue;
      if (request.value.capabilityTable === undefined) endpoint?.hold(0);
      else endpoint?.resume(0);
    }
    this.#drain();
  }

  feed(message: CapturedMessage): void {
    if (message.kind === 'h245') {
      this.#party.endpoint?.h245Received(0, this.#put(message.octets));
    } else {
      const decoded = read(message);
      const control = decoded.userInformation?.['h323-uu-pdu'].h245Control;
      const whole =
        control === undefined
          ? decoded
          : withControl(
              decoded,
              control.reveal().map((octets) => this.#put(octets)),
            );
      this.#party.receive(0, 'signalling', encodeCallSignalling(this.#renumbered(whole)));
    }
    this.#drain();
  }

  /** The kinds of all H.245 messages that ours sent. */
  said(): string[] {
    return this.#sent.flatMap((octets) => {
      const signalling = decodeCallSignalling(octets);
      if (!signalling.ok) return decodeH245(octets).messages.map(nameOf);
      const control = signalling.message.userInformation?.['h323-uu-pdu'].h245Control;
      return (control?.reveal() ?? []).flatMap((one) => decodeH245(one).messages.map(nameOf));
    });
  }

  #drain(): void {
    this.#sent.push(...this.#party.sent(0).map(({ octets }) => octets));
  }

  /** An answer that names a channel names the last one that ours opened. */
  #put(octets: Uint8Array): Uint8Array {
    return join(
      decodeH245(octets).messages.map((message) => {
        if (message.kind !== 'response' || !('value' in message.value)) return h245Codec.encode(message);
        const { kind, value } = message.value;
        const number = this.#opened();
        if (kind === 'terminalCapabilitySetAck') {
          return h245Codec.encode({
            kind: 'response',
            value: { kind, value: { ...value, sequenceNumber: this.#last('terminalCapabilitySet') } },
          });
        }
        if (kind !== 'openLogicalChannelAck' && kind !== 'closeLogicalChannelAck') return h245Codec.encode(message);
        return h245Codec.encode({
          kind: 'response',
          value: { kind, value: { ...value, forwardLogicalChannelNumber: number } },
        } as never);
      }),
    );
  }

  #opened(): number {
    return this.#last('openLogicalChannel');
  }

  #last(kind: 'openLogicalChannel' | 'terminalCapabilitySet'): number {
    const found = this.#sent
      .flatMap((octets) => {
        const signalling = decodeCallSignalling(octets);
        if (!signalling.ok) return decodeH245(octets).messages;
        const control = signalling.message.userInformation?.['h323-uu-pdu'].h245Control;
        return (control?.reveal() ?? []).flatMap((one) => decodeH245(one).messages);
      })
      .findLast((message) => nameOf(message) === kind);
    if (found?.kind !== 'request') return 1;
    if (found.value.kind === 'openLogicalChannel') return found.value.value.forwardLogicalChannelNumber;
    return found.value.kind === 'terminalCapabilitySet' ? found.value.value.sequenceNumber : 1;
  }

  /** Answers to fast connect name the proposals of the side that we stand for: forward ones are 1, reverse ones 2 of ours. */
  #renumbered(message: CallSignallingMessage): CallSignallingMessage {
    const pdu = message.userInformation?.['h323-uu-pdu'];
    const body = pdu?.['h323-message-body'];
    if (pdu === undefined || message.type === MessageType.Setup || !body || !('value' in body)) return message;
    const value = body.value as { readonly fastStart?: readonly Uint8Array[] };
    if (value.fastStart === undefined) return message;
    const fastStart = value.fastStart.map((octets) => {
      const result = fastStartCodec.decode(octets);
      if (!result.ok) throw result.error;
      const reverse = result.value.reverseLogicalChannelParameters !== undefined;
      return fastStartCodec.encode({ ...result.value, forwardLogicalChannelNumber: reverse ? 2 : 1 });
    });
    const changed = { ...pdu, 'h323-message-body': { ...body, value: { ...value, fastStart } } as never };
    return { ...message, userInformation: { ...message.userInformation, 'h323-uu-pdu': changed } };
  }
}

/** Ours draws what the side drew, so that the same side is master; it can what that side could. */
function endpointFor(messages: readonly CapturedMessage[], us: string) {
  const mine = messages.filter(({ from }) => from === us);
  const drawn = numberOf(messages, us);
  const keyed = mine
    .flatMap(h245Of)
    .some(
      (message) =>
        message.kind === 'request' &&
        message.value.kind === 'openLogicalChannel' &&
        message.value.value.encryptionSync !== undefined,
    );
  const setup = read(messages[0] as CapturedMessage);
  const fastConnect = messages.some((message) => {
    const body =
      message.kind === 'call-signalling'
        ? read(message).userInformation?.['h323-uu-pdu']['h323-message-body']
        : undefined;
    return body !== undefined && body.kind !== 'setup' && 'value' in body && 'fastStart' in body.value;
  });
  const options: Partial<EndpointOptions> = {
    policy: keyed ? 'require' : 'forbid',
    formats: [{ name: fastFormat(messages), frames: 20 }],
    tunnelling: setup.userInformation?.['h323-uu-pdu'].h245Tunneling === true,
    fastConnect,
    terminalType: drawn.terminalType,
    drawNumber: () => drawn.number,
  };
  return { party: new Party(setup.callReference.value, true, options), ours: { keyed } };
}

/** The number that the side drew; where it left that to the other, one that leads to the same decision (H.245 §C.2.3.3). */
function numberOf(messages: readonly CapturedMessage[], us: string) {
  const of = (own: boolean) => messages.filter(({ from }) => (from === us) === own).flatMap(h245Of);
  const asked = (own: boolean) =>
    of(own).flatMap((one) =>
      one.kind === 'request' && one.value.kind === 'masterSlaveDetermination' ? [one.value.value] : [],
    )[0];
  const decisions = of(true).flatMap((one) =>
    one.kind === 'response' && one.value.kind === 'masterSlaveDeterminationAck' ? [one.value.value.decision.kind] : [],
  );
  const [mine, theirs] = [asked(true), asked(false)];
  if (mine !== undefined || theirs === undefined) {
    return { terminalType: mine?.terminalType ?? 50, number: mine?.statusDeterminationNumber ?? 1 };
  }
  const distance = decisions[0] === 'slave' ? -1 : 1;
  return {
    terminalType: theirs.terminalType,
    number: (theirs.statusDeterminationNumber + distance + 2 ** 24) % 2 ** 24,
  };
}

/** The format that was used in the end. */
function fastFormat(messages: readonly CapturedMessage[]): 'g711Ulaw64k' | 'g711Alaw64k' {
  const text = JSON.stringify(
    messages.flatMap((message) => {
      const body =
        message.kind === 'call-signalling'
          ? read(message).userInformation?.['h323-uu-pdu']['h323-message-body']
          : undefined;
      const fast =
        body !== undefined && body.kind !== 'setup' && 'value' in body && 'fastStart' in body.value
          ? (body.value.fastStart ?? [])
          : [];
      const channels = fast.flatMap((octets) => fastStartCodec.decode(octets));
      const opened = h245Of(message).filter((one) => nameOf(one) === 'openLogicalChannel');
      return [...channels, ...opened];
    }),
  );
  return text.includes('g711Alaw64k') && !text.includes('g711Ulaw64k') ? 'g711Alaw64k' : 'g711Ulaw64k';
}

/** What belongs to the first call: between its two hosts, until its connection is used for no other. */
function firstCall(messages: readonly CapturedMessage[]): CapturedMessage[] {
  const hosts = [messages[0]?.from, messages[0]?.to].toSorted().join();
  return messages.filter(({ from, to }) => [from, to].toSorted().join() === hosts);
}

function read(message: CapturedMessage): CallSignallingMessage {
  const result = decodeCallSignalling(message.octets);
  if (!result.ok) throw result.error;
  return result.message;
}

function h245Of(message: CapturedMessage): readonly H245.MultimediaSystemControlMessage[] {
  if (message.kind === 'h245') return decodeH245(message.octets).messages;
  const pdu = read(message).userInformation?.['h323-uu-pdu'];
  const body = pdu?.['h323-message-body'];
  const beside = body?.kind === 'setup' ? (body.value.parallelH245Control?.reveal() ?? []) : [];
  return [...(pdu?.h245Control?.reveal() ?? []), ...beside].flatMap((octets) => decodeH245(octets).messages);
}

function nameOf(message: H245.MultimediaSystemControlMessage): string {
  return 'value' in message && typeof message.value === 'object' && 'kind' in message.value
    ? message.value.kind
    : message.kind;
}

function withControl(message: CallSignallingMessage, control: readonly Uint8Array[]): CallSignallingMessage {
  const information = message.userInformation;
  if (information === undefined) return message;
  const pdu = { ...information['h323-uu-pdu'], h245Control: new Redacted(control) };
  return { ...message, userInformation: { ...information, 'h323-uu-pdu': pdu } };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
