import { parseXml, XmlElement, XmlError, type XmlNode, XmlText } from '@rgrove/parse-xml';

/** Octets. Configurations of real phones have some ten thousand. */
export const MAXIMUM_CONFIGURATION_LENGTH = 262_144;

/** Elements in one file. The largest sample, with a firmware for each of 60 models, has 210. */
export const MAXIMUM_ELEMENTS = 2_000;

/** Elements within each other. Phones know eight: device … ports, sipPort. */
export const MAXIMUM_DEPTH = 16;

/** An element with its attributes, and either elements or text in it. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** The text of an element without elements in it; empty otherwise, for white space between elements says nothing. */
  readonly text: string;
  /** Octets from the start of the file. */
  readonly offset: number;
}

export type ConfigurationRejectCode =
  | 'too-large'
  | 'encoding'
  | 'document-type'
  | 'malformed'
  | 'too-deep'
  | 'mixed-content'
  | 'root'
  | 'duplicate-element'
  | 'bad-value';

/** Why a file is no configuration. The message quotes nothing of the file but names of elements: it may hold a password. */
export interface ConfigurationReject {
  readonly ok: false;
  readonly code: ConfigurationRejectCode;
  /** Octets from the start of the file. */
  readonly offset: number;
  readonly message: string;
}

export function reject(code: ConfigurationRejectCode, offset: number, message: string): ConfigurationReject {
  return { ok: false, code, offset, message };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads XML 1.0 in UTF-8 into elements. Never throws. Document types are refused before anything is parsed, so no entity
 * is ever declared, fetched or expanded; only the five of XML itself and character references have a meaning.
 */
export function readXml(octets: Uint8Array): { readonly ok: true; readonly root: Element } | ConfigurationReject {
  if (octets.length > MAXIMUM_CONFIGURATION_LENGTH) {
    return reject(
      'too-large',
      MAXIMUM_CONFIGURATION_LENGTH,
      `It is longer than ${MAXIMUM_CONFIGURATION_LENGTH} octets`,
    );
  }
  let text: string;
  try {
    text = UTF8.decode(octets);
  } catch {
    return reject('encoding', 0, 'It is not UTF-8');
  }
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  if (declared !== undefined && !/^(utf-8|us-ascii)$/i.test(declared)) {
    return reject('encoding', 0, 'It declares another encoding than UTF-8');
  }
  const start = octets.length - new TextEncoder().encode(text).length; // of a byte order mark, which decoding takes away
  const at = (position: number) => start + lengthInOctets(text.slice(0, position));
  const documentType = text.indexOf('<!DOCTYPE');
  if (documentType >= 0) return reject('document-type', at(documentType), 'It has a document type');
  // The parser is recursive: with this many elements it stays within a third of the stack.
  if ((text.match(/<[^/!?]/g)?.length ?? 0) > MAXIMUM_ELEMENTS) {
    return reject('too-large', 0, `It has more than ${MAXIMUM_ELEMENTS} elements`);
  }
  try {
    const { root } = parseXml(text, { includeOffsets: true });
    return root === null ? reject('malformed', at(text.length), 'It has no element') : convert(root, 1, at);
  } catch (error) {
    // What the parser says quotes the place, which may be a password: only the position is told.
    if (!(error instanceof XmlError)) throw error;
    const position = [...text].slice(0, error.pos).join('').length; // it counts code points here, UTF-16 elsewhere
    return reject('malformed', at(position), 'It is not well-formed XML');
  }
}

function convert(
  element: XmlElement,
  depth: number,
  at: (position: number) => number,
): { readonly ok: true; readonly root: Element } | ConfigurationReject {
  const offset = at(element.start);
  if (depth > MAXIMUM_DEPTH)
    return reject('too-deep', offset, `More than ${MAXIMUM_DEPTH} elements contain each other`);
  const children: Element[] = [];
  let text = '';
  for (const node of element.children as readonly XmlNode[]) {
    if (node instanceof XmlText) text += node.text;
    if (!(node instanceof XmlElement)) continue;
    const child = convert(node, depth + 1, at);
    if (!child.ok) return child;
    children.push(child.root);
  }
  if (children.length > 0 && text.trim() !== '') {
    return reject('mixed-content', offset, `<${element.name}> has text beside elements`);
  }
  const root = { name: element.name, attributes: { ...element.attributes }, children, text, offset };
  return { ok: true, root: children.length > 0 ? { ...root, text: '' } : root };
}

function lengthInOctets(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What an element to be written consists of. */
export type Content = string | readonly NewElement[];

export interface NewElement {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly content: Content;
}

/** Writes a file of one root element. Names must be names and texts must be `isXmlText`: callers have checked. */
export function writeXml(root: NewElement): Uint8Array {
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>\n${format(root, '')}`);
}

function format({ name, attributes = {}, content }: NewElement, indent: string): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const start = `${indent}<${name}${pairs.join('')}>`;
  if (typeof content === 'string') return `${start}${escapeXml(content)}</${name}>\n`;
  if (content.length === 0) return `${start}</${name}>\n`;
  return `${start}\n${content.map((child) => format(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}

/** By name where XML has one: parsers in old phones know little else. */
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => entities[character] ?? `&#${character.charCodeAt(0)};`);
}

/** Whether every character may stand in XML 1.0 (§2.2). */
export function isXmlText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return !/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/u.test(text);
}

/** Whether it may name an element or attribute of ours: XML allows more, phones know no other. */
export function isXmlName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name);
}
