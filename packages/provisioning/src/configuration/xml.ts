import { readXml as readDocument, type XmlReject, type XmlResult } from '@trustline/base';

/** Octets. Configurations of real phones have some ten thousand. */
export const MAXIMUM_CONFIGURATION_LENGTH = 262_144;

/** Elements in one file. The largest sample, with a firmware for each of 60 models, has 210. */
export const MAXIMUM_ELEMENTS = 2_000;

/** Elements within each other. Phones know eight: device … ports, sipPort. */
export const MAXIMUM_DEPTH = 16;

export type ConfigurationRejectCode = XmlReject['code'] | 'root' | 'duplicate-element' | 'bad-value';

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

/** Reads a configuration's XML, within the limits above. */
export function readXml(octets: Uint8Array): XmlResult {
  return readDocument(octets, {
    octets: MAXIMUM_CONFIGURATION_LENGTH,
    elements: MAXIMUM_ELEMENTS,
    depth: MAXIMUM_DEPTH,
  });
}
