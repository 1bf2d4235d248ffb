const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The suite that every phone takes (RFC 4568 §6.2.1), and the length of its key with salt. */
const suite = 'AES_CM_128_HMAC_SHA1_80';
const keyLength = 30;
const offeredSuite = new RegExp(`^a=crypto:(\\d+) ${suite} `, 'm');

/** Session descriptions of one audio stream, each with a fresh key: a manager refuses one it has seen in another call. */
export class LoadDescriptions {
  readonly #random: (length: number) => Uint8Array;

  constructor(random: (length: number) => Uint8Array) {
    this.#random = random;
  }

  offer(host: string, secure: boolean): Uint8Array {
    return this.#describe(host, secure ? '1' : undefined);
  }

  /** With a key of our own where the offer has one, else without. */
  answer(host: string, offer: Uint8Array | undefined): Uint8Array {
    const tag = offer === undefined ? undefined : offeredSuite.exec(decoder.decode(offer))?.[1];
    return this.#describe(host, tag);
  }

  #describe(host: string, cryptoTag: string | undefined): Uint8Array {
    const isSecure = cryptoTag !== undefined;
    const key = isSecure ? Buffer.from(this.#random(keyLength)).toString('base64') : '';
    const lines = [
      'v=0',
      `o=- 1 1 IN IP4 ${host}`,
      's=-',
      `c=IN IP4 ${host}`,
      't=0 0',
      `m=audio 40000 ${isSecure ? 'RTP/SAVP' : 'RTP/AVP'} 0 101`,
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      ...(isSecure ? [`a=crypto:${cryptoTag} ${suite} inline:${key}`] : []),
      'a=sendrecv',
      '',
    ];
    return encoder.encode(lines.join('\r\n'));
  }
}
