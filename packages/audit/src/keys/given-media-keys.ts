import type { MediaKey } from '../model/media-key.ts';
import { fromAttribute } from '../signalling/sdp/keys.ts';
import type { KeyMaterial } from './key-material.ts';

/** The media's keys that the auditor gave: SDES lines of key files. */
export function givenMediaKeys({ sdes }: KeyMaterial): readonly MediaKey[] {
  const source = { kind: 'given', name: 'an SDES line of a key file' } as const;
  return sdes.flatMap((attribute) =>
    attribute.suite === undefined ? [] : fromAttribute(attribute, attribute.suite.name, source).keys,
  );
}
