import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Larger files are captures of minutes: as samples they would only slow everything down. */
const largestSample = 65_536;

/** The samples in a folder of vectors: files as they are, and what looks like hexadecimal inside JSON ones as octets. */
export function samplesOf(folder: string): readonly Uint8Array[] {
  return filesBelow(folder).flatMap((path) => {
    const bytes = readFileSync(path);
    if (path.endsWith('.json')) {
      const texts = bytes.toString('utf8').matchAll(/"((?:[0-9a-fA-F]{2}){4,2048})"/g);
      return [...texts].map(([, hex = '']) => Uint8Array.from(Buffer.from(hex, 'hex')));
    }
    return bytes.byteLength <= largestSample ? [Uint8Array.from(bytes)] : [];
  });
}

/** The texts of the sources in a folder, tests aside. */
export function sourcesOf(folder: string): readonly string[] {
  return filesBelow(folder)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(path, 'utf8'));
}

/** In an order that is the same everywhere; none when there is no such folder. */
function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((path) => join(folder, path))
      .filter((path) => statSync(path).isFile());
  } catch {
    return [];
  }
}
