import { Redacted } from '@trustline/base';
import type { HeldLists } from './judge.ts';

/** A certificate of the phone with its key. */
export interface PhoneIdentity {
  /** DER. */
  readonly certificate: Uint8Array;
  /** PKCS#8 DER. */
  readonly privateKey: Redacted<Uint8Array>;
}

/** The configuration that was used last. */
export interface HeldConfiguration {
  /** The plain XML; it may hold a digest password. */
  readonly plain: Redacted<Uint8Array>;
  /** Whether its signature was verified by the lists held then. */
  readonly verified: boolean;
}

/** All that a phone keeps when its power is cut. */
export interface PhoneState {
  readonly lists: HeldLists;
  readonly configuration: HeldConfiguration | undefined;
  /** Locally significant certificate, from CAPF. */
  readonly lsc: PhoneIdentity | undefined;
  /** Manufacturer-installed certificate. */
  readonly mic: PhoneIdentity | undefined;
  /** The firmware that it would run; undefined: the one that it was built with. */
  readonly load: string | undefined;
  /** The key that it made last at CAPF, whose certificate may come at a later visit; PKCS#8 DER. */
  readonly newKey?: Redacted<Uint8Array> | undefined;
}

/** A phone from the box, without a manufacturer's certificate. */
export const blankState: PhoneState = {
  lists: { ctl: undefined, itl: undefined },
  configuration: undefined,
  lsc: undefined,
  mic: undefined,
  load: undefined,
};

const SCHEMA = 1;

/** As text for a file that only its owner may read: it holds the phone's keys. */
export function serializePhoneState({ lists, configuration, lsc, mic, load, newKey }: PhoneState): string {
  const stored = {
    schema: SCHEMA,
    ctl: encode(lists.ctl),
    itl: encode(lists.itl),
    configuration: configuration && { plain: encode(configuration.plain.reveal()), verified: configuration.verified },
    lsc: encodeIdentity(lsc),
    mic: encodeIdentity(mic),
    load,
    newKey: encode(newKey?.reveal()),
  };
  return `${JSON.stringify(stored, undefined, 2)}\n`;
}

/** What `serializePhoneState` wrote, or undefined when it is not that. */
export function parsePhoneState(text: string): PhoneState | undefined {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(stored) || stored['schema'] !== SCHEMA) return undefined;
  try {
    const configuration = stored['configuration'];
    const newKey = decode(stored['newKey']);
    return {
      lists: { ctl: decode(stored['ctl']), itl: decode(stored['itl']) },
      configuration: configuration === undefined ? undefined : decodeConfiguration(configuration),
      lsc: decodeIdentity(stored['lsc']),
      mic: decodeIdentity(stored['mic']),
      load: decodeText(stored['load']),
      ...(newKey === undefined ? {} : { newKey: new Redacted(newKey) }),
    };
  } catch (error) {
    if (error instanceof NotThat) return undefined;
    throw error;
  }
}

class NotThat extends Error {}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function encode(octets: Uint8Array | undefined): string | undefined {
  if (octets === undefined) return undefined;
  let characters = '';
  for (const octet of octets) characters += String.fromCharCode(octet);
  return btoa(characters);
}

function encodeIdentity(identity: PhoneIdentity | undefined) {
  if (identity === undefined) return undefined;
  return { certificate: encode(identity.certificate), privateKey: encode(identity.privateKey.reveal()) };
}

function decode(value: unknown): Uint8Array | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new NotThat();
  try {
    return Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
  } catch {
    throw new NotThat();
  }
}

function decodeText(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new NotThat();
}

function needed(value: unknown): Uint8Array {
  const octets = decode(value);
  if (octets === undefined) throw new NotThat();
  return octets;
}

function decodeConfiguration(value: unknown): HeldConfiguration {
  if (!isObject(value) || typeof value['verified'] !== 'boolean') throw new NotThat();
  return { plain: new Redacted(needed(value['plain'])), verified: value['verified'] };
}

function decodeIdentity(value: unknown): PhoneIdentity | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) throw new NotThat();
  return { certificate: needed(value['certificate']), privateKey: new Redacted(needed(value['privateKey'])) };
}
