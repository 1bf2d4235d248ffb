/** Skinny phones, each the phone's end of a session, against the whole core of the manager: octets, on a virtual clock. */
import { CallState, DeviceType, type PhoneEvent, PhoneSession } from '@trustline/sccp';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { peerOf, Simulation, type SimulationOptions } from '../../simulation.fixture.ts';

/** A phone on a connection of its own. */
export class Handset {
  readonly session: PhoneSession;
  readonly id: string;
  readonly #lab: SkinnyLab;
  readonly #isMute: boolean;
  readonly ended: string[] = [];
  /** `DeviceStimulus` → `LampMode`, of the lamps that are of no line. */
  readonly lamps = new Map<number, number>();
  /** Every stream that it was asked for. */
  readonly streams: Extract<PhoneEvent, { kind: 'open-receive-channel' | 'start-transmission' }>[] = [];
  receiving: { key: Uint8Array; port: number } | undefined;
  sending: { key: Uint8Array; address: string; port: number } | undefined;
  #port = 30_000;

  constructor(
    lab: SkinnyLab,
    name: string,
    {
      version = 20,
      type = DeviceType.Cisco7962 as number,
      certificateOf = name as string | null,
      activeStreams = 0,
      host = '192.0.2.9',
      /** It says nothing of its streams by itself. */
      isMute = false,
    } = {},
  ) {
    this.#lab = lab;
    this.#isMute = isMute;
    this.id = `${name}-${lab.handsets.length}`;
    this.session = new PhoneSession({
      deviceName: name,
      deviceType: type,
      address: `192.0.2.${50 + lab.handsets.length}`,
      codecs: [4, 2, 12, 257].map((payloadType) => ({ payloadType, maxFramesPerPacket: 40 })),
      protocolVersion: version,
      activeStreams,
    });
    lab.handsets.push(this);
    const peer = certificateOf === null ? undefined : peerOf(certificateOf, `${host}:4000`);
    const connection = {
      id: this.id,
      peer,
      remoteAddress: `${host}:4000`,
      remoteHost: host,
      localHost: '192.0.2.1',
      localAddress: '192.0.2.1:2443',
    };
    lab.simulation.core.onSkinny(lab.clock.now, (skinny) => skinny.opened(lab.clock.now, connection));
    this.session.register(lab.clock.now);
    lab.settle();
  }

  /** Does what the user does. */
  does(act: (session: PhoneSession) => void): void {
    act(this.session);
    this.#lab.settle();
  }

  /** Its connection breaks. */
  cut(): void {
    const { now } = this.#lab.clock;
    this.session.handleConnectionLost();
    this.#lab.simulation.core.onSkinny(now, (skinny) => skinny.closed(now, this.id));
    this.#lab.settle();
  }

  /** Does so too, and all that it says is in one segment. */
  doesAtOnce(act: (session: PhoneSession) => void): void {
    act(this.session);
    const said: Uint8Array[] = [];
    for (let output = this.session.poll(); output !== undefined; output = this.session.poll()) {
      if (output.kind === 'transmit') said.push(output.bytes);
    }
    const { now } = this.#lab.clock;
    this.#lab.simulation.core.onSkinny(now, (skinny) => skinny.received(now, this.id, Buffer.concat(said)));
    this.#lab.settle();
  }

  drain(): boolean {
    let busy = false;
    for (let output = this.session.poll(); output !== undefined; output = this.session.poll()) {
      busy = true;
      const { now } = this.#lab.clock;
      if (output.kind === 'transmit') {
        // One octet first: the door has to put it together.
        const { bytes } = output;
        for (const part of [bytes.subarray(0, 1), bytes.subarray(1)]) {
          this.#lab.simulation.core.onSkinny(now, (skinny) => skinny.received(now, this.id, part));
        }
      } else if (output.kind === 'event') this.#happened(output.event);
    }
    return busy;
  }

  #happened(event: Extract<ReturnType<PhoneSession['poll']>, { kind: 'event' }>['event']): void {
    switch (event.kind) {
      case 'open-receive-channel':
        this.#port += 2;
        this.streams.push(event);
        this.receiving = { key: event.stream.keyInfo.key.reveal(), port: this.#port };
        if (!this.#isMute) this.session.receiveChannelOpened(event.stream.passThroughPartyId, this.#place());
        return;
      case 'close-receive-channel':
        this.receiving = undefined;
        return;
      case 'start-transmission':
        this.streams.push(event);
        this.sending = { key: event.stream.keyInfo.key.reveal(), address: event.address, port: event.port };
        if (!this.#isMute) this.session.transmissionStarted(event.stream.passThroughPartyId, this.#place());
        return;
      case 'stop-transmission':
        this.sending = undefined;
        return;
      case 'lamp':
        if (event.instance === 0) this.lamps.set(event.stimulus, event.mode);
        return;
      case 'ended':
        this.ended.push(event.reason);
        return;
      default:
    }
  }

  #place() {
    return { address: '192.0.2.50', port: this.#port };
  }

  get call() {
    return [...this.session.calls.values()].find(({ state }) => state !== CallState.OnHook);
  }

  get state(): string | undefined {
    return Object.keys(CallState).find((name) => CallState[name as keyof typeof CallState] === this.call?.state);
  }
}

export class SkinnyLab {
  readonly clock = new VirtualClock(1_000);
  readonly simulation: Simulation;
  readonly handsets: Handset[] = [];

  constructor(options: SimulationOptions = {}) {
    this.simulation = new Simulation(this.clock, new SeededRandom(11).bytes, options);
  }

  device(name: string, line: string, securityMode: 'encrypted' | 'non-secure' = 'encrypted'): void {
    const lines = [{ number: line, displayName: `User of ${line}` }];
    this.simulation.core.addDevice({ name, kind: 'phone', securityMode, protocol: 'sccp', lines }, undefined);
  }

  handset(name: string, line: string): Handset {
    this.device(name, line);
    return new Handset(this, name);
  }

  settle(): void {
    for (let busy = true; busy; ) {
      busy = false;
      this.simulation.pump();
      for (const handset of this.handsets) busy = handset.drain() || busy;
      for (const output of this.simulation.skinny.splice(0)) {
        busy = true;
        const handset = this.handsets.find(({ id }) => 'connection' in output && id === output.connection);
        if (output.kind === 'transmit') handset?.session.handleBytes(this.clock.now, output.bytes);
        else if (output.kind === 'close') handset?.session.handleConnectionLost();
      }
    }
  }
}

/** Two phones, with the lines 1011 and 1012. */
export function two(options: SimulationOptions = {}) {
  const lab = new SkinnyLab(options);
  const [one, other] = [lab.handset('SEP000000000011', '1011'), lab.handset('SEP000000000012', '1012')];
  return { lab, one, other };
}
