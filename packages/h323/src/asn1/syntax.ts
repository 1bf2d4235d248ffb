/** What of ASN.1 (X.680) the modules of H.323 use, as a tree. Names are as written; nothing is resolved yet. */
export interface AsnModule {
  readonly name: string;
  readonly imports: readonly AsnImport[];
  readonly types: ReadonlyMap<string, AsnTypeAssignment>;
}

export interface AsnImport {
  readonly symbols: readonly string[];
  readonly from: string;
}

export interface AsnTypeAssignment {
  /** Of a parameterized type (X.683): the names of its parameters. */
  readonly parameters: readonly string[];
  readonly type: AsnType;
}

export type CharacterStringName = 'IA5String' | 'NumericString' | 'PrintableString' | 'BMPString' | 'GeneralString';

export type AsnType = AsnShape & { readonly constraint: AsnConstraint };

export type AsnShape =
  | { readonly is: 'BOOLEAN' | 'NULL' | 'INTEGER' | 'OCTET STRING' | 'BIT STRING' | 'OBJECT IDENTIFIER' }
  | { readonly is: 'ENUMERATED'; readonly root: readonly AsnEnumeral[]; readonly additions?: readonly AsnEnumeral[] }
  | { readonly is: 'characters'; readonly of: CharacterStringName }
  | { readonly is: 'SEQUENCE'; readonly root: readonly AsnComponent[]; readonly additions?: readonly AsnAddition[] }
  | { readonly is: 'CHOICE'; readonly root: readonly AsnComponent[]; readonly additions?: readonly AsnComponent[] }
  | { readonly is: 'SEQUENCE OF'; readonly of: AsnType }
  | { readonly is: 'open type'; readonly of: AsnType }
  | { readonly is: 'reference'; readonly name: string; readonly actual: readonly AsnType[] };

export interface AsnEnumeral {
  readonly name: string;
  readonly value: number | undefined;
}

export interface AsnComponent {
  readonly name: string;
  readonly type: AsnType;
  /** OPTIONAL, or a DEFAULT: what PER writes is the same. */
  readonly optional: boolean;
  /** Where one is written: `[n]`. */
  readonly tag: number | undefined;
}

/** One addition, or the components of a group `[[ … ]]`. */
export type AsnAddition = AsnComponent | { readonly group: readonly AsnComponent[] };

/** What PER sees of the constraints of a type (X.691 §10.3); inner and user-defined ones are invisible to it. */
export interface AsnConstraint {
  readonly value?: AsnRange;
  readonly size?: AsnRange;
  /** The permitted characters, in the order written. */
  readonly alphabet?: string;
}

export interface AsnRange {
  /** Absent for MIN. */
  readonly from?: number;
  /** Absent for MAX. */
  readonly to?: number;
  readonly extensible: boolean;
}
