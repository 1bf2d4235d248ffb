import { writeXml } from '@trustline/base';
import { parseDecimal } from '../message/grammar.ts';
import { attributesOf, childOf, childrenOf, type QualifiedElement, readDocument, xmlText } from './xml-document.ts';

/** The event package about registrations (RFC 3680). */
export const REG_EVENT = 'reg';
export const REG_INFO_TYPE = 'application/reginfo+xml';

const NAMESPACE = 'urn:ietf:params:xml:ns:reginfo';

/** What has become of a contact (RFC 3680 §5.3). */
export const contactEvents = [
  'registered',
  'created',
  'refreshed',
  'shortened',
  'expired',
  'deactivated',
  'probation',
  'unregistered',
  'rejected',
] as const;
export type ContactEvent = (typeof contactEvents)[number];

/** One contact of an address of record (RFC 3680 §5.3). */
export interface RegisteredContact {
  readonly id: string;
  readonly state: 'active' | 'terminated';
  readonly event: ContactEvent;
  readonly uri: string;
  /** Seconds that are left. */
  readonly expires?: number;
  readonly callId?: string;
  readonly sequence?: number;
}

export interface RegisteredAddress {
  readonly addressOfRecord: string;
  readonly id: string;
  readonly state: 'init' | 'active' | 'terminated';
  readonly contacts: readonly RegisteredContact[];
}

export interface RegInfo {
  /** Counts the documents of a subscription from 0. */
  readonly version: number;
  readonly state: 'full' | 'partial';
  readonly registrations: readonly RegisteredAddress[];
}

export function formatRegInfo({ version, state, registrations }: RegInfo): Uint8Array {
  return writeXml({
    name: 'reginfo',
    attributes: attributesOf({ xmlns: NAMESPACE, version: String(version), state }),
    content: registrations.map(({ addressOfRecord, id, state: registration, contacts }) => ({
      name: 'registration',
      attributes: attributesOf({ aor: addressOfRecord, id, state: registration }),
      content: contacts.map((contact) => ({
        name: 'contact',
        attributes: attributesOf({
          id: contact.id,
          state: contact.state,
          event: contact.event,
          expires: contact.expires?.toString(),
          callid: contact.callId,
          cseq: contact.sequence?.toString(),
        }),
        content: [{ name: 'uri', content: xmlText(contact.uri) }],
      })),
    })),
  });
}

/** Undefined for what is no such document. */
export function parseRegInfo(body: Uint8Array): RegInfo | undefined {
  const root = readDocument(body, NAMESPACE, 'reginfo');
  const version = parseDecimal(root?.attributes['version'] ?? '');
  const state = root?.attributes['state'];
  if (version === undefined || (state !== 'full' && state !== 'partial')) return undefined;
  return { version, state, registrations: childrenOf(root, 'registration').flatMap(readRegistration) };
}

function readRegistration(element: QualifiedElement): readonly RegisteredAddress[] {
  const { aor, id, state } = element.attributes;
  if (aor === undefined || id === undefined) return [];
  if (state !== 'init' && state !== 'active' && state !== 'terminated') return [];
  return [{ addressOfRecord: aor, id, state, contacts: childrenOf(element, 'contact').flatMap(readContact) }];
}

function readContact(element: QualifiedElement): readonly RegisteredContact[] {
  const { id, state, event: said, callid } = element.attributes;
  const uri = childOf(element, 'uri')?.text;
  const event = contactEvents.find((one) => one === said);
  if (id === undefined || uri === undefined || event === undefined) return [];
  if (state !== 'active' && state !== 'terminated') return [];
  const expires = parseDecimal(element.attributes['expires'] ?? '');
  const sequence = parseDecimal(element.attributes['cseq'] ?? '');
  return [
    {
      id,
      state,
      event,
      uri,
      ...(expires === undefined ? {} : { expires }),
      ...(callid === undefined ? {} : { callId: callid }),
      ...(sequence === undefined ? {} : { sequence }),
    },
  ];
}
