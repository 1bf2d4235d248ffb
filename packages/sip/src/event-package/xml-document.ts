import { isXmlText, readXml, type XmlElement, type XmlLimits } from '@trustline/base';

/** Of a document of an event package: a line with a hundred calls is within it. */
const LIMITS: XmlLimits = { octets: 65_536, elements: 1_000, depth: 16 };

/** An element by what its prefix stands for (Namespaces in XML 1.0). */
export interface QualifiedElement {
  /** Empty where none is declared. */
  readonly namespace: string;
  readonly name: string;
  /** Those without a prefix, and `xml:lang`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly QualifiedElement[];
  readonly text: string;
}

/** Reads a document whose root is that element; undefined for anything else. */
export function readDocument(body: Uint8Array, namespace: string, name: string): QualifiedElement | undefined {
  const read = readXml(body, LIMITS);
  if (!read.ok) return undefined;
  const root = qualify(read.root, new Map());
  return root?.namespace === namespace && root.name === name ? root : undefined;
}

/** Undefined where a prefix was never declared: then nobody can say what the element is. */
function qualify(element: XmlElement, outer: ReadonlyMap<string, string>): QualifiedElement | undefined {
  const prefixes = new Map(outer);
  for (const [attribute, value] of Object.entries(element.attributes)) {
    if (attribute === 'xmlns') prefixes.set('', value);
    else if (attribute.startsWith('xmlns:')) prefixes.set(attribute.slice(6), value);
  }
  const colon = element.name.indexOf(':');
  const prefix = colon < 0 ? '' : element.name.slice(0, colon);
  const namespace = prefixes.get(prefix) ?? (prefix === '' ? '' : undefined);
  if (namespace === undefined) return undefined;
  const children = element.children.map((child) => qualify(child, prefixes));
  if (children.some((child) => child === undefined)) return undefined;
  return {
    namespace,
    name: element.name.slice(colon + 1),
    attributes: Object.fromEntries(
      Object.entries(element.attributes).filter(([attribute]) => !attribute.includes(':') || attribute === 'xml:lang'),
    ),
    children: children.filter((child) => child !== undefined),
    text: element.text.trim(),
  };
}

/** The children of that name in the same namespace. */
export function childrenOf(element: QualifiedElement | undefined, name: string): readonly QualifiedElement[] {
  return element?.children.filter((child) => child.name === name && child.namespace === element.namespace) ?? [];
}

export function childOf(element: QualifiedElement | undefined, name: string): QualifiedElement | undefined {
  return childrenOf(element, name)[0];
}

/** A text as XML can hold it: what came from the network may have what it cannot. */
export function xmlText(text: string): string {
  return isXmlText(text) ? text : [...text].map((character) => (isXmlText(character) ? character : '\ufffd')).join('');
}

/** Attributes that have a value. */
export function attributesOf(values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, xmlText(value)]])),
  );
}
