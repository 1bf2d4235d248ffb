import { Redacted } from '@trustline/base';
import {
  ButtonType,
  CallSecurityStatus,
  CallState,
  CallType,
  callInfo,
  displayPrompt,
  EchoCancellation,
  type MediaEncryptionKeyInfo,
  noMediaEncryption,
  type PhoneProfile,
  type ServerEvent,
  ServerSession,
} from '@trustline/sccp';
import type { CallEvent } from '../call/phone-call.ts';
import type { SkinnyOutput } from './outputs.ts';
import { SkinnyCore, type SkinnyCoreOptions } from './skinny-core.ts';

export const device = 'SEP001122334455';

const profile: PhoneProfile = {
  keepAliveSeconds: 30,
  secondaryKeepAliveSeconds: 60,
  dateTemplate: 'D.M.Y',
  userName: 'Ann',
  serverName: '',
  firmware: '',
  lines: [
    { number: '1001', displayName: 'Ann', label: '1001' },
    { number: '1002', displayName: 'Ann', label: '1002' },
  ],
  speedDials: [],
  features: [],
  services: [],
  buttons: [
    { type: ButtonType.Line, instance: 1 },
    { type: ButtonType.Line, instance: 2 },
  ],
  softKeys: [],
  softKeySets: [],
  managers: [],
};

/** Keys of a suite that differ by `seed`. */
export function keyInfo(algorithmID: number, seed: number, saltLength = 14): MediaEncryptionKeyInfo {
  return {
    algorithmID,
    key: new Redacted(new Uint8Array(16).fill(seed)),
    salt: new Redacted(new Uint8Array(saltLength).fill(seed + 100)),
    isMKIPresent: 0,
    keyDerivationRate: 0,
  };
}

/** A phone that speaks Skinny, and a manager whose every word is the test's, on a clock that the test moves. */
export class SkinnyPair {
  now = 0;
  readonly phone: SkinnyCore;
  server: ServerSession;
  readonly outputs: Exclude<SkinnyOutput, { kind: 'transmit' }>[] = [];
  /** What the user did, as the manager sees it. */
  pressed: ServerEvent[] = [];
  readonly #secure: boolean;
  readonly #profile: PhoneProfile;
  #accepts = true;
  #isWaiting = false;

  constructor(options: Partial<SkinnyCoreOptions> = {}, secure = true, more: Partial<PhoneProfile> = {}) {
    this.#profile = { ...profile, ...more };
    this.#secure = secure;
    this.phone = new SkinnyCore({ device, line: undefined, random: (length) => new Uint8Array(length), ...options });
    this.server = this.#newServer();
  }

