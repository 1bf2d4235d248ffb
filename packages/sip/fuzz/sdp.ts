import { mediaDirection, packetTime, rtcpAddress, rtpMaps } from '../src/sdp/attributes.ts';
import { checkAnswer, createAnswer, hold, type LocalSession, nextDescription } from '../src/sdp/offer-answer.ts';
import { parseSdp } from '../src/sdp/parse.ts';
import { formatSdp } from '../src/sdp/serialize.ts';

const LOCAL: LocalSession = {
  origin: {
    username: '-',
    sessionId: '1',
    sessionVersion: '1',
    networkType: 'IN',
    addressType: 'IP4',
    address: '192.0.2.1',
  },
  connection: { networkType: 'IN', addressType: 'IP4', address: '192.0.2.1' },
};

/** A body from a stranger: what is read writes and reads back the same, can be answered, and the answer fits. */
export function fuzz(data: Uint8Array): void {
  const result = parseSdp(data);
  if (!result.ok) return;
  const { session } = result;
  const written = formatSdp(session);
  const again = parseSdp(written);
  if (!again.ok || formatSdp(again.session) !== written)
    throw new Error('What was written reads back as something else');
  for (const media of session.media) {
    mediaDirection(session, media);
    packetTime(media);
    rtcpAddress(session, media);
  }
  const answer = createAnswer(session, LOCAL, (offered) => ({
    type: offered.type,
    port: 4_000,
    protocol: offered.protocol,
    codecs: rtpMaps(offered),
    direction: 'sendrecv',
  }));
  const problem = checkAnswer(session, answer);
  if (problem !== undefined) throw problem;
  nextDescription(answer, hold(answer));
}
