import { SipError } from '../error.ts';
import type { SdpAttribute, SdpBandwidth, SdpConnection, SessionDescription } from './types.ts';

const ENCODER = new TextEncoder();

/**
 * The octets of a session description, in the order RFC 8866 §9 gives.
 *
 * @throws {SipError} `sip.unsafe-value` for CR, LF or NUL in any value, which would begin a line of its own.
 */
export function serializeSdp(session: SessionDescription): Uint8Array {
  return ENCODER.encode(formatSdp(session));
}

/** As `serializeSdp`, as text. */
export function formatSdp(session: SessionDescription): string {
  const lines: string[] = [];
  const { origin } = session;
  lines.push(
    'v=0',
    `o=${origin.username} ${origin.sessionId} ${origin.sessionVersion} ${origin.networkType} ${origin.addressType} ${origin.address}`,
    `s=${session.name}`,
  );
  if (session.information !== undefined) lines.push(`i=${session.information}`);
  if (session.uri !== undefined) lines.push(`u=${session.uri}`);
  for (const email of session.emails) lines.push(`e=${email}`);
  for (const phone of session.phones) lines.push(`p=${phone}`);
  if (session.connection !== undefined) lines.push(connectionLine(session.connection));
  for (const bandwidth of session.bandwidths) lines.push(bandwidthLine(bandwidth));
  for (const time of session.times) {
    lines.push(`t=${time.start} ${time.stop}`);
    for (const repeat of time.repeats) lines.push(`r=${repeat}`);
    if (time.zone !== undefined) lines.push(`z=${time.zone}`);
  }
  if (session.key !== undefined) lines.push(`k=${session.key}`);
  for (const attribute of session.attributes) lines.push(attributeLine(attribute));
  for (const media of session.media) {
    const port = media.portCount === undefined ? `${media.port}` : `${media.port}/${media.portCount}`;
    lines.push(`m=${media.type} ${port} ${media.protocol} ${media.formats.join(' ')}`);
    if (media.information !== undefined) lines.push(`i=${media.information}`);
    for (const connection of media.connections) lines.push(connectionLine(connection));
    for (const bandwidth of media.bandwidths) lines.push(bandwidthLine(bandwidth));
    if (media.key !== undefined) lines.push(`k=${media.key}`);
    for (const attribute of media.attributes) lines.push(attributeLine(attribute));
  }
  for (const line of lines) {
    if (line.includes('\r') || line.includes('\n') || line.includes('\0')) {
      throw new SipError('sip.unsafe-value', `A value of ${line.slice(0, 2)} holds CR, LF or NUL`);
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

function connectionLine({ networkType, addressType, address }: SdpConnection): string {
  return `c=${networkType} ${addressType} ${address}`;
}

function bandwidthLine({ type, value }: SdpBandwidth): string {
  return `b=${type}:${value}`;
}

function attributeLine({ name, value }: SdpAttribute): string {
  return value === undefined ? `a=${name}` : `a=${name}:${value}`;
}
