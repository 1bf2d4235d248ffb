import { ByteReader, ByteWriter } from '@trustline/base';
import { decodeElements, type WireElement, type WireResult, writeElements } from '../elements/elements.ts';
import { MessageStream } from '../elements/stream.ts';

/**
 * The commands of CAPF. No standard names them: they are known from two independent implementations, and 1–4, 9, 10
 * and 15 from a real exchange. How ENCRYPT, DECRYPT, STATUS and ABORT are used is not public; they are read and written
 * like the others, and no machine here sends them.
 *
 * How SIGN_CERT is used is not public either. By its name and number a server has a phone sign a request for a certificate,
 * and this is chosen: SIGN_CERT_REQ{DIGEST_TYPE = SHA-256, SIGNED_DATA = CertificationRequestInfo (RFC 2986) in DER};
 * SIGN_CERT_RES{REASON = 1, SHA2_SIGNED_DATA = SHA-256 | length | signature by the key of KEY_GEN_RES}, the signature as a
 * request carries it (PKCS#1 v1.5 with DigestInfo, or ECDSA in DER), or REASON alone from a phone that will not. A server
 * asks only where it cannot do without, and takes any other answer, and none, for a phone that does not know it.
 */
export const capfCommand = {
  AUTH_REQ: 1,
  AUTH_RES: 2,
  KEY_GEN_REQ: 3,
  KEY_GEN_RES: 4,
  ENCRYPT_RES: 5,
  ENCRYPT_REQ: 6,
  DECRYPT_REQ: 7,
  DECRYPT_RES: 8,
  STORE_CERT_REQ: 9,
  STORE_CERT_RES: 10,
  FETCH_CERT_REQ: 11,
  FETCH_CERT_RES: 12,
  DELETE_CERT_REQ: 13,
  DELETE_CERT_RES: 14,
  END_SESSION: 15,
  RETRY_LATER: 16,
  REQ_IN_PROGRESS: 17,
  STATUS_REQ: 18,
  STATUS_RES: 19,
  ABORT_REQ: 20,
  ABORT_RES: 21,
  SIGN_CERT_REQ: 22,
  SIGN_CERT_RES: 23,
} as const;

export type CapfCommandName = keyof typeof capfCommand;

/** One CAPF message: `0x55 | command:u8 | sessionId:u32 | length:u16 | elements`. */
export interface CapfMessage {
  /** One of `capfCommand`, or a number that nobody has named. */
  readonly command: number;
  /** Chosen by the server, repeated by the client. */
  readonly sessionId: number;
  /** In the order of the wire. Read them with `readCapfElements`. */
  readonly elements: readonly WireElement[];
}

const MAGIC = 0x55;

/** Octets before the elements. */
export const CAPF_HEAD = 8;

/** The longest message that is read: a certificate, two signatures of RSA-4096 and names fit twice. */
export const MAX_CAPF_MESSAGE = 16_384;

/** For people and logs: `KEY_GEN_REQ`, or `command 77`. */
export function capfCommandName(command: number): string {
  const named = Object.entries(capfCommand).find(([, number]) => number === command);
  return named?.[0] ?? `command ${command}`;
}

/**
 * Header and body in one piece: send them in one write, because phones stall on a header that comes alone.
 *
 * @throws {RangeError} for a message longer than its length field can say
 */
export function encodeCapfMessage({ command, sessionId, elements }: CapfMessage): Uint8Array {
  const writer = new ByteWriter().u8(MAGIC).u8(command).u32(sessionId).u16(0);
  writeElements(writer, elements);
  const length = writer.length - CAPF_HEAD;
  if (length > 0xffff) throw new RangeError(`a CAPF message has room for 65535 octets, not for ${length}`);
  return writer.setU16(CAPF_HEAD - 2, length).finish();
}

/** Reads exactly one message. */
export function decodeCapfMessage(bytes: Uint8Array): WireResult<CapfMessage> {
  const head = checkHead(bytes.subarray(0, CAPF_HEAD));
  if (!head.ok) return head;
  if (bytes.byteLength < CAPF_HEAD) {
    return { ok: false, code: 'capf.truncated', message: 'the message ends within its head', offset: bytes.byteLength };
  }
  if (bytes.byteLength > MAX_CAPF_MESSAGE) return tooLong(bytes.byteLength);
  const reader = new ByteReader(bytes);
  reader.skip(1);
  const command = reader.u8();
  const sessionId = reader.u32();
  const length = reader.u16();
  if (length !== reader.remaining) {
    const message = `the head says ${length} octets follow, ${reader.remaining} do`;
    return { ok: false, code: 'capf.wrong-length', message, offset: CAPF_HEAD - 2 };
  }
  const elements = decodeElements('capf', reader.take(length), CAPF_HEAD);
  return elements.ok ? { ok: true, value: { command, sessionId, elements: elements.value } } : elements;
}

/** Cuts a stream into CAPF messages. */
export function capfMessageStream(): MessageStream<CapfMessage> {
  return new MessageStream({
    headLength: CAPF_HEAD,
    maxLength: MAX_CAPF_MESSAGE,
    checkHead,
    decode: decodeCapfMessage,
    tooLong,
  });
}

function checkHead([magic]: Uint8Array): WireResult<undefined> {
  if (magic === undefined || magic === MAGIC) return { ok: true, value: undefined };
  const message = `a CAPF message begins with 0x55, not with 0x${magic.toString(16).padStart(2, '0')}`;
  return { ok: false, code: 'capf.not-capf', message, offset: 0 };
}

function tooLong(length: number): WireResult<never> {
  const message = `a message of ${length} octets; at most ${MAX_CAPF_MESSAGE} are read`;
  return { ok: false, code: 'capf.too-long', message, offset: CAPF_HEAD - 2 };
}
