/**
 * A schema as plain data: what a codec of the packed encoding rules must know of each type of an ASN.1 module, and no
 * more. The tables of `src/generated` are made from the modules by `npm run build:asn1`.
 */
export interface ModuleTable {
  /** As ASN.1 names it, for instance `H323-MESSAGES`. */
  readonly module: string;
  readonly types: Readonly<Record<string, TypeTable>>;
}

export type TypeTable =
  | { readonly is: 'boolean' | 'null' | 'oid' }
  /** Bounds are inclusive; an absent one is MIN or MAX. */
  | { readonly is: 'integer'; readonly from?: number; readonly to?: number; readonly extensible?: true }
  /** Names in the order of their values; `additions` are those after the extension marker. */
  | { readonly is: 'enumerated'; readonly names: readonly string[]; readonly additions?: readonly string[] }
  | { readonly is: 'octets' | 'bits'; readonly size?: SizeTable; readonly secret?: true }
  | {
      readonly is: 'characters';
      readonly of: 'IA5String' | 'NumericString' | 'PrintableString' | 'BMPString' | 'GeneralString';
      readonly size?: SizeTable;
      /** The permitted characters, ascending, where a constraint limits them. */
      readonly alphabet?: string;
      readonly secret?: true;
    }
  | {
      readonly is: 'sequence';
      readonly fields: readonly FieldTable[];
      /** There, even empty, where the type has an extension marker. */
      readonly additions?: readonly AdditionTable[];
    }
  | { readonly is: 'choice'; readonly alternatives: readonly NamedTable[]; readonly additions?: readonly NamedTable[] }
  | { readonly is: 'list'; readonly of: TypeTable; readonly size?: SizeTable; readonly secret?: true }
  /** A complete encoding of another type, with its length before it. */
  | { readonly is: 'open'; readonly of: TypeTable }
  /** A named type, of this module unless another is named. */
  | { readonly is: 'ref'; readonly type: string; readonly module?: string };

export interface NamedTable {
  readonly name: string;
  readonly of: TypeTable;
}

export interface FieldTable extends NamedTable {
  /** OPTIONAL or DEFAULT. */
  readonly optional?: true;
}

/** One addition, or several that come and go together (`[[ … ]]`). */
export type AdditionTable = NamedTable | { readonly group: readonly FieldTable[] };

/** Least and greatest length, inclusive; no greatest is MAX. */
export type SizeTable = readonly [least: number, greatest?: number];
