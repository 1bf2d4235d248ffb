import { nodeCrypto } from '@trustline/srtp/node';
import { MediaStreams } from '../src/media/media-streams.ts';
import { datagramsOf, encodings, flowOf, keyOf, senderOf } from '../src/media/streams.fixture.ts';
import { Observations } from '../src/model/observations.ts';
import { noise, speechLike } from '../src/signal/signals.fixture.ts';

// Nanoseconds that one packet of 20 ms takes from its datagram on, of calls of a minute one after the other.
// Time of the processor: what others do on the machine counts less.

const SECONDS = 60;
const CALLS = 40;
const ROUNDS = 5;

const speech = encodings.pcmu(speechLike(3, SECONDS * 8_000));
const kinds: Readonly<Record<string, readonly Uint8Array[]>> = {
  'G.711, clear speech': datagramsOf({ payloads: speech }),
  'G.711, clear noise': datagramsOf({ payloads: encodings.pcmu(noise(5, SECONDS * 8_000)) }),
  'G.722, clear speech': datagramsOf({ payloads: encodings.g722(speechLike(4, SECONDS * 16_000)), payloadType: 9 }),
  'SRTP without a key': datagramsOf({ payloads: speech, sender: senderOf(keyOf('AES_CM_128_HMAC_SHA1_80')) }),
};

function listen(datagrams: readonly Uint8Array[]): number {
  const media = new MediaStreams({ observations: new Observations(), crypto: nodeCrypto });
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call++) {
    const watch = media.watch(flowOf({ address: '192.0.2.1', port: 10_000 + 2 * call }));
    for (const [at, datagram] of datagrams.entries())
      watch.datagram(datagram, { number: at, microseconds: 20_000 * at });
  }
  const took = process.cpuUsage(before).user;
  if (media.streams().length !== CALLS) throw new Error('some call was not heard');
  media.close();
  return (1_000 * took) / (CALLS * datagrams.length);
}

for (const [name, datagrams] of Object.entries(kinds)) {
  const nanoseconds = Array.from({ length: ROUNDS }, () => listen(datagrams)).toSorted((a, b) => a - b);
  console.log(`${name.padEnd(24)} ${Math.round(nanoseconds[ROUNDS >> 1] ?? 0)} ns`);
}