  #newServer(): ServerSession {
    const localTime = () => ({
      ...{ year: 2026, month: 11, dayOfWeek: 5, day: 27, hour: 15, minute: 30, second: 5, millisecond: 0 },
      unixSeconds: 1_795_793_405,
    });
    return new ServerSession({ now: this.now, secure: this.#secure, localTime });
  }

  /** What the manager says meanwhile comes in one segment. */
  atOnce(say: () => void): this {
    this.#isWaiting = true;
    say();
    this.#isWaiting = false;
    const said: Uint8Array[] = [];
    for (let output = this.server.poll(); output !== undefined; output = this.server.poll()) {
      if (output.kind === 'transmit') said.push(output.bytes);
    }
    this.phone.receive(this.now, new Uint8Array(Buffer.concat(said)));
    return this.run();
  }

  /** Carries octets until nobody has any more to say. */
  run(): this {
    if (this.#isWaiting) return this;
    for (let busy = true; busy; ) {
      busy = false;
      for (let output = this.server.poll(); output !== undefined; output = this.server.poll()) {
        busy = true;
        if (output.kind === 'event') this.#serve(output.event);
        else if (output.kind === 'transmit') this.phone.receive(this.now, output.bytes);
      }
      for (let output = this.phone.poll(); output !== undefined; output = this.phone.poll()) {
        busy = true;
        if (output.kind === 'transmit') this.server.handleBytes(this.now, output.bytes);
        else this.outputs.push(output);
      }
    }
    return this;
  }

  #serve(event: ServerEvent): void {
    if (event.kind !== 'registration-requested') this.pressed.push(event);
    else if (this.#accepts) this.server.accept(this.now, this.#profile);
    else this.server.reject('who are you?');
  }

  refusing(): this {
    this.#accepts = false;
    return this;
  }

  connect(): this {
    this.server = this.#newServer();
    this.phone.connected(this.now, { address: '192.0.2.1', isProtected: this.#secure });
    return this.run();
  }

  registered(): this {
    this.phone.start(this.now);
    this.connect();
    this.pressed = [];
    return this;
  }

  pass(milliseconds: number): this {
    const end = this.now + milliseconds;
    for (let next = this.phone.nextDeadline(); next !== undefined && next <= end; next = this.phone.nextDeadline()) {
      this.now = Math.max(this.now, next);
      this.phone.handleTime(this.now);
      this.run();
    }
    this.now = end;
    return this;
  }

  /** What the user has done since this was asked last, in words. */
  did(): string[] {
    const words = this.pressed.map((event) => {
      if (event.kind === 'soft-key') return `soft-key ${event.softKey} of ${event.callReference}`;
      if (event.kind === 'enbloc') return `enbloc ${event.number}`;
      if (event.kind === 'digit') return `digit ${event.digit} of ${event.callReference}`;
      return event.kind;
    });
    this.pressed = [];
    return words;
  }

  state(callReference: number, state: keyof typeof CallState): this {
    const precedence = { precedenceLevel: 4, precedenceDomain: 0 };
    const callState = CallState[state];
    this.server.send({ kind: 'CallState', callState, lineInstance: 1, callReference, privacy: 0, precedence });
    return this.run();
  }

  info(
    callReference: number,
    lock: keyof typeof CallSecurityStatus,
    callType: keyof typeof CallType = 'OutBoundCall',
  ): this {
    this.server.send(
      callInfo(this.server.dialect, {
        callingPartyName: 'Bob',
        callingParty: '2001',
        calledPartyName: 'Ann',
        calledParty: '1001',
        lineInstance: 1,
        callReference,
        callType: CallType[callType],
        callSecurityStatus: CallSecurityStatus[lock],
      }),
    );
    return this.run();
  }

  prompt(callReference: number, promptStatus: string): this {
    this.server.send(
      displayPrompt(this.server.dialect, { timeOutValue: 0, lineInstance: 1, callReference, promptStatus }),
    );
    return this.run();
  }

  openChannel(callReference: number, party: number, key = noMediaEncryption, compressionType = 2): this {
    this.server.send({
      kind: 'OpenReceiveChannel',
      conferenceId: callReference,
      passThroughPartyId: party,
      milliSecondPacketSize: 20,
      compressionType,
      qualifierIn: { ecValue: EchoCancellation.Off },
      callReference,
      mRxMediaEncryptionKeyInfo: key,
      streamPassThroughId: 0,
      associatedStreamId: 0,
      RFC2833PayloadType: 101,
      dtmfType: 10,
      mixingMode: 0,
      partyDirection: 0,
      sourceIpAddr: '0.0.0.0',
      sourcePortNumber: 0,
      requestedIpAddrType: 0,
      audioLevelAdjustment: 0,
    });
    return this.run();
  }

  closeChannel(callReference: number, party: number): this {
    this.server.send({
      kind: 'CloseReceiveChannel',
      conferenceId: callReference,
      passThroughPartyId: party,
      callReference,
      portHandlingFlag: 0,
    });
    return this.run();
  }

  transmit(callReference: number, party: number, key = noMediaEncryption): this {
    this.server.send({
      kind: 'StartMediaTransmission',
      conferenceId: callReference,
      passThroughPartyId: party,
      remoteIpAddr: '192.0.2.2',
      remotePortNumber: 50_000,
      milliSecondPacketSize: 20,
      compressionType: 2,
      qualifierOut: { precedenceValue: 0xb8, ssValue: 0, maxFramesPerPacket: 0 },
      callReference,
      mTxMediaEncryptionKeyInfo: key,
      streamPassThroughId: 0,
      associatedStreamId: 0,
      RFC2833PayloadType: 101,
      dtmfType: 10,
      mixingMode: 0,
      partyDirection: 0,
    });
    return this.run();
  }

  stopTransmission(callReference: number, party: number): this {
    this.server.send({
      kind: 'StopMediaTransmission',
      conferenceId: callReference,
      passThroughPartyId: party,
      callReference,
      portHandlingFlag: 0,
    });
    return this.run();
  }

  /** A call of the phone's that is up, encrypted. */
  talking(reference = 1, seed = 1): string {
    const call = this.phone.place(this.now, '2001', { address: '192.0.2.1', port: 40_000 });
    this.run();
    this.state(reference, 'OffHook').state(reference, 'Proceed').state(reference, 'RingOut');
    this.state(reference, 'Connected').info(reference, 'Encrypted');
    this.openChannel(reference, 10 * reference, keyInfo(2, seed)).transmit(
      reference,
      10 * reference + 1,
      keyInfo(2, seed + 1),
    );
    return call;
  }

  /** What was told of a call. */
  events(call: string): CallEvent[] {
    return this.outputs.flatMap((output) => (output.kind === 'call' && output.call === call ? [output.event] : []));
  }

  last<Kind extends CallEvent['kind']>(call: string, kind: Kind): Extract<CallEvent, { kind: Kind }> | undefined {
    return this.events(call).findLast((event) => event.kind === kind) as Extract<CallEvent, { kind: Kind }> | undefined;
  }
}
