// What a core may not do although no import shows it: read a clock, wait, draw randomness or open a socket by a global,
// or load a module whose name only the running program knows. The syntax tree is asked, so that comments, texts and
// names of its own do not count.
import { parseSync } from '@swc/core';

/** Globals that reach outside, or lead to all that does. */
const globals = new Set([
  ...['process', 'globalThis', 'global', 'require', 'module', 'eval', 'Function'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'performance'],
  ...['crypto', 'fetch', 'WebSocket', 'EventSource'],
]);
const members = { Date: ['now'], Math: ['random'] };
/** What swc gives an identifier that no declaration in the file explains. */
const unresolved = 1;

/** The first use in a source of what a core may not use, with its line; undefined when there is none. */
export function ambientUse(text) {
  const octets = Buffer.from(text);
  const found = firstUse(parseSync(text, { syntax: 'typescript', target: 'es2024' }));
  if (found === undefined) return undefined;
  // swc counts octets from 1.
  const before = octets.subarray(0, found.at - 1).toString();
  return { line: before.split('\n').length, what: found.what };
}

function firstUse(node) {
  if (typeof node !== 'object' || node === null) return undefined;
  const what = useOf(node);
  if (what !== undefined) return { what, at: node.span.start };
  for (const child of Object.values(node)) {
    const found = firstUse(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function useOf(node) {
  switch (node.type) {
    case 'Identifier':
      return isGlobal(node) && globals.has(node.value) ? node.value : undefined;
    case 'MemberExpression': {
      const { object, property } = node;
      if (!isGlobal(object) || !Object.hasOwn(members, object.value)) return undefined;
      // A member by a computed name may be any.
      const name = property.type === 'Identifier' ? property.value : property.expression?.value;
      return name === undefined || members[object.value].includes(name) ? `${object.value}.${name ?? '…'}` : undefined;
    }
    case 'NewExpression':
      return isNamed(node.callee, 'Date') && (node.arguments ?? []).length === 0 ? 'new Date()' : undefined;
    case 'CallExpression':
      if (isNamed(node.callee, 'Date')) return 'Date()';
      return node.callee.type === 'Import' && node.arguments[0]?.expression.type !== 'StringLiteral'
        ? 'import() of a name that is not written there'
        : undefined;
    default:
      return undefined;
  }
}

function isGlobal(node) {
  return node.type === 'Identifier' && node.ctxt === unresolved;
}

function isNamed(node, name) {
  return isGlobal(node) && node.value === name;
}
