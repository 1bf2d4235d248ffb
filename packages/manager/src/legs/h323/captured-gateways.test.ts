/** The captures through the leg: the other stack sends what it sent then, and a SIP phone is behind the manager. */
import type { MediaKey } from '@trustline/callcontrol';
import { ElementId, type H245, ia5Text, MessageType } from '@trustline/h323';
import { describe, expect, test } from 'vitest';
import { SkinnyWorld, sipKey, sipMedia } from '../sccp/skinny-world.fixture.ts';
import {
  CapturedGateway,
  type CapturedMessage,
  capturedCalls,
  controlOf,
  fieldsOf,
  kindOf,
  signallingOf,
} from './captured-gateway.fixture.ts';
import { bySipTls } from './gateway-lab.fixture.ts';
import { defaultGatewaySettings } from './gateway-settings.ts';
import { GatewayDoor } from './gateway-world.fixture.ts';

const calls = capturedCalls();
const responses = [
  'terminalCapabilitySetAck',
  'masterSlaveDeterminationAck',
  'openLogicalChannelAck',
  'closeLogicalChannelAck',
  'requestChannelCloseAck',
  'roundTripDelayResponse',
];
const said = (messages: readonly CapturedMessage[]) =>
  messages.flatMap(({ octets, isControl }) => controlOf(octets, isControl));

/** One suite, and it is 0.0.8.235.0.4.92, as a channel names it. */
const onlySuite32 = '0160070008816b00045c';

/** What was agreed on then, which decides what the gateway is set to. */
function natureOf(call: readonly CapturedMessage[]) {
  const text = JSON.stringify(said(call).filter((message) => kindOf(message) === 'openLogicalChannel'));
  const answersFast = call.some(
    (message) => signallingOf(message)?.type !== MessageType.Setup && 'fastStart' in fieldsOf(signallingOf(message)),
  );
  const hexadecimal = call.map(({ octets }) => Buffer.from(octets).toString('hex')).join();
  return {
    suite: hexadecimal.includes(onlySuite32)
      ? ('AES_CM_128_HMAC_SHA1_32' as const)
      : ('AES_CM_128_HMAC_SHA1_80' as const),
    isKeyed: text.includes('encryptionSync'),
    answersFast,
    codec: text.includes('g711Alaw64k') ? ('g711Alaw64k' as const) : ('g711Ulaw64k' as const),
    isTunnelled: signallingOf(call[0] as CapturedMessage)?.userInformation?.['h323-uu-pdu'].h245Tunneling === true,
  };
}

class Scene {
  readonly world: SkinnyWorld;
  readonly door: GatewayDoor;
  readonly gateway: CapturedGateway;
  readonly nature: ReturnType<typeof natureOf>;
  /** What the phone sends with, all through the call. */
  readonly #key: MediaKey;
  #leg = 'sip';
  #transfers = 0;

  constructor(call: readonly CapturedMessage[], role: 'caller' | 'called') {
    this.nature = natureOf(call);
    const { isKeyed, answersFast, codec, suite, isTunnelled } = this.nature;
    this.#key = sipKey(suite);
    const setup = call[0] as CapturedMessage;
    const noChange = { discardAccessCode: false, prefix: '' };
    this.world = new SkinnyWorld(
      { 2000: ['SIP1'], 2001: ['SIP1'], 2002: ['SIP1'], 7001: ['SIP2'] },
      {},
      { entries: [{ pattern: '9XXX', target: { kind: 'trunk', devices: ['gw1'], ...noChange } }] },
    );
    this.door = new GatewayDoor(this.world);
    this.gateway = new CapturedGateway(this.door.wire, call, role);
    this.door.legs.setGateway(0, {
      ...defaultGatewaySettings,
      device: 'gw1',
      addresses: [role === 'caller' ? setup.from : setup.to],
      policy: isKeyed ? 'require' : 'forbid',
      isProtected: isKeyed,
      fastStart: answersFast,
      tunnelling: isTunnelled,
      codecs: [codec],
      suites: [suite],
    });
  }

