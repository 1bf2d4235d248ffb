import { H323Error, type H323ErrorCode } from '../error.ts';

/**
 * Thrown within the codec and nowhere else: without a stack, because garbage from the network is to cost little. On its
 * way out each SEQUENCE, CHOICE and list adds where it was.
 */
export class PerFault {
  readonly code: H323ErrorCode;
  readonly text: string;
  /** Absolute position in the octets that were read; -1 on writing. */
  readonly position: number;
  /** From the inside to the outside. */
  readonly path: string[] = [];

  constructor(code: H323ErrorCode, text: string, position = -1) {
    this.code = code;
    this.text = text;
    this.position = position;
  }

  /** The error that the caller of the codec gets for `type`. */
  toError(type: string): H323Error {
    const where = [type, ...this.path.toReversed()].join('.');
    if (this.position < 0) return new H323Error(this.code, `${where}: ${this.text}`);
    const offset = this.position >>> 3;
    const bit = this.position & 7;
    return new H323Error(this.code, `${where}: ${this.text} (octet ${offset}, bit ${bit})`, { offset, bit });
  }
}

/** Adds where a fault was, and throws it on; anything else is thrown on as it is. */
export function rethrowAt(error: unknown, place: string): never {
  if (error instanceof PerFault) error.path.push(place);
  throw error;
}

/** A value that cannot be written. Values are not shown: they may be secret. */
export function notEncodable(text: string): never {
  throw new PerFault('h323.not-encodable', text);
}
