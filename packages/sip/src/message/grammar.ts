/**
 * The lexical layer of RFC 3261 §25.1: character classes by table, and a reader over one
 * (already unfolded) header value. Nothing here uses regular expressions.
 */

const TOKEN = 1;
const DIGIT = 2;
const ALPHA = 4;
const WORD = 8;
/** What a parameter's value may hold besides a token: an address (`received=2001:db8::1`), a media type. */
const LOOSE_VALUE = 16;
/** A host name or IPv4 address; with the underscore that real domains carry although RFC 3261 does not name it. */
const HOST = 32;

const QUOTE = 34;
const BACKSLASH = 92;

const CLASSES = new Uint8Array(256);
function mark(characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    CLASSES[code] = (CLASSES[code] ?? 0) | bits;
  }
}
mark('0123456789', TOKEN | DIGIT | WORD | LOOSE_VALUE | HOST);
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', TOKEN | ALPHA | WORD | LOOSE_VALUE | HOST);
mark("-.!%*_+`'~", TOKEN | WORD | LOOSE_VALUE);
mark('()<>:\\"/[]?{}', WORD);
mark(':[]/@', LOOSE_VALUE);
mark('-._', HOST);

function has(code: number, bits: number): boolean {
  return code < 256 && ((CLASSES[code] ?? 0) & bits) !== 0;
}

function all(text: string, bits: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (!has(text.charCodeAt(i), bits)) return false;
  }
  return text.length > 0;
}

/** `token` of RFC 3261 §25.1: not empty. */
export function isToken(text: string): boolean {
  return all(text, TOKEN);
}

/** Letters, digits, dots, hyphens and underscores: not empty. */
export function isHostName(text: string): boolean {
  return all(text, HOST);
}

export function isTokenCode(code: number): boolean {
  return has(code, TOKEN);
}

export function isDigitCode(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isAlphaCode(code: number): boolean {
  return has(code, ALPHA);
}

/** Space or horizontal tab: all that is left of LWS after unfolding. */
export function isSpaceCode(code: number): boolean {
  return code === 32 || code === 9;
}

/** `callid = word [ "@" word ]` (RFC 3261 §25.1). */
export function isCallId(text: string): boolean {
  const at = text.indexOf('@');
  return at < 0 ? all(text, WORD) : all(text.slice(0, at), WORD) && all(text.slice(at + 1), WORD);
}

/**
 * A run of decimal digits as a number, undefined if `text` holds anything else.
 * Values above `maximum` become `maximum`: RFC 3261 §20.19 asks that of Expires, and no caller wants infinity.
 */
export function parseDecimal(text: string, maximum: number = Number.MAX_SAFE_INTEGER): number | undefined {
  if (!all(text, DIGIT)) return undefined;
  return Math.min(Number(text), maximum);
}

/** The content of a quoted-string with its escapes removed; text without quotes is returned as it is. */
export function unquote(text: string): string {
  if (text.charCodeAt(0) !== 34 || text.length < 2) return text;
  const inner = text.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  let out = '';
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] === '\\') i++;
    out += inner[i] ?? '';
  }
  return out;
}

/** A quoted-string for `text`; quotes and backslashes are escaped. */
export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** One `;name=value` as it stood; `value` keeps its quotes, and is undefined for a flag such as `lr`. */
export interface SipParameter {
  readonly name: string;
  readonly value: string | undefined;
}

/** The value of a parameter by its name in any case, unquoted; '' for a flag, undefined if it is absent. */
export function parameterValue(parameters: readonly SipParameter[], name: string): string | undefined {
  const lower = name.toLowerCase();
  for (const parameter of parameters) {
    if (parameter.name === name || parameter.name.toLowerCase() === lower) return unquote(parameter.value ?? '');
  }
  return undefined;
}

/** The parameters with `name` set to `value` (in place, or last), or removed where `value` is null. */
export function withParameter(
  parameters: readonly SipParameter[],
  name: string,
  value: string | undefined | null,
): readonly SipParameter[] {
  const lower = name.toLowerCase();
  const out: SipParameter[] = [];
  let placed = value === null;
  for (const parameter of parameters) {
    if (parameter.name.toLowerCase() !== lower) out.push(parameter);
    else if (!placed && value !== null) {
      out.push({ name: parameter.name, value });
      placed = true;
    }
  }
  if (!placed && value !== null) out.push({ name, value });
  return out;
}