  media(direction: 'sendrecv' | 'sendonly' = 'sendrecv') {
    const { codec, isKeyed } = this.nature;
    const named = codec === 'g711Alaw64k' ? { payloadType: 8, encoding: 'PCMA' } : { payloadType: 0, encoding: 'PCMU' };
    const formats = [{ ...named, clockRate: 8_000, channels: 1 }];
    return sipMedia(isKeyed ? [this.#key] : [], { formats, direction });
  }

  /** The side that sent this then sends it again. */
  feed(message: CapturedMessage): void {
    if (message.isControl) this.gateway.join();
    this.world.settle();
    this.gateway.send(message);
    this.settle();
  }

  settle(): void {
    for (let before = -1; before !== this.gateway.heard.length; ) {
      before = this.gateway.heard.length;
      this.world.settle();
      this.gateway.flush();
    }
    this.world.settle();
  }

  /** The phone does what the side did that the manager stands for. */
  imitate(message: CapturedMessage, role: 'caller' | 'called'): void {
    const type = signallingOf(message)?.type;
    const place = this.world.told.findLast((output) => output.kind === 'place');
    if (role === 'called' && type === MessageType.Setup) {
      this.world.say({
        kind: 'incoming',
        leg: 'sip',
        device: 'SIP2',
        line: '7001',
        destination: '9123',
        protection: bySipTls,
        caller: { number: '7001', anonymous: false },
        offer: this.media(),
      });
    }
    if (role === 'caller' && place !== undefined) {
      this.#leg = place.leg;
      if (type === MessageType.Alerting) this.world.say({ kind: 'ringing', leg: this.#leg });
      if (type === MessageType.Connect) this.world.say({ kind: 'answered', leg: this.#leg, media: this.media() });
    }
    if (type === MessageType.ReleaseComplete) {
      const isAnswered = this.world.told.some(({ kind }) => kind === 'accept' || kind === 'answer');
      if (role === 'called' || isAnswered) this.world.say({ kind: 'released', leg: this.#leg });
      else this.world.say({ kind: 'refused', leg: this.#leg, cause: 'user-busy' });
    }
    for (const one of controlOf(message.octets, message.isControl)) {
      if (kindOf(one) !== 'terminalCapabilitySet') continue;
      if (this.#transfers++ === 0) continue;
      const isHold =
        (one as { value: { value: H245.TerminalCapabilitySet } }).value.value.capabilityTable === undefined;
      this.world.say({ kind: 'offer', leg: this.#leg, offer: this.media(isHold ? 'sendonly' : 'sendrecv') });
    }
    this.settle();
  }

  /** Keys that the phone was told to have been pressed. */
  get digits(): string {
    return this.world.told.flatMap((output) => (output.kind === 'digit' ? [output.digit] : [])).join('');
  }
}

/** Keys that a side pressed, in any of the ways of H.323 that signalling has. */
function digitsOf(messages: readonly CapturedMessage[]): string {
  return messages
    .flatMap((message) => {
      const elements = signallingOf(message)?.elements ?? [];
      const keypad = elements.find(({ id }) => id === ElementId.KeypadFacility);
      const pressed = controlOf(message.octets, message.isControl).flatMap((one) => {
        if (one.kind !== 'indication' || one.value.kind !== 'userInput') return [];
        const input = one.value.value;
        return input.kind === 'alphanumeric' ? [input.value] : input.kind === 'signal' ? [input.value.signalType] : [];
      });
      return [...(keypad === undefined ? [] : [ia5Text(keypad.octets)]), ...pressed];
    })
    .join('');
}

describe.each([...calls])('%s', (_, call) => {
  test.each(['caller', 'called'] as const)('its %s is a gateway of ours', (role) => {
    const scene = new Scene(call, role);
    const { gateway, world, door } = scene;
    const [theirs, ours] = [gateway.address, role === 'caller' ? call[0]?.to : call[0]?.from];
    for (const message of call) {
      if (message.from === theirs) scene.feed(message);
      else scene.imitate(message, role);
    }
    const of = (address: string | undefined) => call.filter(({ from }) => from === address);
    const counted = (kinds: readonly string[], kind: string) => [kind, kinds.filter((one) => one === kind).length];
    const then = said(of(ours)).map(kindOf);
    expect(responses.map((kind) => counted(gateway.heard, kind))).toEqual(responses.map((kind) => counted(then, kind)));
    const isAnswered = call.some((message) => signallingOf(message)?.type === MessageType.Connect);
    const answers = world.told.filter(({ kind }) => kind === 'accept' || kind === 'answer');
    expect(answers.length > 0).toBe(isAnswered);
    for (const answer of answers) {
      expect(answer).toMatchObject({ level: scene.nature.isKeyed ? 'encrypted' : 'non-secure' });
    }
    expect(scene.digits).toBe(digitsOf(of(theirs)));
    expect(door.legs.size).toBe(0);
  });
});
