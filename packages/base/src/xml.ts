import { XmlElement as ParsedElement, parseXml, XmlError, type XmlNode, XmlText } from '@rgrove/parse-xml';

/** How large a document may be, so that what strangers send costs little. */
export interface XmlLimits {
  readonly octets: number;
  readonly elements: number;
  /** Elements within each other. */
  readonly depth: number;
}

/** An element with its attributes, and either elements or text in it. */
export interface XmlElement {
  /** As written, with its prefix where it has one. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text of an element without elements in it; empty otherwise, for white space between elements says nothing. */
  readonly text: string;
  /** Octets from the start of the document. */
  readonly offset: number;
}

/** Why a document was not read. The message quotes nothing of it but names of elements: it may hold a secret. */
export interface XmlReject {
  readonly ok: false;
  readonly code: 'too-large' | 'encoding' | 'document-type' | 'malformed' | 'too-deep' | 'mixed-content';
  /** Octets from the start of the document. */
  readonly offset: number;
  readonly message: string;
}

export type XmlResult = { readonly ok: true; readonly root: XmlElement } | XmlReject;

function reject(code: XmlReject['code'], offset: number, message: string): XmlReject {
  return { ok: false, code, offset, message };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads XML 1.0 in UTF-8 into elements. Never throws. Document types are refused before anything is parsed, so no entity
 * is ever declared, fetched or expanded; only the five of XML itself and character references have a meaning.
 */
export function readXml(octets: Uint8Array, limits: XmlLimits): XmlResult {
  if (octets.length > limits.octets) {
    return reject('too-large', limits.octets, `It is longer than ${limits.octets} octets`);
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
  if ((text.match(/<[^/!?]/g)?.length ?? 0) > limits.elements) {
    return reject('too-large', 0, `It has more than ${limits.elements} elements`);
  }
  try {
    const { root } = parseXml(text, { includeOffsets: true });
    return root === null
      ? reject('malformed', at(text.length), 'It has no element')
      : convert(root, 1, limits.depth, at);
  } catch (error) {
    // What the parser says quotes the place, which may be a password: only the position is told.
    if (!(error instanceof XmlError)) throw error;
    const position = [...text].slice(0, error.pos).join('').length; // it counts code points here, UTF-16 elsewhere
    return reject('malformed', at(position), 'It is not well-formed XML');
  }
}

function convert(element: ParsedElement, depth: number, most: number, at: (position: number) => number): XmlResult {
  const offset = at(element.start);
  if (depth > most) return reject('too-deep', offset, `More than ${most} elements contain each other`);
  const children: XmlElement[] = [];
  let text = '';
  for (const node of element.children as readonly XmlNode[]) {
    if (node instanceof XmlText) text += node.text;
    if (!(node instanceof ParsedElement)) continue;
    const child = convert(node, depth + 1, most, at);
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
export type XmlContent = string | readonly NewXmlElement[];

export interface NewXmlElement {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Absent for an empty-element tag, `<a/>`. */
  readonly content?: XmlContent;
}

/** Writes a document of one root element. Names must be names and texts must be `isXmlText`: callers have checked. */
export function writeXml(root: NewXmlElement): Uint8Array {
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>\n${format(root, '')}`);
}

function format({ name, attributes = {}, content }: NewXmlElement, indent: string): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  if (content === undefined) return `${indent}<${name}${pairs.join('')}/>\n`;
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
