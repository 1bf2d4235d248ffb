import { KeyMaterial } from '../src/keys/key-material.ts';

/** Reads the octets as a file that the auditor gave: each line is read or refused, once. */
export function fuzz(data: Uint8Array): void {
  const text = new TextDecoder().decode(data);
  const { read, refusedLines } = new KeyMaterial().add(text);
  const total = Object.values(read).reduce((sum, count) => sum + count, refusedLines);
  if (total > text.split(/\r\n|\r|\n/).length) throw new Error('more was read than there are lines');
}
