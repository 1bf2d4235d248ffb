import { clear } from '../src/model/exposure.ts';
import { Observations } from '../src/model/observations.ts';
import { mgcpReaders } from '../src/signalling/mgcp/readers.ts';
import type { SignallingProtocolReaders } from '../src/signalling/reader.ts';
import { SipBook } from '../src/signalling/sip/book.ts';
import { sipReaders } from '../src/signalling/sip/readers.ts';
import { webSocketReaders } from '../src/signalling/websocket/readers.ts';

const client = { address: '192.0.2.1', port: 5060 };
const server = { address: '192.0.2.2', port: 5060 };
const encode = (text: string) => [...new TextEncoder().encode(text)];

/** One small sample of each way in which messages come. */
export function corpus(): Uint8Array[] {
  const head = 'From: <sip:1@a>;tag=1\r\nTo: <sip:2@a>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n';
  const sdp = 'v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:';
  const body = `${sdp}${'A'.repeat(40)}\r\n`;
  const invite = `INVITE sip:2@a SIP/2.0\r\n${head}Content-Type: application/sdp\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const multipart = `INVITE sip:2@a SIP/2.0\r\n${head}Content-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\n\r\n${body}\r\n--b--`;
  const digest = `REGISTER sip:a SIP/2.0\r\n${head}Authorization: Digest username="u",realm="r",nonce="n",response="${'0'.repeat(32)}"\r\n\r\n`;
  const mgcp = `CRCX 1 e@g MGCP 1.0\r\nC: 1\r\nM: sendrecv\r\n\r\n${body}\r\n.\r\n200 1 OK\r\n`;
  const request = encode(`SIP/2.0 200 OK\r\n${head}\r\n`);
  return [
    Uint8Array.of(0, 200, ...encode(invite)),
    Uint8Array.of(0, 200, ...encode(multipart)),
    Uint8Array.of(0, 200, ...encode(digest)),
    Uint8Array.of(1, 40, ...encode(invite + digest)),
    Uint8Array.of(2, 60, 0x82, 0xfe, 0, request.length, 0, 0, 0, 0, ...request),
    Uint8Array.of(3, 250, ...encode(mgcp)),
  ];
}

/**
 * The first octet chooses how the others come, the second how they are cut: into datagrams, or into segments of both
 * sides, some of which are lost. Whatever they say, nothing throws, and no more is kept than is stated.
 */
export function fuzz(data: Uint8Array): void {
  const observations = new Observations({ legs: 50, disclosures: 50 });
  const [way = 0, length = 0] = data;
  const pieces = cut(data.subarray(2), 1 + length * 2);
  const readers = [sipReaders, sipReaders, webSocketReaders, mgcpReaders][way & 3] ?? sipReaders;
  for (const piece of pieces) readers.recogniseDatagram?.(piece);
  readers.recogniseConnection?.(data.subarray(2));
  if ((way & 1) === 0 && readers.openDatagrams !== undefined) datagrams(readers, pieces, observations);
  else if (readers.openConnection !== undefined) connection(readers, pieces, way, observations);
  else datagrams(readers, pieces, observations);
  check(observations, data.length);
}

function cut(octets: Uint8Array, length: number): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < octets.length; at += length) pieces.push(octets.subarray(at, at + length));
  return pieces;
}

function datagrams(
  { openDatagrams }: SignallingProtocolReaders,
  pieces: readonly Uint8Array[],
  observations: Observations,
): void {
  const reader = openDatagrams?.({ observations, exposure: clear });
  for (const [at, piece] of pieces.entries()) {
    const [from, to] = at % 2 === 0 ? [client, server] : [server, client];
    reader?.datagram(from, to, piece, { number: at + 1, microseconds: at * 500_000 }, at % 3 === 0);
  }
}

function connection(
  { openConnection }: SignallingProtocolReaders,
  pieces: readonly Uint8Array[],
  way: number,
  observations: Observations,
): void {
  const reader = openConnection?.({ observations, exposure: clear, client, server });
  for (const [at, piece] of pieces.entries()) {
    const place = { number: at + 1, microseconds: at };
    const side = (way & 4) !== 0 && at % 5 === 4 ? 'server' : 'client';
    if ((way & 8) !== 0 && at % 7 === 6) reader?.gap(side, piece.length, place);
    else reader?.data(side, piece, place);
  }
  for (const side of ['client', 'server'] as const) reader?.ended(side, { number: pieces.length + 1, microseconds: 0 });
}

function check(observations: Observations, octets: number): void {
  if (SipBook.of(observations).held.used > 2 * 32_768)
    throw new Error('octets are held of connections that have ended');
  for (const { caller, called, identity, messages, descriptions, digits } of observations.legs()) {
    for (const text of [...Object.values(caller), ...Object.values(called), identity]) {
      if (text.length > 256 + 64) throw new Error('a name is longer than is stated');
    }
    if (messages.length + digits.length > octets) throw new Error('more messages were read than can be there');
    for (const { keys, receives, codecs } of descriptions) {
      if (!(receives.port >= 0 && receives.port < 65_536)) throw new Error('a port that there is not');
      if (keys.length > 32 * 16 || codecs.length > 64) throw new Error('more was kept than is stated');
    }
  }
}
