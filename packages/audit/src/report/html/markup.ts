import type { PageNode } from './element.ts';

/** Elements that have no end tag (HTML Living Standard §13.1.2). */
const empty = new Set(['input']);

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand between tags and in quoted values of attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] as string);
}

/** The markup of what the page shows. */
export function markupOf(node: PageNode): string {
  if (typeof node === 'string') return escaped(node);
  let markup = `<${node.name}`;
  for (const [key, value] of Object.entries(node.attributes)) {
    markup += value === '' ? ` ${key}` : ` ${key}="${escaped(value)}"`;
  }
  markup += '>';
  if (empty.has(node.name)) return markup;
  for (const child of node.children) markup += markupOf(child);
  return `${markup}</${node.name}>`;
}

/**
 * A value as it stands within `<script type="application/json">`: the same JSON, without a character that could end the
 * script or begin a comment, and without the line ends of Unicode that older readers take for such.
 */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
