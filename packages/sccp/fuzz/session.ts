import {
  ButtonType,
  type KnownMessage,
  noMediaEncryption,
  type PhoneOutput,
  type PhoneProfile,
  PhoneSession,
  SccpError,
  type ServerEvent,
  type ServerOutput,
  ServerSession,
} from '../src/index.ts';

const profile: PhoneProfile = {
  keepAliveSeconds: 5,
  secondaryKeepAliveSeconds: 9,
  dateTemplate: 'D.M.Y',
  userName: '',
  serverName: 'cm',
  firmware: '',
  lines: [{ number: '1', displayName: 'A', label: 'A' }],
  speedDials: [{ number: '2', label: 'B' }],
  features: [],
  services: [],
  buttons: [
    { type: ButtonType.Line, instance: 1 },
    { type: ButtonType.SpeedDial, instance: 1 },
  ],
  softKeys: [{ label: 'New', event: 2 }],
  softKeySets: [[1]],
  managers: [],
};
const localTime = {
  year: 2026,
  month: 1,
  dayOfWeek: 4,
  day: 1,
  hour: 0,
  minute: 0,
  second: 0,
  millisecond: 0,
  unixSeconds: 0,
};

/** A registration with a call, in every version; the same disturbed; and ends that only hear octets. */
export function corpus(): Uint8Array[] {
  const call = [0, 0, 1, 0, 4, 1, 5, 2, 6, 7, 7, 7, 8, 7, 9, 7, 10, 7, 11, 7, 12, 3, 2, 9, 13, 0];
  const usual = [3, 11, 17, 22].map((version) => Uint8Array.of(version, ...call));
  const noise = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 14 + (i % 2) : (i * 37) & 0xff));
  return [...usual, Uint8Array.of(22, ...call, ...noise), Uint8Array.of(0, ...noise)];
}

/** Both ends of a session, and what has been seen of them. */
class Pair {
  readonly version: number;
  readonly server: ServerSession;
  readonly phone: PhoneSession;
  now = 0;
  #serverEnded = false;
  #phoneEnded = false;
  /** Streams that the phone was asked to receive, and has not answered. */
  readonly #asked = new Set<number>();
  #disturbed = false;

  constructor(version: number) {
    this.version = version;
    this.server = new ServerSession({ now: 0, secure: version % 2 === 0, localTime: () => localTime });
    this.phone = new PhoneSession({
      deviceName: 'SEP000000000001',
      deviceType: 7,
      address: '192.0.2.1',
      codecs: [{ payloadType: 4, maxFramesPerPacket: 40 }],
      protocolVersion: version,
    });
  }

  send(message: KnownMessage): void {
    this.server.send(message);
    if (message.kind === 'OpenReceiveChannel') this.#asked.add(message.passThroughPartyId);
  }

  run(): void {
    for (let rounds = 0; rounds < 1_000; rounds++) {
      const fromServer = this.server.poll();
      const fromPhone = this.phone.poll();
      if (fromServer === undefined && fromPhone === undefined) return;
      if (fromServer !== undefined) this.#fromServer(fromServer);
      if (fromPhone !== undefined) this.#fromPhone(fromPhone);
    }
    throw new Error('the two ends never stop talking');
  }

  #fromServer(output: ServerOutput): void {
    if (output.kind === 'transmit') this.phone.handleBytes(this.now, output.bytes);
    if (output.kind !== 'event') return;
    if (this.#serverEnded) throw new Error(`${output.event.kind} after the end of the manager's session`);
    this.#judge(output.event);
  }

