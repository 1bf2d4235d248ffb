import { CallMedia } from '../src/call/call-media.ts';
import { clearKeys } from '../src/index.ts';

const key = (fill: string) => fill.repeat(40);

const descriptions = [
  `m=audio 6000 RTP/SAVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key('A')}\r\n`,
  `m=audio 6000 RTP/SAVP 0\r\na=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:${key('B')}\r\na=sendonly\r\n`,
  'm=audio 6000 RTP/AVP 8\r\n',
  'm=audio 0 RTP/SAVP 8\r\n',
  'm=video 7000 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 0\r\na=rtcp:9 IN IP4 192.0.2.8\r\n',
].map((media) => `v=0\r\no=- 5 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n${media}`);

/** Descriptions, each after octets that choose what is done with it. */
export function corpus(): Uint8Array[] {
  return descriptions.flatMap((text) =>
    [0, 1, 2, 3].map((first) => Uint8Array.of(first, ...new TextEncoder().encode(text))),
  );
}

/**
 * A far end says what it likes, as offer and as answer, to phones of every policy: nothing throws, `require` never agrees on a
 * clear stream, and keys that are agreed on are those of both directions.
 */
export function fuzz(data: Uint8Array): void {
  const [choice = 0] = data;
  const sdp = data.subarray(1);
  for (const security of ['require', 'prefer', 'clear'] as const) {
    let count = 0;
    const media = new CallMedia(
      { address: '192.0.2.1', port: 40_000 },
      {
        security,
        suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
        signallingIsProtected: true,
        random: (length) => {
          count += 1;
          return new Uint8Array(length).fill(count);
        },
      },
    );
    const started = choice & 2 ? media.answer(new TextEncoder().encode(descriptions[0])) : undefined;
    if (choice & 1) media.offer();
    const outcome = choice & 1 ? media.takeAnswer(sdp) : media.answer(sdp);
    media.offer({ newKeys: true });
    for (const one of [started, outcome]) {
      const protection = one !== undefined && 'media' in one ? one.media?.agreement.protection : undefined;
      if (protection === undefined) continue;
      if (protection === 'clear') {
        if (security === 'require') throw new Error('`require` became clear');
        continue;
      }
      if (security === 'clear') throw new Error('`clear` became protected');
      const { send, receive } = protection;
      if (send === undefined || receive === undefined) throw new Error('a direction has no key');
      if (send.fingerprint === receive.fingerprint) throw new Error('both directions have one key');
      if (send.masterKeys.some(({ key }) => key.every((octet) => octet === 0))) throw new Error('a key of zeros');
      clearKeys(send);
    }
    media.close();
  }
}
