/** A word, number, quoted text or sign of ASN.1, and the line where it stands. */
export interface Token {
  readonly text: string;
  readonly line: number;
}

const token =
  /\s+|--.*?(?:--|$)|::=|\.\.\.|\.\.|\[\[|\]\]|"(?:[^"]|"")*"|[A-Za-z](?:-?[A-Za-z0-9])*|\d+|[-{}()[\],;.&^|<]/gmy;

/** Cuts the text of modules into tokens (X.680 §12); comments and white space are gone. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text)?.[0];
    if (found === undefined)
      throw new Error(`line ${line}: no ASN.1 begins with ${JSON.stringify(text.slice(at, at + 20))}`);
    if (!/^(?:\s|--)/.test(found)) tokens.push({ text: found, line });
    line += found.split('\n').length - 1;
  }
  return tokens;
}

/** Reads tokens one after the other. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** The token `ahead` places on, or '' after the last. */
  peek(ahead = 0): string {
    return this.#tokens[this.#at + ahead]?.text ?? '';
  }

  next(): string {
    const { text } = this.#tokens[this.#at] ?? this.fail('more');
    this.#at++;
    return text;
  }

  /** True, and read, if these are the next tokens. */
  take(...texts: string[]): boolean {
    if (!texts.every((text, i) => this.peek(i) === text)) return false;
    this.#at += texts.length;
    return true;
  }

  expect(...texts: string[]): void {
    if (!this.take(...texts)) this.fail(texts.join(' '));
  }

  /** A name of a type, module or component. */
  name(): string {
    return /^[A-Za-z]/.test(this.peek()) ? this.next() : this.fail('a name');
  }

  integer(): number {
    const sign = this.take('-') ? -1 : 1;
    return /^\d/.test(this.peek()) ? sign * Number(this.next()) : this.fail('a number');
  }

  /** Reads over `{ … }`, with all that is in it. */
  skipBraces(): void {
    this.expect('{');
    for (let depth = 1; depth > 0; ) {
      const text = this.next();
      if (text === '{') depth++;
      if (text === '}') depth--;
    }
  }

  fail(wanted: string): never {
    const found = this.#tokens[this.#at];
    const where = found === undefined ? 'at the end' : `line ${found.line}, at ${JSON.stringify(found.text)}`;
    throw new Error(`${where}: ${wanted} should be here`);
  }
}
