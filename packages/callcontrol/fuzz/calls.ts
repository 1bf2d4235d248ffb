/**
 * Random sequences of what legs may say, right or wrong, over a few calls at once, with the rules checked after each
 * step: nothing clear under `require`, every offer answered once, no key in two calls or sent back to its maker, a level
 * that both ends, or all in a conference, bear out, and nothing left when everybody has hung up.
 */
import { type CryptoAttribute, keyFingerprint, type SdesSuiteName } from '@trustline/keying';
import type { Leg } from '../src/call.ts';
import type { Cause } from '../src/causes.ts';
import type { MemberState } from '../src/conference-state.ts';
import {
  destinations,
  forwardings,
  hasTrueConferences,
  hasTrueLevel,
  huntGroups,
  pickUpGroups,
  plan,
  routeLists,
} from '../src/features.fixture.ts';
import type { CallControlInput, TransferTarget } from '../src/inputs.ts';
import type { LegInputKind } from '../src/leg-table.ts';
import type { MediaDescription, MediaFormat, MediaStream } from '../src/media.ts';
import type { CallControlOutput } from '../src/outputs.ts';
import { type RelaySideOutput, type RelaySideState, relaySideTable } from '../src/relay-state.ts';
import {
  audio,
  byCertificate,
  byDigest,
  descriptionOf,
  keyOf,
  phone,
  ScriptedWorld,
  suite32,
  suite80,
} from '../src/scripted.fixture.ts';
import type { CallSnapshot } from '../src/snapshot.ts';

/** Of them those that call: the others are called alone. */
const callers = 8;

/** What a trunk says that cannot: the next of its list is asked. */
const refusalsOfTrunks: readonly Cause[] = ['no-circuit-available', 'network-out-of-order', 'timer-expired'];

const suiteLists: readonly (readonly SdesSuiteName[])[] = [[suite80, suite32], [suite32], [suite32, suite80]];
const phones = [
  phone('SEP1', '1001'),
  phone('SEP2', '1002'),
  phone('SEP2B', '1002'),
  phone('SEP3', '1003', { securityMode: 'non-secure', protection: byDigest }),
  phone('SEP4', '1004', { securityMode: 'authenticated' }),
  phone('SEP5', '1005', { protection: { ...byCertificate, signalling: 'none', proof: 'digest' } }),
  phone('SEP6', '1006', { protection: { ...byCertificate, signalling: 'tls-server-only', proof: 'digest' } }),
  phone('trunk', '', { kind: 'trunk', lines: [] }),
  phone('gateway', '', { kind: 'gateway', lines: [], channels: 2 }),
  phone('clear', '', {
    kind: 'trunk',
    lines: [],
    securityMode: 'non-secure',
    protection: byDigest,
    channels: 3,
    leavingProtection: 'announce',
  }),
];
/**
 * @param after the state of the leg then
 * @param told kinds of what the leg itself was told
 * @param others kinds of what came of it else: for other legs, the relay and the evidence
 */
export type LegWatcher = (
  said: LegInputKind,
  before: Pick<Leg, 'role' | 'state'>,
  after: Leg['state'],
  told: readonly CallControlOutput['kind'][],
  others: readonly CallControlOutput['kind'][],
) => void;

/** Told which cells of the tables beside that of legs come to pass. */
export interface TableWatchers {
  /** State of a side of the relay, and what was said of it. */
  readonly side: (cell: string) => void;
  /** Where somebody is seen from a conference, what he or `another` said, and where he is then. */
  readonly conference: (move: string) => void;
}

interface LegState {
  readonly device: string;
  /** Whether the far end waits for call control to answer: its first offer, or one within the call. */
  owes: boolean;
  /** What call control offered and the far end has not answered. */
  asked: MediaDescription | undefined;
  /** What the far end was told last and agreed to. */
  told: MediaDescription | undefined;
  /** Seed of the key it sends with. */
  seed: number;
  answered: boolean;
  /** It has had the answer to its first offer before the call was answered. */
  hasEarly: boolean;
}

