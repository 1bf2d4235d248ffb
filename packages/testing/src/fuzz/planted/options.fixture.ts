/**
 * A reader of options with a planted bug: behind the right version, kind and flag an option of no length makes it stand
 * still for ever.
 */
const isMended = import.meta.url.endsWith('?mended');
const version = 0xc7;
const signalling = 0x4e;
const hasOptions = 0x08;

export function fuzz(data: Uint8Array): void {
  if (data[0] === version) {
    if (data[1] === signalling) {
      if (((data[2] ?? 0) & hasOptions) !== 0) readOptions(data.subarray(3));
    }
  }
}

function readOptions(data: Uint8Array): number {
  let options = 0;
  for (let at = 0; at + 1 < data.length; options += 1) {
    const length = data[at + 1] ?? 0;
    if (length === 0 && isMended) break;
    at += length;
  }
  return options;
}
