import { notEncodable } from './fault.ts';

/** An alternative of a CHOICE that only a newer version of the module knows, as it came. */
export interface UnknownAlternative {
  readonly kind: '...';
  /** Among the alternatives after the extension marker, from 0. */
  readonly index: number;
  /** A complete encoding. */
  readonly octets: Uint8Array;
}

/**
 * What a SEQUENCE had beyond its known fields, under the name `'...'`. Its only use is to write the same octets again;
 * it is absent where there is nothing to say.
 */
export interface ExtensionRest {
  /** How many presence bits the sender wrote, where that is more than up to its last addition. */
  readonly width?: number;
  readonly unknown?: readonly UnknownAddition[];
}

/** An addition that only a newer version of the module knows, as it came. */
export interface UnknownAddition {
  /** Among the additions after the extension marker, from 0. */
  readonly index: number;
  /** A complete encoding. */
  readonly octets: Uint8Array;
}

/** Throws unless this can stand for an addition or alternative beyond the `known` ones. */
export function checkUnknown(value: object, known: number): asserts value is UnknownAddition {
  const { index, octets } = value as Partial<UnknownAddition>;
  if (typeof index !== 'number' || !Number.isInteger(index) || index < known || index > 0xffff_ffff) {
    notEncodable(`an unknown extension has an index from ${known} on`);
  }
  if (!(octets instanceof Uint8Array)) notEncodable('an unknown extension without octets');
}
