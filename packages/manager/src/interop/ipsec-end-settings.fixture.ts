/** What an end of calls over IPsec is told. DER is in base64. */
export interface IpsecEndSettings {
  /** Whether it calls; the other waits to be called. */
  readonly calls: boolean;
  readonly folder: string;
  readonly address: string;
  readonly mediaAddress: string;
  readonly identity: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly authority: string;
  readonly peer: string;
  readonly peerAddress: string;
  readonly peerIdentity: string;
  /** One for each call that it will have. */
  readonly sockets: number;
  readonly callMilliseconds: number;
}

/** Packets of media of a call in each direction, and what is in each: to be found nowhere on a wire. */
export const PACKETS = 15;
export const speech = Buffer.from('what two people say to each other '.repeat(5).slice(0, 160));
