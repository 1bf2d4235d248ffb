/** Skinny phones, each the phone's end of a session, against the whole core of the manager: octets, on a virtual clock. */
import { CallSecurityStatus, CallState, DeviceType, PhoneSession, SoftKeyEvent } from '@trustline/sccp';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import {
  cryptoLine,
  description,
  octets,
  peerOf,
  Simulation,
  type SimulationOptions,
} from '../../simulation.fixture.ts';

/** A phone on a connection of its own. */
class Handset {
  readonly session: PhoneSession;
  readonly id: string;
  readonly #lab: Lab;
  readonly ended: string[] = [];
  receiving: { key: Uint8Array; port: number } | undefined;
  sending: { key: Uint8Array; address: string; port: number } | undefined;
  #port = 30_000;

  constructor(lab: Lab, name: string, { version = 20, certificateOf = name as string | null } = {}) {
    this.#lab = lab;
    this.id = `${name}-${lab.handsets.length}`;
    this.session = new PhoneSession({
      deviceName: name,
      deviceType: DeviceType.Cisco7962,
      address: `192.0.2.${50 + lab.handsets.length}`,
      codecs: [4, 2, 12, 257].map((payloadType) => ({ payloadType, maxFramesPerPacket: 40 })),
      protocolVersion: version,
    });
    lab.handsets.push(this);
    const peer = certificateOf === null ? undefined : peerOf(certificateOf, '192.0.2.9:4000');
    const connection = {
      id: this.id,
      peer,
      remoteAddress: '192.0.2.9:4000',
      remoteHost: '192.0.2.9',
      localHost: '192.0.2.1',
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
        this.receiving = { key: event.stream.keyInfo.key.reveal(), port: this.#port };
        this.session.receiveChannelOpened(event.stream.passThroughPartyId, { address: '192.0.2.50', port: this.#port });
        return;
      case 'close-receive-channel':
        this.receiving = undefined;
        return;
      case 'start-transmission':
        this.sending = { key: event.stream.keyInfo.key.reveal(), address: event.address, port: event.port };
        this.session.transmissionStarted(event.stream.passThroughPartyId, { address: '192.0.2.50', port: this.#port });
        return;
      case 'stop-transmission':
        this.sending = undefined;
        return;
      case 'ended':
        this.ended.push(event.reason);
        return;
      default:
    }
  }

  get call() {
    return [...this.session.calls.values()].find(({ state }) => state !== CallState.OnHook);
  }

  get state(): string | undefined {
    return Object.keys(CallState).find((name) => CallState[name as keyof typeof CallState] === this.call?.state);
  }
}

class Lab {
  readonly clock = new VirtualClock(1_000);
  readonly simulation: Simulation;
  readonly handsets: Handset[] = [];

  constructor(options: SimulationOptions = {}) {
    this.simulation = new Simulation(this.clock, new SeededRandom(11).bytes, options);
  }

  device(name: string, line: string, securityMode: 'encrypted' | 'non-secure' = 'encrypted'): void {
    const lines = [{ number: line, displayName: `User of ${line}` }];
    this.simulation.core.addDevice({ name, kind: 'phone', securityMode, lines }, undefined);
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

function two(options: SimulationOptions = {}) {
  const lab = new Lab(options);
  const [one, other] = [lab.handset('SEP000000000011', '1011'), lab.handset('SEP000000000012', '1012')];
  return { lab, one, other };
}

describe('registration', () => {
  test('a phone learns its line, its name and its soft keys, and counts as registered', () => {
    const { lab, one } = two();
    expect(one.session.state).toBe('registered');
    expect(one.session.configuration.lines.get(1)).toMatchObject({ number: '1011', displayName: 'User of 1011' });
    expect(one.session.configuration.softKeys.map(({ event }) => event)).toContain(SoftKeyEvent.Hold);
    expect(lab.simulation.eventsOf('registration')).toHaveLength(2);
    expect(lab.simulation.core.directory.registration('SEP000000000011', '1011')).toMatchObject({
      protocol: 'sccp',
      signalling: 'tls-mutual',
    });
  });

  test('with the certificate of another device it is refused, and that is an event', () => {
    const { lab, one } = two();
    const forged = new Handset(lab, 'SEP000000000011', { certificateOf: 'SEP000000000012' });
    expect(forged.ended).toEqual(['rejected']);
    expect(one.session.state).toBe('registered');
    expect(lab.simulation.eventsOf('registration-refused')).toMatchObject([
      { device: 'SEP000000000011', reason: 'certificate-of-another-device' },
    ]);
  });

  test('without TLS it is for non-secure devices alone, and for those that are known', () => {
    const { lab } = two();
    lab.device('SEP000000000013', '1013', 'non-secure');
    const clear = { certificateOf: null };
    expect(new Handset(lab, 'SEP000000000012', clear).ended).toEqual(['rejected']);
    expect(new Handset(lab, 'SEP00000000FFFF', clear).ended).toEqual(['rejected']);
    expect(new Handset(lab, 'SEP000000000013', clear).session.state).toBe('registered');
    expect(lab.simulation.eventsOf('registration-refused').map(({ reason }) => reason)).toEqual([
      'not-non-secure',
      'unknown-device',
    ]);
  });

  test('a second registration of a device: the old one is closed, and said', () => {
    const { lab, one } = two();
    const again = new Handset(lab, 'SEP000000000011');
    expect(one.ended).toEqual(['connection-lost']);
    expect(again.session.state).toBe('registered');
    expect(lab.simulation.eventsOf('connection-closed')).toMatchObject([{ reason: 'registered-elsewhere' }]);
    again.does((session) => session.dial('1012'));
    expect(again.state).toBe('RingOut');
  });

  test('silence ends it, and its calls', () => {
    const { lab, one, other } = two();
    one.does((session) => session.dial('1012'));
    other.does((session) => session.offHook());
    expect(lab.simulation.core.calls()).toHaveLength(1);
    lab.clock.advance(30_000);
    lab.settle();
    // The one goes on giving signs of life; the other is struck dumb.
    other.session.handleConnectionLost();
    for (let at = 0; at < 4; at += 1) {
      lab.clock.advance(30_000);
      one.session.handleTimeout(lab.clock.now);
      lab.settle();
    }
    expect(lab.simulation.core.directory.registration('SEP000000000012', '1012')).toBeUndefined();
    expect(lab.simulation.core.calls()).toEqual([]);
    expect(lab.simulation.eventsOf('unregistration')).toMatchObject([{ device: 'SEP000000000012' }]);
  });
});

describe('calls', () => {
  test('off hook and all digits in one segment: each counts, though each is answered at once', () => {
    const { one, other } = two();
    one.doesAtOnce((session) => {
      session.offHook();
      for (const digit of '1012') session.press(digit);
    });
    expect([one.state, other.state]).toEqual(['RingOut', 'RingIn']);
  });

  test('Skinny to Skinny: keys in pairs, the lock closed at both ends, nothing left', () => {
    const { lab, one, other } = two();
    one.does((session) => session.dial('1012'));
    expect([one.state, other.state]).toEqual(['RingOut', 'RingIn']);
    other.does((session) => session.offHook());
    expect([one.state, other.state]).toEqual(['Connected', 'Connected']);
    expect(one.call?.securityStatus).toBe(CallSecurityStatus.Encrypted);
    expect(other.call?.securityStatus).toBe(CallSecurityStatus.Encrypted);
    expect(one.sending?.key).toEqual(other.receiving?.key);
    expect(other.sending?.key).toEqual(one.receiving?.key);
    expect(one.sending?.key).toHaveLength(16);
    expect(one.sending?.port).toBe(other.receiving?.port);
    other.does((session) => session.onHook());
    expect(lab.simulation.core.calls()).toEqual([]);
    expect(lab.simulation.core.tableSizes.legs).toBe(0);
    expect([one.sending, one.receiving]).toEqual([undefined, undefined]);
  });

  test('Skinny to SIP: INVITE without offer, the key of the 200 into the channel, the own one into the ACK', () => {
    const { lab, one } = two();
    const sip = lab.simulation.phone('SEP000000000001', '1001');
    sip.register();
    one.does((session) => session.dial('1001'));
    expect(sip.session.initialOffer).toBeUndefined();
    lab.simulation.act((now) => sip.session.accept(now, octets(description([cryptoLine(5)]))));
    lab.settle();
    expect(one.state).toBe('Connected');
    expect(one.call?.securityStatus).toBe(CallSecurityStatus.Encrypted);
    const answer = sip.events.flatMap(({ event }) => (event.kind === 'acknowledged' ? [event.answer] : []))[0];
    const sdp = new TextDecoder().decode(answer);
    expect(sdp).toContain('RTP/SAVP');
    expect(sdp).toContain(`m=audio ${one.receiving?.port} `);
    expect(one.sending).toMatchObject({ port: 4000 });
    expect(lab.simulation.core.calls()[0]).toMatchObject({ level: 'encrypted' });
    one.does((session) => session.onHook());
    lab.clock.advance(120_000);
    expect(lab.simulation.core.calls()).toEqual([]);
  });

  test('SIP to Skinny, and hold from the Skinny phone: a re-INVITE', () => {
    const { lab, one } = two();
    const sip = lab.simulation.phone('SEP000000000001', '1001');
    sip.register();
    sip.call('1011', description([cryptoLine(1)]));
    lab.settle();
    expect(one.state).toBe('RingIn');
    one.does((session) => session.offHook());
    expect(one.state).toBe('Connected');
    expect(lab.simulation.core.calls()[0]).toMatchObject({ level: 'encrypted' });
    one.does((session) => session.pressSoftKey(SoftKeyEvent.Hold, 1, one.call?.callReference ?? 0));
    expect(one.state).toBe('Hold');
    expect(one.receiving).toBeUndefined();
  });

  test('a busy number is called back: by its code, and the phone rings', () => {
    const { lab, one, other } = two();
    const third = lab.handset('SEP000000000013', '1013');
    other.does((session) => session.pressSoftKey(SoftKeyEvent.DND, 1, 0));
    third.does((session) => session.dial('1012'));
    expect(third.state).toBe('Busy');
    third.does((session) => session.onHook());
    third.does((session) => session.dial('*37'));
    expect(third.call).toBeUndefined();
    expect(one.session.state).toBe('registered');
  });
});

describe('hostile input at the door', () => {
  test.each([
    ['length 0', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['length 3', [3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]],
    ['length 2^31', [0, 0, 0, 128, 0, 0, 0, 0, 1, 0, 0, 0]],
  ])('%s: the connection is closed, and nobody else is hurt', (_, bytes) => {
    const { lab, one, other } = two();
    const { now } = lab.clock;
    const stranger = {
      id: 'stranger',
      peer: undefined,
      remoteAddress: '203.0.113.5:1',
      remoteHost: '203.0.113.5',
      localHost: '192.0.2.1',
    };
    lab.simulation.core.onSkinny(now, (skinny) => skinny.opened(now, stranger));
    lab.simulation.core.onSkinny(now, (skinny) => skinny.received(now, 'stranger', Uint8Array.from(bytes)));
    lab.simulation.pump();
    expect(lab.simulation.skinny).toContainEqual({ kind: 'close', connection: 'stranger' });
    one.does((session) => session.dial('1012'));
    expect(other.state).toBe('RingIn');
  });

  test('a stranger that says nothing is let go after a while', () => {
    const { lab } = two();
    const { now } = lab.clock;
    const stranger = {
      id: 'stranger',
      peer: undefined,
      remoteAddress: '203.0.113.5:1',
      remoteHost: '203.0.113.5',
      localHost: '192.0.2.1',
    };
    lab.simulation.core.onSkinny(now, (skinny) => skinny.opened(now, stranger));
    lab.clock.advance(31_000);
    expect(lab.simulation.skinny).toContainEqual({ kind: 'close', connection: 'stranger' });
  });
});
