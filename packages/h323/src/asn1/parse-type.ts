import { parseConstraints, parseSize } from './parse-constraint.ts';
import type {
  AsnAddition,
  AsnComponent,
  AsnConstraint,
  AsnEnumeral,
  AsnShape,
  AsnType,
  CharacterStringName,
} from './syntax.ts';
import type { TokenReader } from './tokens.ts';

const characterStrings: readonly string[] = [
  'IA5String',
  'NumericString',
  'PrintableString',
  'BMPString',
  'GeneralString',
] satisfies CharacterStringName[];

/** Reads one type with its constraints (X.680 §17). */
export function parseType(tokens: TokenReader): AsnType {
  if (tokens.peek() === 'SEQUENCE' || tokens.peek() === 'SET') return parseSequenceOrList(tokens);
  const shape = parseShape(tokens);
  return { ...shape, constraint: parseConstraints(tokens) };
}

function parseShape(tokens: TokenReader): AsnShape {
  if (tokens.take('OCTET', 'STRING')) return { is: 'OCTET STRING' };
  if (tokens.take('BIT', 'STRING')) return { is: 'BIT STRING' };
  if (tokens.take('OBJECT', 'IDENTIFIER')) return { is: 'OBJECT IDENTIFIER' };
  if (tokens.take('BOOLEAN')) return { is: 'BOOLEAN' };
  if (tokens.take('NULL')) return { is: 'NULL' };
  if (tokens.take('INTEGER')) {
    // Named numbers do not change what is written.
    if (tokens.peek() === '{') tokens.skipBraces();
    return { is: 'INTEGER' };
  }
  if (tokens.take('ENUMERATED')) return parseEnumerated(tokens);
  if (tokens.take('CHOICE')) return parseChoice(tokens);
  if (tokens.take('TYPE-IDENTIFIER', '.', '&', 'Type')) {
    tokens.expect('(');
    const of = parseType(tokens);
    tokens.expect(')');
    return { is: 'open type', of };
  }
  if (characterStrings.includes(tokens.peek())) return { is: 'characters', of: tokens.next() as CharacterStringName };
  return parseReference(tokens);
}

function parseReference(tokens: TokenReader): AsnShape {
  const name = tokens.name();
  const actual: AsnType[] = [];
  if (tokens.take('{')) {
    do actual.push(parseType(tokens));
    while (tokens.take(','));
    tokens.expect('}');
  }
  return { is: 'reference', name, actual };
}

function parseSequenceOrList(tokens: TokenReader): AsnType {
  const word = tokens.next();
  if (tokens.peek() !== '{') {
    const before: AsnConstraint = tokens.peek() === 'SIZE' ? { size: parseSize(tokens) } : parseConstraints(tokens);
    tokens.expect('OF');
    return { is: 'SEQUENCE OF', of: parseType(tokens), constraint: before };
  }
  if (word === 'SET') tokens.fail('SET OF or SEQUENCE: a SET of components is in no module');
  const shape = parseSequence(tokens);
  return { ...shape, constraint: parseConstraints(tokens) };
}

function parseSequence(tokens: TokenReader): AsnShape {
  const root: AsnComponent[] = [];
  let additions: AsnAddition[] | undefined;
  tokens.expect('{');
  while (!tokens.take('}')) {
    if (tokens.take('...')) {
      if (additions !== undefined) tokens.fail('one extension marker');
      additions = [];
    } else if (additions === undefined) root.push(parseComponent(tokens));
    else additions.push(tokens.take('[[') ? parseGroup(tokens) : parseComponent(tokens));
    if (tokens.peek() !== '}') tokens.expect(',');
  }
  return { is: 'SEQUENCE', root, ...(additions === undefined ? {} : { additions }) };
}

function parseGroup(tokens: TokenReader): AsnAddition {
  const group: AsnComponent[] = [];
  do group.push(parseComponent(tokens));
  while (tokens.take(','));
  tokens.expect(']]');
  return { group };
}

function parseChoice(tokens: TokenReader): AsnShape {
  const root: AsnComponent[] = [];
  let additions: AsnComponent[] | undefined;
  tokens.expect('{');
  do {
    if (tokens.take('...')) additions = [];
    else (additions ?? root).push(parseComponent(tokens));
  } while (tokens.take(','));
  tokens.expect('}');
  return { is: 'CHOICE', root, ...(additions === undefined ? {} : { additions }) };
}

function parseComponent(tokens: TokenReader): AsnComponent {
  const name = tokens.name();
  let tag: number | undefined;
  if (tokens.take('[')) {
    tag = tokens.integer();
    tokens.expect(']');
  }
  const type = parseType(tokens);
  if (tokens.take('OPTIONAL')) return { name, type, optional: true, tag };
  if (!tokens.take('DEFAULT')) return { name, type, optional: false, tag };
  tokens.name();
  return { name, type, optional: true, tag };
}

function parseEnumerated(tokens: TokenReader): AsnShape {
  const root: AsnEnumeral[] = [];
  let additions: AsnEnumeral[] | undefined;
  tokens.expect('{');
  do {
    if (tokens.take('...')) additions = [];
    else (additions ?? root).push(parseEnumeral(tokens));
  } while (tokens.take(','));
  tokens.expect('}');
  return { is: 'ENUMERATED', root, ...(additions === undefined ? {} : { additions }) };
}

function parseEnumeral(tokens: TokenReader): AsnEnumeral {
  const name = tokens.name();
  if (!tokens.take('(')) return { name, value: undefined };
  const value = tokens.integer();
  tokens.expect(')');
  return { name, value };
}
