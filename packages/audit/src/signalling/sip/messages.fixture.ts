import type { TransportAddress } from '@trustline/capture';
import { clear, type Exposure } from '../../model/exposure.ts';
import type { CallLeg } from '../../model/leg.ts';
import { Observations } from '../../model/observations.ts';
import type { DatagramReader } from '../reader.ts';
import { SipBook, type SipLosses } from './book.ts';
import { sipReaders } from './readers.ts';

export const alice: TransportAddress = { address: '192.0.2.10', port: 5060 };
export const proxy: TransportAddress = { address: '192.0.2.1', port: 5060 };
export const bob: TransportAddress = { address: '192.0.2.20', port: 5060 };

/** A message as it goes over the network: lines with CRLF, Content-Length where it has none. */
export function wire(head: string, body = ''): string {
  const lines = head.trim().split('\n');
  const octets = body.trim() === '' ? '' : `${body.trim().split('\n').join('\r\n')}\r\n`;
  const hasLength = lines.some((line) => /^(content-length|l)\s*:/i.test(line));
  if (!hasLength) lines.push(`Content-Length: ${new TextEncoder().encode(octets).length}`);
  return `${lines.join('\r\n')}\r\n\r\n${octets}`;
}

/** Plays datagrams, half a second apart, into a new book. */
export class Ear {
  readonly observations = new Observations();
  #reader: DatagramReader;
  #number = 0;

  constructor(exposure: Exposure = clear) {
    this.#reader = this.#open(exposure);
  }

  /** What comes from now on lies open so. */
  within(exposure: Exposure): this {
    this.#reader = this.#open(exposure);
    return this;
  }

  #open(exposure: Exposure): DatagramReader {
    const reader = sipReaders.openDatagrams?.({ observations: this.observations, exposure });
    if (reader === undefined) throw new Error('SIP is read in datagrams');
    return reader;
  }

  hear(from: TransportAddress, to: TransportAddress, message: string, microsecondsLater = 500_000): this {
    return this.hearOctets(from, to, new TextEncoder().encode(message), microsecondsLater);
  }

  hearOctets(from: TransportAddress, to: TransportAddress, octets: Uint8Array, microsecondsLater = 500_000): this {
    this.#number++;
    this.#microseconds += microsecondsLater;
    const place = { number: this.#number, microseconds: this.#microseconds };
    this.#reader.datagram(from, to, octets, place, false);
    return this;
  }

  #microseconds = 0;

  losses(): SipLosses {
    return SipBook.of(this.observations).losses();
  }

  /** The only leg. */
  get leg(): CallLeg {
    const [leg, ...others] = this.observations.legs();
    if (leg === undefined || others.length > 0) throw new Error(`there are ${others.length + 1} legs or none`);
    return leg;
  }
}

/** The lines that every message of a call has. */
export function request(method: string, cseq: number, more = '', body = ''): string {
  return wire(
    `${method} sip:1002@192.0.2.20:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-${method}-${cseq};rport
Max-Forwards: 70
From: "Alice" <sip:1001@pbx.example>;tag=a1
To: <sip:1002@pbx.example>${method === 'INVITE' && cseq === 1 ? '' : ';tag=b1'}
Call-ID: call-1@192.0.2.10
CSeq: ${cseq} ${method}${more === '' ? '' : `\n${more.trim()}`}`,
    body,
  );
}

export function response(status: string, method: string, cseq: number, more = '', body = ''): string {
  return wire(
    `SIP/2.0 ${status}
Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-${method}-${cseq};rport=5060;received=192.0.2.10
From: "Alice" <sip:1001@pbx.example>;tag=a1
To: <sip:1002@pbx.example>;tag=b1
Call-ID: call-1@192.0.2.10
CSeq: ${cseq} ${method}${more === '' ? '' : `\n${more.trim()}`}`,
    body,
  );
}

export const sdpType = 'Content-Type: application/sdp';

export function sdp(address: string, media: string): string {
  return `v=0
o=- 3800000001 1 IN IP4 ${address}
s=-
c=IN IP4 ${address}
t=0 0
${media}`;
}