export function formatParameters(parameters: readonly SipParameter[]): string {
  let out = '';
  for (const { name, value } of parameters) out += value === undefined ? `;${name}` : `;${name}=${value}`;
  return out;
}

/** Reads one header value from left to right. Methods answer undefined where the grammar does not hold. */
export class HeaderReader {
  readonly text: string;
  position: number;

  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position;
  }

  get done(): boolean {
    this.skipSpace();
    return this.position >= this.text.length;
  }

  /** The character here, negative at the end: NaN, which `charCodeAt` has for it, is slow to compare. */
  #code(): number {
    return this.position < this.text.length ? this.text.charCodeAt(this.position) : -1;
  }

  skipSpace(): void {
    while (isSpaceCode(this.#code())) this.position++;
  }

  peek(): string {
    return this.text.charAt(this.position);
  }

  /** Takes one separator with the optional white space the grammar allows around it (SEMI, COMMA, EQUAL, SLASH…). */
  separator(character: string): boolean {
    this.skipSpace();
    if (this.#code() !== character.charCodeAt(0)) return false;
    this.position++;
    this.skipSpace();
    return true;
  }

  #run(bits: number): string | undefined {
    const start = this.position;
    while (this.position < this.text.length && has(this.text.charCodeAt(this.position), bits)) this.position++;
    return this.position === start ? undefined : this.text.slice(start, this.position);
  }

  token(): string | undefined {
    return this.#run(TOKEN);
  }

  /** A host name or IPv4 address. */
  hostName(): string | undefined {
    return this.#run(HOST);
  }

  digits(): string | undefined {
    return this.#run(DIGIT);
  }

  /** A quoted-string with its quotes. */
  quoted(): string | undefined {
    const start = this.position;
    if (this.#code() !== QUOTE) return undefined;
    for (let i = start + 1; i < this.text.length; i++) {
      const code = this.text.charCodeAt(i);
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) {
        this.position = i + 1;
        return this.text.slice(start, this.position);
      }
    }
    return undefined;
  }

  /** A comment, without its outer parentheses; comments nest (RFC 3261 §25.1). */
  comment(): string | undefined {
    const start = this.position;
    let depth = 0;
    for (let i = start; i < this.text.length; i++) {
      const character = this.text.charAt(i);
      if (character === '\\') i++;
      else if (character === '(') depth++;
      else if (character === ')') depth--;
      if (depth > 0) continue;
      if (character !== ')') return undefined;
      this.position = i + 1;
      return this.text.slice(start + 1, i);
    }
    return undefined;
  }

  /** gen-value: a quoted-string with its quotes, or a token or host. */
  value(): string | undefined {
    return this.#code() === QUOTE ? this.quoted() : this.#run(LOOSE_VALUE);
  }

  /** `name` or `name=value`. */
  parameter(): SipParameter | undefined {
    const name = this.token();
    if (name === undefined) return undefined;
    if (!this.separator('=')) return { name, value: undefined };
    const value = this.value();
    return value === undefined ? undefined : { name, value };
  }

  /** `*( SEMI generic-param )`, which may be empty. */
  parameters(): readonly SipParameter[] | undefined {
    const out: SipParameter[] = [];
    while (this.separator(';')) {
      const parameter = this.parameter();
      if (parameter === undefined) return undefined;
      out.push(parameter);
    }
    return out;
  }

  /** Text up to the next character in `stops`, without the white space at its end. */
  until(stops: string): string {
    const start = this.position;
    let end = this.text.length;
    for (let i = 0; i < stops.length; i++) {
      const at = this.text.indexOf(stops.charAt(i), start);
      if (at >= 0 && at < end) end = at;
    }
    this.position = end;
    return this.text.slice(start, end).trimEnd();
  }
}

/** Reads a whole value as a comma separated list of at least one `item`; undefined if anything is left over. */
export function parseList<T>(text: string, item: (reader: HeaderReader) => T | undefined): readonly T[] | undefined {
  const reader = new HeaderReader(text);
  const out: T[] = [];
  reader.skipSpace();
  do {
    const value = item(reader);
    if (value === undefined) return undefined;
    out.push(value);
  } while (reader.separator(','));
  return reader.done ? out : undefined;
}

/** Reads a whole value as one `item`; undefined if anything is left over. */
export function parseWhole<T>(text: string, item: (reader: HeaderReader) => T | undefined): T | undefined {
  const reader = new HeaderReader(text);
  reader.skipSpace();
  const value = item(reader);
  return reader.done ? value : undefined;
}
