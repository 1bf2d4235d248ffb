/** Messages that the tests of this folder begin from. */

export const session = [
  'v=0',
  'o=- 20518 1 IN IP4 203.0.113.1',
  's=-',
  'c=IN IP4 203.0.113.1',
  't=0 0',
  'm=audio 54400 RTP/SAVP 0 8 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  'a=sendrecv',
  '',
].join('\r\n');

export const options = [
  'OPTIONS sip:1002@pbx.example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.11:5060;branch=z9hG4bK776asdhds;rport',
  'Max-Forwards: 70',
  'From: "Alice" <sip:1001@pbx.example.com>;tag=1928301774',
  'To: <sip:1002@pbx.example.com>',
  'Call-ID: a84b4c76e66710@192.0.2.11',
  'CSeq: 314159 OPTIONS',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

/** What a phone sends to call another: 13 headers and a session description. */
export const invite = [
  'INVITE sips:1002@pbx.example.com SIP/2.0',
  'Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bK776asdhds;rport',
  'Max-Forwards: 70',
  'To: <sips:1002@pbx.example.com>',
  'From: "Alice" <sips:1001@pbx.example.com>;tag=1928301774',
  'Call-ID: a84b4c76e66710@192.0.2.11',
  'CSeq: 314159 INVITE',
  'Contact: <sips:1001@192.0.2.11:5061>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-001122334455>"',
  'User-Agent: Example/1.0',
  'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE',
  'Supported: replaces, timer, path, outbound',
  'Content-Type: application/sdp',
  `Content-Length: ${session.length}`,
  '',
  session,
].join('\r\n');

/** Samples are ASCII or UTF-8 text. */
export function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
