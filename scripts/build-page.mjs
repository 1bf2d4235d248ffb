// `npm run build:page`: joins the script and the style of the audit's page (packages/audit/page) into texts that the
// report writes into its file, in packages/audit/src/report/html/generated/page-assets.ts. With `--check` it writes
// nothing and fails when the sources would give others.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { transformSync } from '@swc/core';
import { ensureInstalled, main, root, SetupFailure } from './setup.mjs';

const folder = join(root, 'packages/audit/page');
/** In the order in which a later one prevails. */
const styles = ['base', 'first-look', 'controls', 'list', 'findings', 'tables', 'call', 'ladder', 'narrow', 'print'];
const target = join(root, 'packages/audit/src/report/html/generated/page-assets.ts');

await main(async () => {
  await ensureInstalled();
  const script = `(() => {\n'use strict';\n${joined(join(folder, 'main.ts'))}})();\n`;
  const style = styles.map((name) => readFileSync(join(folder, 'style', `${name}.css`), 'utf8')).join('\n');
  for (const text of [script, style]) {
    if (/<\/?(?:script|style|!--)/i.test(text)) throw new SetupFailure('the page would end before its end');
  }
  const text = [
    '// Built by `npm run build:page` from packages/audit/page. Not to be edited.',
    constant('pageScript', script),
    constant('pageStyle', style.replace(/\/\*[\s\S]*?\*\/\n*/g, '')),
  ].join('\n\n');
  const where = relative(root, target);
  if (!process.argv.includes('--check')) {
    writeFileSync(target, text);
    process.stdout.write(`written to ${where}: ${script.length} of script, ${style.length} of style\n`);
    return 0;
  }
  if (readFileSync(target, 'utf8') !== text) {
    throw new SetupFailure(`${where} is not what its sources build. Run: npm run build:page`);
  }
  process.stdout.write(`${where} is what its sources build\n`);
  return 0;
});

/** A line of the text on a line of its own, so that changes can be read. */
function constant(name, text) {
  const lines = text.split('\n').map((line) => `  ${JSON.stringify(line)},\n`);
  return `export const ${name}: string = [\n${lines.join('')}].join('\\n');\n`;
}

/** A module after all that it imports, each once, types and comments gone: one scope, in which every name stands once. */
function joined(entry) {
  const seen = new Set();
  const names = new Map();
  let text = '';
  const visit = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    const source = readFileSync(path, 'utf8');
    const own = source
      .replace(/^import (type )?\{[^}]*\} from '(\.{1,2}\/[^']+)';\n/gm, (statement, ofTypes, specifier) => {
        if (/\bas\b/.test(statement)) throw new SetupFailure(`${path} imports under another name`);
        if (ofTypes === undefined) visit(resolve(dirname(path), specifier));
        return '';
      })
      .replace(/^export (?=(?:async )?(?:function|const|let|class|interface|type)\b)/gm, '');
    const left = /^(?:import|export)\b.*/m.exec(own);
    if (left !== null) throw new SetupFailure(`${path}: what is joined has no such statement: ${left[0]}`);
    for (const [, name] of own.matchAll(/^(?:async )?(?:function\*?|const|let|class) (\w+)/gm)) {
      const other = names.get(name);
      if (other !== undefined) throw new SetupFailure(`${name} stands in ${path} and in ${other}`);
      names.set(name, path);
    }
    const { code } = transformSync(own, {
      isModule: true,
      jsc: {
        parser: { syntax: 'typescript' },
        target: 'es2022',
        minify: { compress: false, mangle: false, format: { comments: false } },
      },
    });
    text += code.replace(/^export \{\s*\};?\n?/gm, '');
  };
  visit(entry);
  return text;
}
