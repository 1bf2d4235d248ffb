import { type HeaderReader, parseList, quote, unquote } from './grammar.ts';

/** RFC 3261 §20.43: why something was not as asked, for people. */
export interface Warning {
  /** 300 to 399 in SIP; any three digits are read. */
  readonly code: number;
  /** The host, or a pseudonym, that adds the warning. */
  readonly agent: string;
  readonly text: string;
}

function readWarning(reader: HeaderReader): Warning | undefined {
  const code = reader.digits();
  if (code?.length !== 3 || reader.peek() !== ' ') return undefined;
  reader.skipSpace();
  const agent = reader.value();
  if (agent === undefined) return undefined;
  reader.skipSpace();
  const text = reader.quoted();
  return text === undefined ? undefined : { code: Number(code), agent, text: unquote(text) };
}

export function parseWarnings(value: string): readonly Warning[] | undefined {
  return parseList(value, readWarning);
}

export function formatWarning({ code, agent, text }: Warning): string {
  return `${code} ${agent} ${quote(text)}`;
}
