import { createHash, randomBytes } from 'node:crypto';
import { type AudioFormat, type EndpointEvent, type SrtpMasterKey, textOfAddress } from '@trustline/h323';
import type { MediaPorts } from '@trustline/rtp/node';
import type { DirectionKeys, SrtpProfileName } from '@trustline/srtp';
import { IpAudio, type IpAudioPorts, type Receiving, type Sending } from './ip-audio.ts';

type MediaOpened = Extract<EndpointEvent, { kind: 'media-opened' }>;

/** Of a fingerprint, so that it says nothing of its key outside of this process. */
const fingerprintSalt = randomBytes(16);

/** The static payload types of RFC 3551. */
const laws = { g711Alaw64k: { codec: 'PCMA', type: 8 }, g711Ulaw64k: { codec: 'PCMU', type: 0 } } as const;

/** The format of H.245 for a codec, in packets of 20 ms. */
export function formatOfCodec(codec: 'PCMA' | 'PCMU'): AudioFormat {
  return { name: codec === 'PCMA' ? 'g711Alaw64k' : 'g711Ulaw64k', frames: 20 };
}

/** The audio of a call of H.323: what its logical channels say becomes what is sent and taken. */
export class H323Media {
  readonly audio: IpAudio;
  readonly #telephoneEvent: number;
  #sending: Sending | undefined;
  #suites: { send?: string; receive?: string } = {};

  constructor(ports: MediaPorts, telephoneEvent: number, callbacks: IpAudioPorts) {
    this.audio = new IpAudio(ports, callbacks);
    this.#telephoneEvent = telephoneEvent;
  }

  /** The crypto suite where both directions have one, `clear` where one is open without, undefined where none is open. */
  get protection(): string | undefined {
    const { send, receive } = this.#suites;
    if (send === undefined && receive === undefined) return undefined;
    return send === 'clear' || receive === 'clear' ? 'clear' : (send ?? receive);
  }

  opened(event: MediaOpened): void {
    const law = laws[event.format.name as keyof typeof laws];
    if (law === undefined) return; // no other is offered
    if (event.direction === 'transmit') {
      const { remote, payloadType, protection } = event;
      const { address, port } = textOfAddress(remote);
      const sending: Sending = {
        remote: { host: address, port },
        codec: law.codec,
        payloadType,
        ...(protection === undefined ? {} : { keys: directionKeys(protection.suite, protection.key) }),
      };
      this.#suites = { ...this.#suites, send: protection?.suite ?? 'clear' };
      this.#sending = sending;
      this.audio.send(sending);
      return;
    }
    const { suite } = event;
    const receiving: Receiving = {
      payloadTypes: new Map([
        [law.type, law.codec],
        [event.payloadType, law.codec],
      ]),
      telephoneEvent: this.#telephoneEvent,
      keys: suite === undefined ? [] : event.keys.map((key) => directionKeys(suite, key)),
    };
    this.#suites = { ...this.#suites, receive: suite ?? 'clear' };
    this.audio.receive(receiving);
  }

  /**
   * Sends keys as telephone-events (RFC 4733).
   *
   * @param payloadType under which the far side says that it takes them, if it does
   * @returns false where they cannot go that way
   */
  sendKeys(keys: string, payloadType: number | undefined): boolean {
    const sending = this.#sending;
    if (sending === undefined || payloadType === undefined) return false;
    if (sending.telephoneEvent !== payloadType) {
      this.#sending = { ...sending, telephoneEvent: payloadType };
      this.audio.send(this.#sending);
    }
    return this.audio.sendDigits(keys);
  }

  closed(direction: 'transmit' | 'receive'): void {
    if (direction === 'transmit') {
      this.#sending = undefined;
      this.audio.send(undefined);
    } else this.audio.receive(undefined);
  }
}

function directionKeys(profile: SrtpProfileName, { key, salt }: SrtpMasterKey): DirectionKeys {
  const [octets, saltOctets] = [key.reveal(), salt.reveal()];
  const hash = createHash('sha256').update(fingerprintSalt).update(octets).update(saltOctets);
  return {
    profile,
    masterKeys: [{ key: octets, salt: saltOctets }],
    keyDerivationRate: 0,
    fingerprint: hash.digest('hex').slice(0, 16),
  };
}