  #judge(event: ServerEvent): void {
    if (event.kind === 'ended') this.#serverEnded = true;
    if (event.kind === 'receive-channel-opened' && !this.#asked.delete(event.passThroughPartyId)) {
      throw new Error('a channel was opened that nobody had asked for');
    }
    if (event.kind === 'unregistered') this.#asked.clear();
    const { malformed, unknown, withUnreadOctets } = this.server.statistics;
    if (!this.#disturbed && malformed + unknown + withUnreadOctets > 0) {
      throw new Error('what our phone says is not understood');
    }
  }

  #fromPhone(output: PhoneOutput): void {
    if (output.kind === 'transmit') this.server.handleBytes(this.now, output.bytes);
    if (output.kind !== 'event') return;
    if (this.#phoneEnded) throw new Error(`${output.event.kind} after the end of the phone's session`);
    if (output.event.kind === 'ended') this.#phoneEnded = true;
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.server.handleTimeout(this.now);
    this.phone.handleTimeout(this.now);
    for (const deadline of [this.server.nextDeadline(), this.phone.nextDeadline()]) {
      if (deadline !== undefined && deadline <= this.now) throw new Error('a deadline stays due');
    }
  }

  disturb(end: 'server' | 'phone', octets: Uint8Array): void {
    this.#disturbed = true;
    this[end].handleBytes(this.now, octets);
  }
}

/** The first octet is the version of the phone; then pairs of octets are what is done, and with what. */
export function fuzz(data: Uint8Array): void {
  const pair = new Pair((data[0] ?? 0) % 24);
  for (let at = 1; at + 1 < Math.min(data.length, 400); at += 2) {
    try {
      act(pair, (data[at] ?? 0) % 16, data[at + 1] ?? 0, data.subarray(at));
    } catch (error) {
      // The driver may ask for what the state does not allow: it is told so.
      if (!(error instanceof SccpError) || error.code !== 'sccp.state') throw error;
    }
    pair.run();
  }
}

function act(pair: Pair, what: number, argument: number, octets: Uint8Array): unknown {
  const { server, phone, now } = pair;
  const stream = { conferenceId: 1, passThroughPartyId: argument, callReference: 1 };
  switch (what) {
    case 0:
      return argument % 4 === 3 ? phone.standBy(now) : phone.register(now);
    case 1:
      return argument % 4 === 3 ? server.reject('no') : server.accept(now, profile);
    case 2:
      return pair.pass(argument * 97);
    case 3:
      return argument % 8 === 7 ? phone.unregister() : phone.onHook(1, argument);
    case 4:
      return phone.offHook(1, argument);
    case 5:
      return phone.press('0123456789*#'[argument % 12] ?? '0', 1, argument);
    case 6:
      return phone.pressSoftKey(argument % 20, 1, argument);
    case 7:
      return pair.send({
        ...stream,
        kind: 'OpenReceiveChannel',
        milliSecondPacketSize: 20,
        compressionType: 4,
        qualifierIn: { ecValue: 0 },
        mRxMediaEncryptionKeyInfo: { ...noMediaEncryption, algorithmID: argument % 2 },
      });
    case 8:
      return phone.receiveChannelOpened(
        argument,
        argument % 3 === 2 ? { status: 1 } : { address: '192.0.2.1', port: 2 },
      );
    case 9:
      return pair.send({
        ...stream,
        kind: 'StartMediaTransmission',
        remoteIpAddr: '192.0.2.9',
        remotePortNumber: 4,
        milliSecondPacketSize: 20,
        compressionType: 4,
        qualifierOut: { precedenceValue: 0, ssValue: 0, maxFramesPerPacket: 0 },
        mTxMediaEncryptionKeyInfo: noMediaEncryption,
      });
    case 10:
      return phone.transmissionStarted(argument, { address: '192.0.2.1', port: 2 });
    case 11:
      return pair.send({ ...stream, kind: argument % 2 === 0 ? 'CloseReceiveChannel' : 'StopMediaTransmission' });
    case 12:
      return pair.send({ kind: 'CallState', callState: argument % 18, lineInstance: 1, callReference: argument });
    case 13:
      return argument % 8 === 7 ? phone.close() : server.reset(1);
    case 14:
      return pair.disturb('server', octets.subarray(1, 1 + argument));
    default:
      return pair.disturb('phone', octets.subarray(1, 1 + argument));
  }
}
