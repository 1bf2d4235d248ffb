import type { AsnConstraint, AsnRange } from './syntax.ts';
import type { TokenReader } from './tokens.ts';

/** Reads all `( … )` that follow a type; several apply together (X.680 §49). */
export function parseConstraints(tokens: TokenReader): AsnConstraint {
  let constraint: AsnConstraint = {};
  while (tokens.take('(')) {
    constraint = { ...constraint, ...parseIntersection(tokens) };
    tokens.expect(')');
  }
  return constraint;
}

/** `SIZE ( … )` as it stands before OF, or with parentheses of its own. */
export function parseSize(tokens: TokenReader): AsnRange {
  tokens.expect('SIZE', '(');
  const range = parseRange(tokens);
  tokens.expect(')');
  return range;
}

function parseIntersection(tokens: TokenReader): AsnConstraint {
  let constraint: AsnConstraint = {};
  do constraint = { ...constraint, ...parseElement(tokens) };
  while (tokens.take('^'));
  return constraint;
}

function parseElement(tokens: TokenReader): AsnConstraint {
  if (tokens.take('(')) {
    const inner = parseIntersection(tokens);
    tokens.expect(')');
    return inner;
  }
  if (tokens.take('WITH', 'COMPONENTS') || tokens.take('CONSTRAINED', 'BY')) {
    tokens.skipBraces();
    return {};
  }
  if (tokens.peek() === 'SIZE') return { size: parseSize(tokens) };
  if (tokens.take('FROM')) return { alphabet: parseAlphabet(tokens) };
  return { value: parseRange(tokens) };
}

function parseAlphabet(tokens: TokenReader): string {
  tokens.expect('(');
  let alphabet = '';
  do {
    const text = tokens.next();
    if (!text.startsWith('"')) tokens.fail('a text');
    alphabet += text.slice(1, -1);
  } while (tokens.take('|'));
  tokens.expect(')');
  return alphabet;
}

function parseRange(tokens: TokenReader): AsnRange {
  const from = parseBound(tokens);
  const to = tokens.take('..') ? parseBound(tokens) : from;
  const extensible = tokens.take(',', '...');
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), extensible };
}

function parseBound(tokens: TokenReader): number | undefined {
  return tokens.take('MIN') || tokens.take('MAX') ? undefined : tokens.integer();
}
