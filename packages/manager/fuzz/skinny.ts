import { type KnownMessage, SccpError, SoftKeyEvent } from '@trustline/sccp';
import { SeededRandom } from '@trustline/testing';
import { Handset, SkinnyLab } from '../src/legs/sccp/skinny-lab.fixture.ts';
import { cryptoLine, description, octets, type SimulatedPhone } from '../src/simulation.fixture.ts';

/** Longer than a call waits for a phone that is lost. */
const longEnough = 2_500_000;
const names = ['SEP000000000011', 'SEP000000000012', 'SEP000000000013'] as const;
const numbers = ['1011', '1012', '1013', '1001', '7000', '*37', '*8', '5000', '9'] as const;
const versions = [3, 8, 11, 15, 16, 17, 20, 22] as const;
/** Speed dial, line, voice mail, busy lamp, conference, park, pick-up. */
const stimuli = [2, 9, 15, 21, 125, 126, 127];
const softKeys = Object.values(SoftKeyEvent);
const entries = [
  { pattern: '700X', target: { kind: 'park' } },
  { pattern: '*8', target: { kind: 'pick-up' } },
] as const;
const speedDials = [
  { number: '1012', label: 'Bob', busyLamp: true },
  { number: '1001', label: 'Sam', busyLamp: false },
];

/** A usual call first, then anything: an empty one never gets to a call. */
export function corpus(): readonly Uint8Array[] {
  const call = [4, 1, 7, 0, 16, 0, 17, 0, 16, 4, 7, 0, 17, 8];
  const games = Array.from({ length: 30 }, (_, seed) => new SeededRandom(seed + 1).bytes(500));
  return [Uint8Array.from(call), ...games, ...games.slice(0, 10).map((game) => Uint8Array.of(...call, ...game))];
}

/**
 * Reads `data` as moves of Skinny phones and a SIP phone on one manager: registrations in any version and with any
 * certificate, connections that break and come back with streams or without, keys at any time and of any call,
 * acknowledgements early, late, doubled and of nothing, messages cut short. Nothing may throw; no phone ever gets a message that it
 * cannot read, a stream without a key, or a key to send with that was there before; and in the end every table is empty.
 */
export function fuzz(data: Uint8Array): void {
  const game = new Game();
  for (let at = 0; at + 1 < Math.min(data.length, 1_200); at += 2)
    game.move(data[at] ?? 0, data[at + 1] ?? 0, data.subarray(at));
  game.finish();
}

