import { ByteReader, ByteWriter } from '@trustline/base';
import {
  decodeElements,
  type ElementForm,
  type ElementValues,
  numberForm,
  octetForm,
  octetsForm,
  type ReadableForms,
  readElements,
  type WireElement,
  type WireResult,
  writeElements,
} from '../elements/elements.ts';
import { MessageStream } from '../elements/stream.ts';

/** The commands of TVS; the names of 3 and 4 are those of a call manager's own trace. */
export const tvsCommand = { VERIFY_REQ: 1, VERIFY_RES: 2, QUERY_CERT_REQ: 3, QUERY_CERT_RES: 4 } as const;

/**
 * One TVS message: `0x57 | version:u8 | command:u8 | pad:u8 | sessionId:u32 | length:u16 | elements`.
 * `pad` is 0 from phones and 0xF7 from a call manager; nobody reads it.
 */
export interface TvsMessage {
  readonly command: number;
  readonly pad: number;
  readonly sessionId: number;
  readonly elements: readonly WireElement[];
}

const MAGIC = 0x57;
const VERSION = 1;

/** Octets before the elements. */
export const TVS_HEAD = 10;

/** The longest message that is read: a certificate and names fit many times over. */
export const MAX_TVS_MESSAGE = 16_384;

/** The element's octets: 1, then the name without a NUL. What the 1 stands for is not public. */
const device: ElementForm<string> = {
  tag: 1,
  name: 'device',
  encode: (name) => new ByteWriter(name.length + 1).u8(1).bytes(new TextEncoder().encode(name)).finish(),
  decode: (value) => {
    const name = value.subarray(1);
    const isText = name.byteLength > 0 && name.every((octet) => octet >= 0x20 && octet < 0x7f);
    return value[0] === 1 && isText ? new TextDecoder().decode(name) : undefined;
  },
};

/** Distinguished names may hold letters of any language. */
function nameForm(tag: number, name: string): ElementForm<string> {
  return {
    tag,
    name,
    encode: (text) => new Uint8Array([...new TextEncoder().encode(text), 0]),
    decode: (value) => {
      const text = value.at(-1) === 0 ? value.subarray(0, -1) : value;
      if (text.byteLength === 0 || text.includes(0)) return undefined;
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
      } catch {
        return undefined;
      }
    },
  };
}

/**
 * The elements of TVS. The tags of issuer and serial number (4, 5) are inferred from the lengths of a real query,
 * which fit in no other way; 6 is unknown.
 */
export const tvsElement = {
  device,
  certificate: octetsForm(2, 'certificate'),
  subject: nameForm(3, 'subject'),
  issuer: nameForm(4, 'issuer'),
  serialNumber: octetsForm(5, 'serial number'),
  /** 0 valid, 1 invalid. */
  status: octetForm(7, 'status'),
  /** One octet for each role, numbered as in a trust list. */
  roles: { tag: 8, name: 'roles', encode: (value: Uint8Array) => value, decode: (value: Uint8Array) => value },
  /** Seconds for which the answer may be remembered. */
  timeToLive: numberForm(9, 'time to live', 4),
} as const;

/** Picks elements out of a message, each at most once. */
export function readTvsElements<const F extends ReadableForms>(
  message: TvsMessage,
  forms: F,
): WireResult<ElementValues<F>> {
  return readElements('tvs', message.elements, TVS_HEAD, forms);
}

/** @throws {RangeError} for a message longer than its length field can say */
export function encodeTvsMessage({ command, pad, sessionId, elements }: TvsMessage): Uint8Array {
  const writer = new ByteWriter().u8(MAGIC).u8(VERSION).u8(command).u8(pad).u32(sessionId).u16(0);
  writeElements(writer, elements);
  const length = writer.length - TVS_HEAD;
  if (length > 0xffff) throw new RangeError(`a TVS message has room for 65535 octets, not for ${length}`);
  return writer.setU16(TVS_HEAD - 2, length).finish();
}

/** Reads exactly one message. */
export function decodeTvsMessage(bytes: Uint8Array): WireResult<TvsMessage> {
  const head = checkHead(bytes.subarray(0, TVS_HEAD));
  if (!head.ok) return head;
  if (bytes.byteLength < TVS_HEAD) {
    return { ok: false, code: 'tvs.truncated', message: 'the message ends within its head', offset: bytes.byteLength };
  }
  if (bytes.byteLength > MAX_TVS_MESSAGE) return tooLong(bytes.byteLength);
  const reader = new ByteReader(bytes);
  reader.skip(2);
  const command = reader.u8();
  const pad = reader.u8();
  const sessionId = reader.u32();
  const length = reader.u16();
  if (length !== reader.remaining) {
    const message = `the head says ${length} octets follow, ${reader.remaining} do`;
    return { ok: false, code: 'tvs.wrong-length', message, offset: TVS_HEAD - 2 };
  }
  const elements = decodeElements('tvs', reader.take(length), TVS_HEAD);
  return elements.ok ? { ok: true, value: { command, pad, sessionId, elements: elements.value } } : elements;
}

/** Cuts a stream into TVS messages. */
export function tvsMessageStream(): MessageStream<TvsMessage> {
  return new MessageStream({
    headLength: TVS_HEAD,
    maxLength: MAX_TVS_MESSAGE,
    checkHead,
    decode: decodeTvsMessage,
    tooLong,
  });
}

function checkHead([magic, version]: Uint8Array): WireResult<undefined> {
  if (magic !== undefined && magic !== MAGIC) {
    const message = `a TVS message begins with 0x57, not with 0x${magic.toString(16).padStart(2, '0')}`;
    return { ok: false, code: 'tvs.not-tvs', message, offset: 0 };
  }
  if (version !== undefined && version !== VERSION) {
    return { ok: false, code: 'tvs.unknown-version', message: `version ${version} is not known, only 1`, offset: 1 };
  }
  return { ok: true, value: undefined };
}

function tooLong(length: number): WireResult<never> {
  const message = `a message of ${length} octets; at most ${MAX_TVS_MESSAGE} are read`;
  return { ok: false, code: 'tvs.too-long', message, offset: TVS_HEAD - 2 };
}