/** What each phone speaks: some have nothing in common with some others. */
const languages: readonly (readonly MediaFormat[])[] = [
  [{ payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 }],
  [
    { payloadType: 96, encoding: 'opus', clockRate: 48_000, channels: 2 },
    { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1 },
  ],
  [
    { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
    { payloadType: 111, encoding: 'opus', clockRate: 48_000, channels: 2 },
  ],
  [{ payloadType: 18, encoding: 'G729', clockRate: 8_000, channels: 1 }],
];

function spokenBy(device: string): readonly MediaFormat[] {
  return languages[(device.codePointAt(device.length - 1) ?? 0) % languages.length] ?? [];
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`callcontrol: ${rule}`);
}

class Sequence {
  readonly #data: Uint8Array;
  readonly #watcher: LegWatcher | undefined;
  readonly #tables: TableWatchers | undefined;
  /** Not where legs are watched: what they may say is the same, and takes as many calls to be seen. */
  readonly #hasRouteLists: boolean;
  #at = 0;
  readonly #world: ScriptedWorld;
  readonly #legs = new Map<string, LegState>();
  readonly #callOfLeg = new Map<string, string>();
  /** Every call that a leg has been in: a transfer takes it to another. */
  readonly #callsOfLeg = new Map<string, Set<string>>();
  readonly #policyOfCall = new Map<string, string>();
  /** Fingerprint → the legs that said they send with the key. */
  readonly #makersOfKey = new Map<string, Set<string>>();
  /** Fingerprint of a key of the relay → the leg that it sends to with it. */
  readonly #legOfRelayKey = new Map<string, string>();
  /** Sides of the relay that were given out and not closed. */
  readonly #sides = new Map<number, RelaySideState>();
  #sidesGiven = 0;
  #opened = 0;
  #seed = 100;

