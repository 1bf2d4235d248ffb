// What compiled modules need of each other, read from what tsc wrote: it begins every import and export of another
// module on a line of its own and names it at that line's end.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const statement = /^((?:import|export) (?:[^'\n]*\bfrom )?)'([^'\n]+)';$/gm;

/** The names by which a compiled module, or the declarations of one, asks for others. */
export function specifiersOf(text) {
  return [...text.matchAll(statement)].map(([, , specifier]) => specifier);
}

/** tsc leaves the names of sources in declarations; what is packed names what is packed. */
export function withJavaScriptNames(declarations) {
  return declarations.replace(statement, (_all, before, specifier) => {
    return `${before}'${specifier.replace(/^(\.{1,2}\/.*)\.ts$/, '$1.js')}';`;
  });
}

/**
 * The files that these entries load, themselves among them, and the names of what they take from elsewhere.
 * `fileOf` says which file stands for the module at a path.
 */
export function reachFrom(entries, fileOf = (path) => path) {
  const files = new Set();
  const foreign = new Set();
  const visit = (file) => {
    if (files.has(file)) return;
    files.add(file);
    for (const specifier of specifiersOf(readFileSync(file, 'utf8'))) {
      if (/^\.{1,2}\//.test(specifier)) visit(fileOf(join(dirname(file), specifier)));
      else foreign.add(specifier);
    }
  };
  for (const entry of entries) visit(entry);
  return { files, foreign };
}