class Game {
  readonly #lab = new SkinnyLab({
    policy: 'require',
    numbering: { entries, pickUpGroups: [{ name: 'all', lines: ['1011', '1012', '1013'] }], defaultPolicy: 'require' },
    phoneKeys: new Map([[names[0], { speedDials, serviceUrls: [] }]]),
    voiceMail: '1001',
    lostDevicePatience: 4_000,
  });
  readonly #phones: Handset[];
  readonly #sip: SimulatedPhone;
  /** Connections of phones that do not know of all that was said over them, or of streams from before. */
  readonly #disturbed = new Set<string>();
  #seed = 100;

  constructor() {
    for (const [at, name] of names.entries()) this.#lab.device(name, numbers[at] ?? '');
    this.#phones = names.map((name) => new Handset(this.#lab, name));
    this.#sip = this.#lab.simulation.phone('SEP000000000001', '1001');
    this.#sip.register();
  }

  move(operation: number, value: number, rest: Uint8Array): void {
    const which = operation % 3;
    const phone = this.#phones[which];
    if (phone === undefined) return;
    const what = Math.floor(operation / 3) % 20;
    if (what === 0) this.#connect(which, value);
    else if (what === 1) phone.cut();
    else if (what === 2) this.#pass(value < 200 ? value * 10 : value * value);
    else if (what === 3) this.#disturb(phone, value, rest);
    else if (what === 4) this.#settings(value, which);
    else if (what < 8) this.#sipMove(what, value);
    else {
      try {
        phone.does(() => this.#press(phone, what, value));
      } catch (error) {
        // A phone that is not registered says nothing.
        if (!(error instanceof SccpError) || error.code !== 'sccp.state') throw error;
      }
    }
    for (const { session, id } of this.#phones) {
      if (session.ignored > 0 && !this.#disturbed.has(id)) throw new Error('a phone cannot read its manager');
    }
  }

  #connect(which: number, value: number): void {
    const name = names[which] ?? names[0];
    const certificateOf = value % 16 === 15 ? names[(which + 1) % 3] : name;
    const options = {
      version: versions[value % 8] ?? 22,
      activeStreams: (value >> 3) % 3,
      host: value % 32 === 1 ? '192.0.2.77' : '192.0.2.9',
      isMute: value > 127,
    };
    const phone = new Handset(this.#lab, name, { ...options, certificateOf: certificateOf ?? name });
    if (options.activeStreams > 0) this.#disturbed.add(phone.id);
    if (phone.session.state === 'registered') this.#phones[which] = phone;
  }

  #pass(milliseconds: number): void {
    const { clock } = this.#lab;
    clock.advance(milliseconds);
    for (const phone of this.#phones) phone.session.handleTimeout(clock.now);
    this.#lab.settle();
  }

  /** Something that no phone of ours would say, or half of what it would. */
  #disturb(phone: Handset, value: number, rest: Uint8Array): void {
    const { now } = this.#lab.clock;
    this.#disturbed.add(phone.id);
    const id = [1, 3, 6, 0x22, 0x26, 0x20, 0x27, 0x154, 5, 4][value % 10] ?? 1;
    const body = rest.subarray(0, value >> 3);
    const message = new Uint8Array(12 + body.length);
    new DataView(message.buffer).setUint32(0, value === 255 ? 3 : body.length + 4, true);
    new DataView(message.buffer).setUint32(8, id, true);
    message.set(body, 12);
    this.#lab.simulation.core.onSkinny(now, (skinny) => skinny.received(now, phone.id, message));
    this.#lab.settle();
  }

  #settings(value: number, which: number): void {
    const { core } = this.#lab.simulation;
    const { now } = this.#lab.clock;
    const line = numbers[value % 4] ?? '1011';
    const other = numbers[(value >> 2) % 5] ?? '1012';
    const forwardings = [undefined, { always: other }, { doNotDisturb: true }, { busy: other, noAnswer: other }];
    if (value < 128) core.setForwarding(now, line, forwardings[(value >> 4) % 4]);
    else if (value < 200) core.setWaitingMessages(now, line, { new: value % 3, old: 0 });
    else if (value < 210) core.resetPhones(now, names);
    else if (value < 220) core.rejudge(now, ({ device }) => (device === names[which] ? 'was revoked' : undefined));
    this.#lab.settle();
  }

  #sipMove(what: number, value: number): void {
    const { simulation } = this.#lab;
    const session = this.#sip.sessions.at(-1);
    this.#seed += 1;
    const directions = ['sendrecv', 'sendrecv', 'sendonly', 'inactive'] as const;
    const sdp = description([cryptoLine(this.#seed)], { direction: directions[value % 4] ?? 'sendrecv' });
    if (what === 5) this.#sip.call(numbers[value % 8] ?? '1011', value > 200 ? undefined : sdp);
    else if (what === 6) {
      simulation.act((now) =>
        value % 4 === 0
          ? session?.reject(now, 486)
          : value % 4 === 1
            ? session?.ring(now, 180)
            : session?.accept(now, octets(sdp)),
      );
    } else {
      simulation.act((now) => {
        if (value % 5 === 0) return session?.bye(now);
        if (value % 5 === 1) return session?.requestOffer(now);
        return value % 5 === 2 ? session?.answerOffer(now, octets(sdp)) : session?.reoffer(now, octets(sdp));
      });
    }
    this.#lab.settle();
  }

  #press(phone: Handset, what: number, value: number): unknown {
    const { session } = phone;
    const reference = (value & 1) === 0 ? 0 : (value & 2) === 0 ? (phone.call?.callReference ?? 0) : value % 8;
    switch (what) {
      case 8:
        return session.offHook(value % 3, reference);
      case 9:
        return session.onHook(value % 3, reference);
      case 10:
      case 11:
        return session.dial(numbers[value % numbers.length] ?? '9');
      case 12:
        return session.press('0123456789*#'[value % 12] ?? '0', 0, reference);
      case 13:
      case 14:
        return session.pressSoftKey(softKeys[value % softKeys.length] ?? 1, 1, (value & 64) === 0 ? 0 : reference);
      case 15:
        return session.pressButton(value % 2 === 0 ? value : (stimuli[value % 7] ?? 2), value % 3, 0);
      case 16:
        return value > 250 ? session.unregister() : session.send(this.#channelAck(phone, value));
      case 17:
        return session.send(this.#transmissionAck(phone, value));
      case 18:
        return session.send({
          kind: 'MediaTransmissionFailure',
          ...this.#streamOf(phone, value),
          conferenceId: 1,
          remoteIpAddr: '192.0.2.1',
          remotePortNumber: 1,
        });
      default:
        for (let at = 0; at < value; at += 1) session.press('5');
        return undefined;
    }
  }

  /** A stream that the phone was asked for lately, or none that there ever was. */
  #streamOf(phone: Handset, value: number) {
    const { stream } = phone.streams.at(-1 - ((value >> 4) % 4)) ?? {};
    if (stream === undefined || value % 16 === 15) return { passThroughPartyId: value, callReference: value % 4 };
    return { passThroughPartyId: stream.passThroughPartyId, callReference: stream.callReference };
  }

  #channelAck(phone: Handset, value: number): KnownMessage {
    const ipAddr = value % 8 === 7 ? '0.0.0.0' : '192.0.2.50';
    const place = {
      mediaReceptionStatus: value % 8 === 6 ? 1 : 0,
      ipAddr,
      portNumber: value % 8 === 5 ? 0 : 20_000 + value,
    };
    return { kind: 'OpenReceiveChannelAck', ...place, ...this.#streamOf(phone, value) };
  }

  #transmissionAck(phone: Handset, value: number): KnownMessage {
    const place = {
      transmitIpAddr: '192.0.2.50',
      portNumber: 20_000,
      mediaTransmissionStatus: value % 4 === 3 ? 1 : 0,
    };
    return { kind: 'StartMediaTransmissionAck', conferenceId: 1, ...place, ...this.#streamOf(phone, value) };
  }

  finish(): void {
    const { simulation, handsets } = this.#lab;
    for (const phone of this.#phones) phone.cut();
    for (const session of this.#sip.sessions) simulation.act((now) => session.bye(now));
    simulation.disconnect(this.#sip.flow.id);
    this.#pass(longEnough);
    const left = Object.entries(simulation.core.tableSizes).filter(([, size]) => size > 0);
    if (left.length > 0 || simulation.core.calls().length > 0) throw new Error(`left behind: ${left.join(' ')}`);
    const used = new Set<string>();
    for (const { kind, stream } of handsets.flatMap(({ streams }) => streams)) {
      const key = Buffer.from(stream.keyInfo.key.reveal()).toString('hex');
      if (stream.keyInfo.algorithmID === 0 || key === '')
        throw new Error('a stream in the clear, where encryption is required');
      if (kind !== 'start-transmission') continue;
      if (used.has(key)) throw new Error('a phone was given a key to send with that had been used');
      used.add(key);
    }
  }
}
