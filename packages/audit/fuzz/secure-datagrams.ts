import { KeyMaterial } from '../src/keys/key-material.ts';
import { DtlsReader } from '../src/secure-transport/dtls/dtls-reader.ts';
import { EspReader } from '../src/secure-transport/ipsec/esp-reader.ts';
import { IkeReader } from '../src/secure-transport/ipsec/ike-reader.ts';
import { readChannelData, readStunMessage } from '../src/secure-transport/stun/stun-message.ts';
import { StunStream } from '../src/secure-transport/stun/stun-stream.ts';
import { TlsSecrets } from '../src/secure-transport/tls/secrets.ts';

/** Cuts the octets into datagrams, the length of each in front of it, and has every reader of such read all of them. */
export function fuzz(data: Uint8Array): void {
  const [dtls, ike, esp] = [new DtlsReader(new TlsSecrets(new KeyMaterial())), new IkeReader(), new EspReader()];
  const stream = new StunStream(() => {});
  let number = 0;
  for (let at = 0; at < data.byteLength; ) {
    const length = data[at] ?? 0;
    const datagram = data.subarray(at + 1, at + 1 + length);
    const place = { number: ++number, microseconds: 0 };
    dtls.datagram(number % 2 === 0 ? 'server' : 'client', datagram, place);
    ike.datagram(datagram, place);
    for (const { octets } of esp.packet(datagram, '192.0.2.1', '192.0.2.2', place)) {
      if (octets.byteLength > datagram.byteLength + 20) throw new Error('more was within than was there');
    }
    readStunMessage(datagram);
    readChannelData(datagram);
    stream.push(datagram);
    at += 1 + length;
  }
  dtls.facts();
  dtls.srtpKeys();
  ike.facts();
  esp.facts();
}
