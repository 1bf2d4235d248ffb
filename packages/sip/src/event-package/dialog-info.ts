import { type NewXmlElement, writeXml } from '@trustline/base';
import { parseDecimal } from '../message/grammar.ts';
import { attributesOf, childOf, childrenOf, type QualifiedElement, readDocument, xmlText } from './xml-document.ts';

/** The event package about a user agent's calls (RFC 4235). */
export const DIALOG_EVENT = 'dialog';
export const DIALOG_INFO_TYPE = 'application/dialog-info+xml';

const NAMESPACE = 'urn:ietf:params:xml:ns:dialog-info';

/** RFC 4235 §3.7.1. */
export const dialogStates = ['trying', 'proceeding', 'early', 'confirmed', 'terminated'] as const;
export type DialogStateName = (typeof dialogStates)[number];

/** Who takes part at one end of a dialog (RFC 4235 §4.1.6). */
export interface DialogParty {
  readonly uri: string;
  readonly displayName?: string;
}

/** One call of a user agent, as a watcher may know it (RFC 4235 §4.1.2). */
export interface WatchedDialog {
  /** Names it in later documents. */
  readonly id: string;
  readonly state: DialogStateName;
  /** Who sent the INVITE: the watched user agent, or the other end. */
  readonly direction?: 'initiator' | 'recipient';
  readonly callId?: string;
  /** The tag of the watched user agent. */
  readonly localTag?: string;
  readonly remoteTag?: string;
  readonly local?: DialogParty;
  readonly remote?: DialogParty;
}

export interface DialogInfo {
  /** Counts the documents of a subscription from 0 (RFC 4235 §4.1.1). */
  readonly version: number;
  /** Every dialog, or only those that have changed. */
  readonly state: 'full' | 'partial';
  /** Whose dialogs they are. */
  readonly entity: string;
  readonly dialogs: readonly WatchedDialog[];
}

export function formatDialogInfo({ version, state, entity, dialogs }: DialogInfo): Uint8Array {
  return writeXml({
    name: 'dialog-info',
    attributes: attributesOf({ xmlns: NAMESPACE, version: String(version), state, entity }),
    content: dialogs.map((dialog) => ({
      name: 'dialog',
      attributes: attributesOf({
        id: dialog.id,
        'call-id': dialog.callId,
        'local-tag': dialog.localTag,
        'remote-tag': dialog.remoteTag,
        direction: dialog.direction,
      }),
      content: [
        { name: 'state', content: dialog.state },
        ...partyElement('local', dialog.local),
        ...partyElement('remote', dialog.remote),
      ],
    })),
  });
}

/** Undefined for what is no such document; elements of others are passed over (RFC 4235 §4.2). */
export function parseDialogInfo(body: Uint8Array): DialogInfo | undefined {
  const root = readDocument(body, NAMESPACE, 'dialog-info');
  const version = parseDecimal(root?.attributes['version'] ?? '');
  const state = root?.attributes['state'];
  const entity = root?.attributes['entity'];
  if (version === undefined || entity === undefined || (state !== 'full' && state !== 'partial')) return undefined;
  const dialogs = childrenOf(root, 'dialog').map(readDialog);
  return dialogs.some((dialog) => dialog === undefined)
    ? undefined
    : { version, state, entity, dialogs: dialogs.filter((dialog) => dialog !== undefined) };
}

function partyElement(name: 'local' | 'remote', party: DialogParty | undefined): readonly NewXmlElement[] {
  if (party === undefined) return [];
  const attributes = attributesOf({ display: party.displayName });
  return [
    {
      name,
      content: [
        { name: 'identity', attributes, content: xmlText(party.uri) },
        // Phones show what `target` says; it is the identity once more, and never where somebody is reached.
        { name: 'target', attributes: attributesOf({ uri: party.uri }) },
      ],
    },
  ];
}

function readDialog(element: QualifiedElement): WatchedDialog | undefined {
  const { id, direction, 'call-id': callId, 'local-tag': localTag, 'remote-tag': remoteTag } = element.attributes;
  const said = childOf(element, 'state')?.text;
  const state = dialogStates.find((one) => one === said);
  if (id === undefined || state === undefined) return undefined;
  const [local, remote] = [readParty(childOf(element, 'local')), readParty(childOf(element, 'remote'))];
  return {
    id,
    state,
    ...(direction === 'initiator' || direction === 'recipient' ? { direction } : {}),
    ...(callId === undefined ? {} : { callId }),
    ...(localTag === undefined ? {} : { localTag }),
    ...(remoteTag === undefined ? {} : { remoteTag }),
    ...(local === undefined ? {} : { local }),
    ...(remote === undefined ? {} : { remote }),
  };
}

function readParty(element: QualifiedElement | undefined): DialogParty | undefined {
  const identity = childOf(element, 'identity');
  if (identity === undefined) return undefined;
  const { display } = identity.attributes;
  return { uri: identity.text, ...(display === undefined ? {} : { displayName: display }) };
}
