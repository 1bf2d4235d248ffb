import { parseType } from './parse-type.ts';
import type { AsnImport, AsnModule, AsnTypeAssignment } from './syntax.ts';
import { TokenReader } from './tokens.ts';

/**
 * Reads the modules of a file (X.680 §13). Only AUTOMATIC TAGS are understood, and values are read over: none of them
 * changes what is written. Throws an error with the line where something else stands.
 */
export function parseModules(text: string): AsnModule[] {
  const tokens = new TokenReader(text);
  const modules: AsnModule[] = [];
  while (!tokens.done) modules.push(parseModule(tokens));
  return modules;
}

function parseModule(tokens: TokenReader): AsnModule {
  const name = tokens.name();
  if (tokens.peek() === '{') tokens.skipBraces();
  tokens.expect('DEFINITIONS', 'AUTOMATIC', 'TAGS', '::=', 'BEGIN');
  const imports = tokens.take('IMPORTS') ? parseImports(tokens) : [];
  const types = new Map<string, AsnTypeAssignment>();
  while (!tokens.take('END')) parseAssignment(tokens, types);
  return { name, imports, types };
}

function parseImports(tokens: TokenReader): AsnImport[] {
  const imports: AsnImport[] = [];
  while (!tokens.take(';')) {
    const symbols: string[] = [];
    do {
      symbols.push(tokens.name());
      tokens.take('{', '}');
    } while (tokens.take(','));
    tokens.expect('FROM');
    imports.push({ symbols, from: tokens.name() });
    if (tokens.peek() === '{') tokens.skipBraces();
  }
  return imports;
}

function parseAssignment(tokens: TokenReader, types: Map<string, AsnTypeAssignment>): void {
  const name = tokens.name();
  if (tokens.peek() !== '::=' && tokens.peek() !== '{') {
    // A value or a set of values: `name Type ::= …`.
    parseType(tokens);
    tokens.expect('::=');
    if (tokens.peek() === '{') tokens.skipBraces();
    else tokens.next();
    return;
  }
  const parameters: string[] = [];
  if (tokens.take('{')) {
    do parameters.push(tokens.name());
    while (tokens.take(','));
    tokens.expect('}');
  }
  tokens.expect('::=');
  if (types.has(name)) tokens.fail(`a type other than ${name}, which was there before,`);
  types.set(name, { parameters, type: parseType(tokens) });
}
