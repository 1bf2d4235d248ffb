import { generateMasterKey } from '@trustline/keying';
import type { MediaKey } from './keys.ts';
import { isActive, isSecure, type MediaDescription, type MediaStream, refused } from './media.ts';
import type { World } from './world.ts';

/**
 * What an end is told of whom it waits for: its own streams, taken, and nothing is sent (RFC 3725 §4.4). A stream with keys
 * needs one (RFC 4568 §5.1.2): it is new, nothing is ever protected with it, and nobody else learns those of the end.
 */
export function waitingMedia(world: World, said: MediaDescription): MediaDescription {
  const streams = said.streams.map((stream): MediaStream => {
    if (!isActive(stream)) return refused(stream);
    const nowhere = stream.address.includes(':') ? '::' : '0.0.0.0';
    const waiting = { ...stream, address: nowhere, port: 9, direction: 'inactive' as const, attributes: [] };
    if (!isSecure(stream)) return stream.transport === 'RTP/SAVP' ? refused(stream) : { ...waiting, keys: [] };
    const keys = stream.keys.flatMap((key) => newKeyLike(world, key)).slice(0, 1);
    return keys.length === 0 ? refused(stream) : { ...waiting, keys };
  });
  return { streams, attributes: [] };
}

/** A key of nobody under the tag and suite of this one. */
export function newKeyLike(world: World, { tag, suiteName, suite }: MediaKey): readonly MediaKey[] {
  if (suite === undefined) return [];
  const material = generateMasterKey((length) => world.ports.random(length), suite.name);
  return [
    {
      kind: 'crypto',
      tag,
      suiteName,
      suite,
      keys: [{ material, lifetime: undefined, mki: undefined }],
      sessionParameters: [],
    },
  ];
}