  constructor(data: Uint8Array, watcher?: LegWatcher, tables?: TableWatchers) {
    this.#data = data;
    this.#watcher = watcher;
    this.#tables = tables;
    const choice = this.#octet();
    this.#hasRouteLists = watcher === undefined;
    const mediaPath = choice % 2 === 0 ? 'direct' : 'relayed';
    const suites = suiteLists[this.#octet() % 3] ?? [suite80];
    const holdSound = choice % 3 === 0;
    const relay = choice % 4 === 0 ? undefined : { allocate: () => this.#allocate() };
    const features = { huntGroups, pickUpGroups };
    const mostTranscoders = choice % 5;
    const settings = { suites, mediaPath, holdSound, mostTranscoders, announcement: 1_500 } as const;
    this.#world = new ScriptedWorld(phones, plan, settings, features, relay);
    if (this.#octet() % 2 === 0) for (const [line, to] of forwardings.slice(0, 4)) this.#world.forwarding.set(line, to);
  }

  run(): void {
    while (this.#at < this.#data.length) this.#step();
    for (const leg of [...this.#legs.keys()]) this.#give({ kind: 'released', leg });
    check(this.#world.control.calls().length === 0, 'a call is left though everybody hung up');
    this.#world.pass(10_000_000);
    for (const { name } of phones) {
      check(this.#world.control.trunk(name).inUse === 0, 'a channel is in use though no call is');
      this.#world.handle({ kind: 'probed', device: name, isThere: true });
      check(this.#world.control.trunk(name).aside === undefined, 'a trunk is set aside though it has answered');
    }
    check(this.#world.control.nextDeadline() === undefined, 'a timer is left though no call is');
    check(this.#legs.size === 0, 'a leg is left though its call ended');
    check(this.#sides.size === 0, 'a side of the relay is left though its call ended');
    check(this.#world.control.transcoders === 0, 'a transcoder is taken though its call ended');
  }

  /** Every eighth time there is none. */
  #allocate() {
    const side = this.#sidesGiven++;
    if (side % 8 === 7) return undefined;
    this.#sides.set(side, 'taken');
    return { side, address: '198.51.100.1', port: 20_000 + 2 * side };
  }

  #octet(): number {
    const octet = this.#data[this.#at] ?? 0;
    this.#at += 1;
    return octet;
  }

  #step(): void {
    const operation = this.#octet() % 16;
    if (operation < 2) {
      this.#open();
      return;
    }
    if (operation === 2) {
      const octet = this.#octet();
      if (octet > 235) this.#restart();
      else this.#seen(this.#world.pass(octet * 1000));
      return;
    }
    if (operation === 3) {
      const octet = this.#octet();
      if (octet > 225) {
        this.#administer(octet);
        return;
      }
    }
    const legs = [...this.#legs.keys()];
    const leg = legs[this.#octet() % Math.max(1, legs.length)];
    const state = leg === undefined ? undefined : this.#legs.get(leg);
    if (leg !== undefined && state !== undefined) this.#legStep(operation, leg, state);
  }

  #administer(octet: number): void {
    if (octet > 250) this.#give({ kind: 'drain', timeout: 5000 });
    else if (octet > 244 && this.#hasRouteLists) {
      const device = ['trunk', 'gateway', 'clear'][octet % 3] ?? 'trunk';
      this.#give({ kind: 'probed', device, isThere: octet > 247 });
    } else if (octet > 238) this.#callBack();
    else this.#forward();
  }

  /** A line sends its calls elsewhere from now on, or takes them again. */
  #forward(): void {
    const [line, to] = forwardings[this.#octet() % forwardings.length] ?? ['1001', {}];
    this.#world.forwarding.set(line, this.#octet() % 2 === 0 ? to : {});
  }

  #callBack(): void {
    const wisher = phones[this.#octet() % phones.length];
    const destination = destinations[this.#octet() % destinations.length] ?? '1001';
    if (wisher === undefined) return;
    this.#give({ kind: 'call-back', device: wisher.name, line: wisher.lines[0] ?? '5550', destination });
  }

  #legStep(operation: number, leg: string, state: LegState): void {
    switch (operation) {
      case 3:
      case 4:
        this.#give({ kind: 'ringing', leg, ...(operation === 4 ? { callWaiting: true } : {}) });
        break;
      case 5:
        if (state.asked !== undefined) {
          const takesOffers = this.#octet() % 4 !== 0;
          this.#give({ kind: 'progress', leg, answer: this.#answer(state), takesOffers });
        }
        break;
      case 6:
      case 7:
        if (state.answered) {
          this.#give({ kind: 'answered', leg }); // said twice: the second says nothing
          break;
        }
        state.answered = true;
        if (state.asked === undefined && state.told !== undefined) this.#give({ kind: 'answered', leg });
        else if (state.asked === undefined) this.#give({ kind: 'answered', leg, media: this.#offer(state) });
        else {
          const takesDigits = this.#octet() % 2 === 0;
          this.#give({ kind: 'answered', leg, media: this.#takeAnswer(state), takesDigits });
        }
        break;
      case 8:
        if (this.#octet() % 3 === 0) {
          const numbers = [this.#octet(), this.#octet()].map(
            (octet) => destinations[octet % destinations.length] ?? '',
          );
          this.#give({ kind: 'redirected', leg, numbers });
        } else this.#refuse(leg, state);
        break;
      case 9:
        this.#give({ kind: this.#octet() % 2 === 0 ? 'cancelled' : 'released', leg });
        break;
      case 10:
      case 11:
        if (state.owes) break; // an end has one offer under way at a time
        state.owes = true;
        this.#give({ kind: 'offer', leg, offer: this.#offer(state) });
        break;
      case 12:
      case 13:
        if (state.asked !== undefined) this.#give({ kind: 'answer', leg, answer: this.#takeAnswer(state) });
        break;
      case 14:
        state.asked = undefined;
        this.#give({ kind: 'offer-refused', leg, cause: this.#octet() % 2 === 0 ? 'glare' : 'not-acceptable-here' });
        break;
      default:
        if (this.#octet() < 80) this.#transfer(leg);
        else if (this.#octet() < 60) this.#digit(leg);
        else if (this.#octet() > 200) this.#give({ kind: 'device-lost', device: state.device });
        else if (!state.owes) {
          state.owes = true;
          this.#give({ kind: 'offer-requested', leg });
        }
    }
  }

  /** A trunk is without a channel, or out of order, as often as it speaks for somebody behind it. */
  #refuse(leg: string, { device }: LegState): void {
    const choice = this.#octet();
    const isTrunk = this.#hasRouteLists && !device.startsWith('SEP');
    const ofTrunk = isTrunk && choice >= 128 ? refusalsOfTrunks[choice % 3] : undefined;
    const ofCalled = choice % 2 === 0 ? ('not-acceptable-here' as const) : ('user-busy' as const);
    this.#give({ kind: 'refused', leg, cause: ofTrunk ?? ofCalled });
  }

  /** The process is killed: whoever talked goes on in another, and of the others nobody knows. */
  #restart(): void {
    const kept = this.#world.kept();
    const known = new Set(kept.flatMap(({ legs }) => legs.map(({ leg }) => leg)));
    check(known.size === kept.flatMap(({ legs }) => legs).length, 'a leg is kept in two calls');
    for (const [leg, state] of this.#legs) {
      if (!known.has(leg)) this.#legs.delete(leg);
      Object.assign(state, { owes: false, asked: undefined });
    }
    check(
      [...known].every((leg) => this.#legs.has(leg)),
      'a leg is kept that is gone',
    );
    this.#sides.clear();
    this.#seen(this.#world.restart(kept));
    this.#checkLevels();
  }

  /** A digit that a leg signals, or that the relay hears at any of its sides. */
  #digit(leg: string): void {
    const digit = { digit: '5', milliseconds: 100 } as const;
    if (this.#octet() % 2 === 0) this.#give({ kind: 'digit', leg, ...digit });
    else this.#give({ kind: 'relay-digit-heard', side: this.#octet() % (this.#sidesGiven + 1), ...digit });
  }

  /** To a number, or to any leg: mostly one that it may not have. */
  #transfer(leg: string): void {
    const legs = [...this.#legs.keys()].filter(
      (other) => this.#legs.get(other)?.device === this.#legs.get(leg)?.device,
    );
    const other = legs[this.#octet() % Math.max(1, legs.length)];
    const number = destinations[this.#octet() % destinations.length] ?? '1001';
    const to =
      this.#octet() % 2 === 0 && other !== undefined ? { kind: 'leg', leg: other } : { kind: 'number', number };
    this.#give({ kind: 'transfer', leg, to: to as TransferTarget });
  }

  /** Where trunks are called by lists of them, every fifth call goes there. */
  #dialled(): string {
    const octet = this.#octet();
    if (this.#hasRouteLists && octet > 204) return routeLists[octet % routeLists.length] ?? '9555';
    return destinations[octet % destinations.length] ?? '1001';
  }

  #open(): void {
    const from = phones[this.#octet() % callers] ?? phones[0];
    const destination = this.#dialled();
    if (from === undefined) return;
    const leg = `in${this.#opened}`;
    this.#opened += 1;
    const state: LegState = {
      device: from.name,
      owes: true,
      asked: undefined,
      told: undefined,
      seed: 0,
      answered: true,
      hasEarly: false,
    };
    this.#legs.set(leg, state);
    const late = this.#octet() % 5 === 0;
    const legs = [...this.#legs.keys()];
    const takes = this.#octet() < 40 ? legs[this.#octet() % legs.length] : undefined;
    this.#give({
      kind: 'incoming',
      leg,
      device: from.name,
      line: from.lines[0] ?? '5550',
      destination,
      protection: from.protection ?? byDigest,
      caller: { number: from.lines[0] ?? '5550', anonymous: false },
      takesDigits: this.#octet() % 2 === 0,
      ...(takes === undefined ? {} : { takes: { leg: takes, earlyOnly: false } }),
      ...(late ? {} : { offer: this.#offer(state) }),
    });
  }

  /** An end's key: its last, a new one, or rarely somebody else's. */
  #seedFor(state: LegState): number {
    const choice = this.#octet() % 16;
    if (choice === 0) return 100 + (this.#octet() % 8);
    if (choice > 8 || state.seed === 0) {
      this.#seed += 1;
      state.seed = this.#seed;
    }
    return state.seed;
  }

  #offer(state: LegState): MediaDescription {
    const seed = this.#seedFor(state);
    const both: readonly CryptoAttribute[] = [keyOf(seed, suite80, 1), keyOf(seed + 1_000_000, suite32, 2)];
    const direction = this.#octet() % 4 === 0 ? 'sendonly' : 'sendrecv';
    const changes: Partial<MediaStream> = { direction, formats: spokenBy(state.device) };
    switch (this.#octet() % 8) {
      case 0:
        return audio([], changes);
      case 1:
        return audio(both, { ...changes, transport: 'RTP/AVP' });
      case 2:
        return audio(both, changes);
      case 3:
        return audio([], { ...changes, transport: 'RTP/SAVP' });
      case 4: {
        const { streams } = audio([keyOf(seed)], changes);
        return { streams: [...streams, ...audio([], { type: 'video' }).streams], attributes: [] };
      }
      case 5:
        return audio([{ ...keyOf(seed), sessionParameters: [{ kind: 'unencrypted-srtp' }] }], changes);
      default:
        return audio([keyOf(seed)], changes);
    }
  }

  #takeAnswer(state: LegState): MediaDescription {
    const answer = this.#answer(state);
    state.told = state.asked;
    state.asked = undefined;
    return answer;
  }

  /** Mostly a correct answer to what was asked; sometimes a stripped, echoed or confused one. */
  #answer(state: LegState): MediaDescription {
    const asked = state.asked ?? audio([]);
    const mistake = this.#octet() % 24;
    const seed = this.#seedFor(state);
    if (mistake === 0) return { streams: [], attributes: [] };
    const own = spokenBy(state.device);
    const streams = asked.streams.map((offered): MediaStream => {
      const common = offered.formats.filter((format) => own.some(({ encoding }) => encoding === format.encoding));
      const stream = { ...offered, formats: common.length > 0 ? common : own };
      const line = stream.keys[mistake % Math.max(1, stream.keys.length)];
      if (line?.suite === undefined || mistake === 1) return { ...stream, keys: [] };
      if (mistake === 2) return { ...stream, transport: 'RTP/AVP', keys: [] };
      if (mistake === 3) return { ...stream, keys: [line] };
      return { ...stream, address: '192.0.2.9', keys: [keyOf(seed, line.suite.name, line.tag)] };
    });
    return { streams, attributes: [] };
  }

  /** Takes note of the keys that a leg says. */
  #noteKeys(input: CallControlInput): void {
    const description =
      'offer' in input ? input.offer : 'answer' in input ? input.answer : 'media' in input ? input.media : undefined;
    if (description === undefined || !('leg' in input)) return;
    for (const { material } of description.streams.flatMap(({ keys }) => keys).flatMap(({ keys }) => keys)) {
      const fingerprint = keyFingerprint(material);
      const makers = this.#makersOfKey.get(fingerprint) ?? new Set();
      this.#makersOfKey.set(fingerprint, makers.add(input.leg));
    }
  }

  #give(input: CallControlInput): void {
    this.#noteKeys(input);
    if (input.kind === 'cancelled' || input.kind === 'released' || input.kind === 'refused') {
      const state = this.#legs.get(input.leg);
      if (input.kind !== 'refused' || state?.answered === false) this.#legs.delete(input.leg);
    }
    if (input.kind === 'device-lost') {
      for (const [leg, state] of this.#legs) if (state.device === input.device) this.#legs.delete(leg);
    }
    const before = 'leg' in input && this.#watcher !== undefined ? this.#legNow(input.leg) : undefined;
    const members = this.#tables === undefined ? undefined : membersOf(this.#world.control.calls());
    const outputs = this.#world.handle(input);
    if (members !== undefined) this.#tellMembers(members, input);
    this.#seen(outputs);
    if (before !== undefined && 'leg' in input) {
      const isTold = (output: CallControlOutput) => 'leg' in output && output.leg === input.leg;
      const kinds = (of: readonly CallControlOutput[]) => of.map(({ kind }) => kind);
      const others = kinds(outputs.filter((output) => !isTold(output)));
      const after = this.#legNow(input.leg)?.state ?? 'ended';
      this.#watcher?.(input.kind as LegInputKind, before, after, kinds(outputs.filter(isTold)), others);
    }
    this.#checkLevels();
    check(
      hasTrueConferences(this.#world.control.calls()),
      'the level of a conference is not the minimum over its legs, or it is full',
    );
  }

  #tellMembers(before: ReadonlyMap<string, MemberState>, input: CallControlInput): void {
    const after = membersOf(this.#world.control.calls());
    for (const leg of new Set([...before.keys(), ...after.keys()])) {
      const said = 'leg' in input && input.leg === leg ? input.kind : 'another';
      const left = this.#legNow(leg) === undefined ? 'gone' : 'outside';
      this.#tables?.conference(`${before.get(leg) ?? 'outside'} ${said} -> ${after.get(leg) ?? left}`);
    }
  }

  #legNow(id: string) {
    return this.#world.control.calls().flatMap(({ legs }) => legs.filter(({ leg }) => leg === id))[0];
  }

  #seen(outputs: readonly CallControlOutput[]): void {
    for (const call of this.#world.control.calls()) {
      this.#policyOfCall.set(call.call, call.policy);
      for (const { leg } of call.legs) this.#isIn(leg, call.call);
    }
    for (const output of outputs) this.#seeOne(output);
  }

  #isIn(leg: string, call: string): void {
    this.#callOfLeg.set(leg, call);
    this.#callsOfLeg.set(leg, (this.#callsOfLeg.get(leg) ?? new Set()).add(call));
  }

  #haveMet(one: string, other: string): boolean {
    return [...(this.#callsOfLeg.get(one) ?? [])].some((call) => this.#callsOfLeg.get(other)?.has(call) === true);
  }

  #seeOne(output: CallControlOutput): void {
    if (output.kind === 'place') {
      const { leg, device, offer, call } = output;
      this.#isIn(leg, call);
      this.#legs.set(leg, {
        device,
        owes: false,
        asked: offer,
        told: undefined,
        seed: 0,
        answered: false,
        hasEarly: false,
      });
    }
    this.#seeRelay(output);
    const told = descriptionOf(output);
    if (told !== undefined) this.#checkTold(told.leg, told.description);
    if (!('leg' in output)) return;
    const state = this.#legs.get(output.leg);
    if (output.kind === 'release' && state === undefined) return; // the answer to an answer that came too late
    check(state !== undefined, `${output.kind} for a leg that is gone`);
    if (state === undefined) return;
    switch (output.kind) {
      case 'refuse':
      case 'cancel':
      case 'release':
        this.#legs.delete(output.leg);
        break;
      case 'accept':
      case 'answer':
        check(state.owes || state.hasEarly || output.kind === 'answer', 'an offer was answered twice');
        if (output.kind === 'answer' || !state.hasEarly) state.owes = false;
        state.told = output.answer;
        break;
      case 'progress':
        state.owes = false;
        state.hasEarly = true;
        break;
      case 'refuse-offer':
        check(state.owes, 'an offer was refused that nobody made');
        state.owes = false;
        break;
      case 'accept-with-offer':
      case 'offer':
        check(state.asked === undefined || output.kind === 'offer', 'an end was offered twice');
        state.owes = false;
        state.asked = output.offer;
        break;
      default:
    }
  }

  #seeRelay(output: CallControlOutput): void {
    if (output.kind === 'relay-bridge') for (const side of [output.one, output.other]) this.#sideIs(side, output.kind);
    if (output.kind === 'relay-close' || output.kind === 'relay-digit') this.#sideIs(output.side, output.kind);
    if (output.kind !== 'relay-side') return;
    this.#sideIs(output.side, output.kind);
    check(this.#world.control.transcoders <= 4, 'more calls are transcoded than may be');
    if (output.keys === undefined) return;
    const [receive, send] = [output.keys.receive, output.keys.send].map(({ keys }) => keyFingerprint(keys[0].material));
    check(receive !== send, 'the relay sends with the key of the leg itself');
  }

  /** Something is said of a side of the relay: its table has to allow it. */
  #sideIs(side: number, said: RelaySideOutput): void {
    const before = this.#sides.get(side);
    check(before !== undefined, `${said} of a side that is closed`);
    if (before === undefined) return;
    const after = relaySideTable[before][said];
    check(after !== 'never', `${said} of a side that is ${before}`);
    this.#tables?.side(`${before} ${said}`);
    if (after === 'closed') this.#sides.delete(side);
    else if (after !== 'never') this.#sides.set(side, after);
  }

  /** A key that was told before anybody said it is the relay's, and for this leg alone. */
  #isOfRelay(fingerprint: string, leg: string): boolean {
    if (!this.#makersOfKey.has(fingerprint) && !this.#legOfRelayKey.has(fingerprint)) {
      this.#legOfRelayKey.set(fingerprint, leg);
    }
    const of = this.#legOfRelayKey.get(fingerprint);
    check(of === undefined || (of === leg && this.#sidesGiven > 0), 'a key of the relay was told to two legs');
    return of !== undefined;
  }

  #checkTold(leg: string, description: MediaDescription): void {
    const call = this.#callOfLeg.get(leg) ?? '';
    // What a leg hears in one call may be the last before a transfer takes it to another, by the same input.
    const calls = [...(this.#callsOfLeg.get(leg) ?? [call])];
    const isRequired = calls.every((one) => this.#policyOfCall.get(one) === 'require');
    for (const stream of description.streams) {
      if (stream.port === 0) continue;
      const isWaiting = stream.port === 9 && stream.direction === 'inactive';
      if (isRequired) check(stream.keys.length > 0, 'a clear stream under require');
      for (const { material } of stream.keys.flatMap(({ keys }) => keys)) {
        const fingerprint = keyFingerprint(material);
        if (isWaiting) {
          check(!this.#makersOfKey.has(fingerprint), 'who waits was told a key that somebody sends with');
          continue;
        }
        if (this.#isOfRelay(fingerprint, leg)) continue;
        const makers = [...(this.#makersOfKey.get(fingerprint) ?? [])].filter((maker) => maker !== leg);
        check(makers.length > 0, 'an end was told a key of its own');
        if (!this.#world.control.calls().some((running) => running.call === call)) continue; // begun and ended at once
        check(
          makers.some((maker) => this.#haveMet(maker, leg)),
          'a key was told to an end that was in no call with its maker',
        );
      }
    }
  }

  #checkLevels(): void {
    for (const call of this.#world.control.calls()) {
      check(hasTrueLevel(call), 'the level is not the minimum over the legs');
      if (call.level !== 'encrypted') continue;
      for (const { leg, signalling } of call.legs) {
        const streams = this.#legs.get(leg)?.told?.streams.filter(({ port }) => port !== 0) ?? [];
        check(signalling !== 'none', 'an encrypted call has a leg whose signalling is not protected');
        check(
          streams.every(({ keys }) => keys.length > 0),
          'an encrypted call has a stream without a key',
        );
      }
    }
  }
}

/** Who is in a conference, or is asked to come in, by leg. */
export function membersOf(calls: readonly CallSnapshot[]): ReadonlyMap<string, MemberState> {
  const members = new Map<string, MemberState>();
  for (const { destination, relayed, legs } of calls) {
    const [first] = legs;
    if (!['5000', '5001'].includes(destination) || first?.role !== 'calling') continue;
    if (relayed === 'conference') members.set(first.leg, 'in');
    else if (first.state === 'connected') members.set(first.leg, 'asked');
  }
  return members;
}

export function fuzz(data: Uint8Array): void {
  new Sequence(data.subarray(0, 400)).run();
}

/**
 * As {@link fuzz}, telling what each leg said, in which state, and in which it was then.
 *
 * @param tables told of the other tables
 */
export function watchLegs(data: Uint8Array, watcher: LegWatcher, tables?: TableWatchers): void {
  new Sequence(data.subarray(0, 400), watcher, tables).run();
}
