/** A gatekeeper for tests: it registers whoever asks, and admits calls as it is set (H.225.0 §7.7 to §7.10). */
import { type H225, type HostPort, octetsOfAddress, rasCodec } from '@trustline/h323';

const PROTOCOL = '0.0.8.2250.0.4';

export class FarGatekeeper {
  readonly address: string;
  /** Of RAS. */
  port = 1_719;
  /** All that it was asked, oldest first. */
  readonly asked: H225.RasMessage[] = [];
  /** Where calls of a number go; a reason by which they are not admitted; or nothing at all is said. */
  sends: HostPort | H225.AdmissionRejectReason['kind'] | 'nothing';
  callModel: 'direct' | 'gatekeeperRouted' = 'direct';
  timeToLive = 60;
  isThere = true;
  #number = 0;

  constructor(address: string, sends: HostPort) {
    this.address = address;
    this.sends = sends;
  }

  /** Of the last request of a kind. */
  last<Kind extends H225.RasMessage['kind']>(kind: Kind): Extract<H225.RasMessage, { kind: Kind }> {
    const found = this.asked.findLast((message) => message.kind === kind);
    if (found === undefined) throw new Error(`no ${kind} among: ${this.kinds()}`);
    return found as Extract<H225.RasMessage, { kind: Kind }>;
  }

  kinds(): string[] {
    return this.asked.map(({ kind }) => kind);
  }

  /** What it says to a datagram. */
  answer(payload: Uint8Array): Uint8Array[] {
    const read = rasCodec.decode(payload);
    if (!read.ok) throw read.error;
    this.asked.push(read.value);
    const answer = this.isThere ? this.#answerTo(read.value) : undefined;
    return answer === undefined ? [] : [rasCodec.encode(answer)];
  }

  /** Ends a call that it admitted. */
  drop(callIdentifier: Uint8Array): Uint8Array {
    const value = {
      requestSeqNum: ++this.#number,
      endpointIdentifier: 'ours',
      conferenceID: new Uint8Array(16),
      callReferenceValue: 1,
      disengageReason: { kind: 'forcedDrop' },
      callIdentifier: { guid: callIdentifier },
      answeredCall: false,
    } as const;
    return rasCodec.encode({ kind: 'disengageRequest', value });
  }

  #answerTo(message: H225.RasMessage): H225.RasMessage | undefined {
    const requestSeqNum = 'value' in message && 'requestSeqNum' in message.value ? message.value.requestSeqNum : 0;
    switch (message.kind) {
      case 'gatekeeperRequest': {
        const rasAddress = transport(this);
        return { kind: 'gatekeeperConfirm', value: { requestSeqNum, protocolIdentifier: PROTOCOL, rasAddress } };
      }
      case 'registrationRequest': {
        const { timeToLive } = this;
        const value = { requestSeqNum, protocolIdentifier: PROTOCOL, callSignalAddress: [], timeToLive };
        return { kind: 'registrationConfirm', value: { ...value, endpointIdentifier: 'ours' } };
      }
      case 'admissionRequest': {
        const { sends, callModel } = this;
        if (sends === 'nothing') return undefined;
        if (typeof sends === 'string') {
          return { kind: 'admissionReject', value: { requestSeqNum, rejectReason: { kind: sends } as never } };
        }
        const destCallSignalAddress = transport(sends);
        const value = { requestSeqNum, bandWidth: 1_280, callModel: { kind: callModel }, destCallSignalAddress };
        return { kind: 'admissionConfirm', value };
      }
      case 'disengageRequest':
        return { kind: 'disengageConfirm', value: { requestSeqNum } };
      case 'unregistrationRequest':
        return { kind: 'unregistrationConfirm', value: { requestSeqNum } };
      default:
        return undefined;
    }
  }
}

function transport(at: HostPort): H225.TransportAddress {
  const octets = octetsOfAddress(at);
  if (octets === undefined) throw new Error(`${at.address} is no address`);
  return { kind: 'ipAddress', value: { ip: octets.host, port: octets.port } };
}
