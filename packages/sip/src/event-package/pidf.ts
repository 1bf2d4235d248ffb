import { writeXml } from '@trustline/base';
import { attributesOf, childOf, childrenOf, type QualifiedElement, readDocument, xmlText } from './xml-document.ts';

/** The event package about whether somebody can be reached (RFC 3856), in the form of RFC 3863. */
export const PRESENCE_EVENT = 'presence';
export const PIDF_TYPE = 'application/pidf+xml';

const PIDF = 'urn:ietf:params:xml:ns:pidf';
const DATA_MODEL = 'urn:ietf:params:xml:ns:pidf:data-model';
const RPID = 'urn:ietf:params:xml:ns:pidf:rpid';

/** One way to reach somebody (RFC 3863 §4.1.2). */
export interface PresenceTuple {
  readonly id: string;
  readonly basic: 'open' | 'closed';
  readonly contact?: string;
  readonly note?: string;
}

/** A presence document, with what the person does (RFC 4480 §3.2), by its elements: `on-the-phone`, `busy`. */
export interface Presence {
  readonly entity: string;
  readonly tuples: readonly PresenceTuple[];
  readonly activities: readonly string[];
  readonly note?: string;
}

export function formatPresence({ entity, tuples, activities, note }: Presence): Uint8Array {
  // As empty-element tags: baresip knows no other form.
  const doing = activities.map((name) => ({ name: `rpid:${name}` }));
  const person = {
    name: 'dm:person',
    attributes: { id: 'person' },
    content: [{ name: 'rpid:activities', content: doing }],
  };
  return writeXml({
    name: 'presence',
    attributes: attributesOf({ xmlns: PIDF, 'xmlns:dm': DATA_MODEL, 'xmlns:rpid': RPID, entity }),
    content: [
      ...tuples.map(({ id, basic, contact, note: said }) => ({
        name: 'tuple',
        attributes: attributesOf({ id }),
        content: [
          { name: 'status', content: [{ name: 'basic', content: basic }] },
          ...(contact === undefined ? [] : [{ name: 'contact', content: xmlText(contact) }]),
          ...(said === undefined ? [] : [{ name: 'note', content: xmlText(said) }]),
        ],
      })),
      ...(note === undefined ? [] : [{ name: 'note', content: xmlText(note) }]),
      ...(activities.length === 0 ? [] : [person]),
    ],
  });
}

/** Undefined for what is no presence document. What is none of these elements is passed over (RFC 3863 §4.2). */
export function parsePresence(body: Uint8Array): Presence | undefined {
  const root = readDocument(body, PIDF, 'presence');
  const entity = root?.attributes['entity'];
  if (root === undefined || entity === undefined) return undefined;
  const tuples = childrenOf(root, 'tuple').flatMap(readTuple);
  const note = childOf(root, 'note')?.text;
  const activities = root.children
    .filter(({ namespace, name }) => namespace === DATA_MODEL && name === 'person')
    .flatMap(({ children }) => children.filter(({ namespace, name }) => namespace === RPID && name === 'activities'))
    .flatMap(({ children }) => children.filter(({ namespace }) => namespace === RPID).map(({ name }) => name));
  return { entity, tuples, activities, ...(note === undefined ? {} : { note }) };
}

function readTuple(element: QualifiedElement): readonly PresenceTuple[] {
  const { id } = element.attributes;
  const basic = childOf(childOf(element, 'status'), 'basic')?.text;
  if (id === undefined || (basic !== 'open' && basic !== 'closed')) return [];
  const [contact, note] = [childOf(element, 'contact')?.text, childOf(element, 'note')?.text];
  return [{ id, basic, ...(contact === undefined ? {} : { contact }), ...(note === undefined ? {} : { note }) }];
}
