/** What a frame is a tunnel or a carrier for, from the outside inwards. */
export type Encapsulation =
  | 'VLAN'
  | 'MPLS'
  | 'PPPoE'
  | 'GRE'
  | 'ERSPAN'
  | 'VXLAN'
  | 'HEP'
  | 'IP in IP'
  | 'authentication header';

/**
 * How far a frame was taken apart:
 *
 * - `udp`, `tcp`: down to the payload of one.
 * - `ip`: another protocol, which `protocol` names by its number (IANA).
 * - `fragment`: part of an IP packet; `payload` is that part.
 * - `not-ip`: ARP, spanning tree, LLDP.
 * - `cut`: the capture kept too little of the frame, or a header claims more than there is.
 * - `unknown-link-type`: the frame is of a link layer that is not read.
 * - `too-deep`: more layers within each other than anybody needs.
 */
export type DissectionKind = 'udp' | 'tcp' | 'ip' | 'fragment' | 'not-ip' | 'cut' | 'unknown-link-type' | 'too-deep';

/**
 * One packet, taken apart. It is filled in anew for each, so that nothing is allocated for one; whoever keeps something copies
 * it. Addresses and payload are places within `bytes`, among which the frame stands; for what was put together from fragments
 * they are others. No checksum is looked at: cards fill them in after the capture, and wrong ones are common.
 */
export class Dissection {
  kind: DissectionKind = 'cut';
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** 4 or 16 octets; 0 where there is no IP. */
  addressLength = 0;
  sourceAt = 0;
  destinationAt = 0;
  /** The number of the protocol above IP (IANA). */
  protocol = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** Where the payload begins and ends: of UDP or TCP, of IP for others and fragments. */
  payloadAt = 0;
  end = 0;
  /** The headers are whole, but the capture kept less of the payload than was sent. */
  isCut = false;
  /** Of TCP (RFC 9293 §3.1). */
  sequence = 0;
  acknowledgement = 0;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  tcpFlags = 0;
  /** Of a fragment: what tells its packet from others, where it belongs in octets, and whether more follow. */
  fragmentIdentification = 0;
  fragmentOffset = 0;
  moreFragments = false;
  /** What it came in, from the outside inwards; the same array for each packet. */
  readonly encapsulations: Encapsulation[] = [];
  /** A number of the tunnel (VXLAN, MPLS label, ERSPAN session, VLAN), so that equal addresses of two of them stay apart. */
  tunnel = 0;

  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadAt, this.end);
  }

  /** To take another frame apart. */
  begin(bytes: Uint8Array, from = 0, to: number = bytes.byteLength): void {
    this.kind = 'cut';
    if (this.bytes !== bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.addressLength = 0;
    this.isCut = false;
    this.tunnel = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.payloadAt = from;
    this.end = to;
    if (this.encapsulations.length > 0) this.encapsulations.length = 0;
  }
}
