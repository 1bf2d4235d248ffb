import type { CallKeys } from '@trustline/phone/node';

/** The object identifier of SRTP with the suites of H.235.8 begins so (0.0.8.235.0.4): whoever offers or sends a key names it. */
const SRTP_OBJECT_IDENTIFIER = Uint8Array.of(0x00, 0x08, 0x81, 0x6b, 0x00, 0x04);

/** What of keys is in octets that somebody overheard. */
export interface KeysFound {
  /** Different keys that were looked for. */
  readonly made: number;
  /** Those of them that are there, as they are, in hexadecimal or in base64. */
  readonly found: number;
  /** How often a suite of H.235.8 is named: where keys are offered or sent, one is. */
  readonly named: number;
}

/** Looks for every key of a call, both directions, in what was overheard. */
export function searchKeys(keys: readonly CallKeys[], overheard: readonly Uint8Array[]): KeysFound {
  const masters = new Map<string, { readonly key: Uint8Array; readonly salt: Uint8Array }>();
  for (const { send, receive } of keys) {
    for (const { key, salt } of [...send.masterKeys, ...receive.masterKeys]) {
      masters.set(Buffer.from(key).toString('hex'), { key, salt });
    }
  }
  const pieces = overheard.map((octets) => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
  const isThere = (form: Buffer | string) => pieces.some((piece) => piece.includes(form));
  const found = [...masters.values()].filter(({ key, salt }) => {
    const both = Buffer.concat([key, salt]);
    const hexadecimal = Buffer.from(key).toString('hex');
    // The first fifteen octets of the key in base64: whatever follows it changes none of these characters.
    return [Buffer.from(key), hexadecimal, hexadecimal.toUpperCase(), both.toString('base64').slice(0, 20)].some(
      isThere,
    );
  });
  const named = pieces.reduce((sum, piece) => sum + occurrences(piece, SRTP_OBJECT_IDENTIFIER), 0);
  return { made: masters.size, found: found.length, named };
}

function occurrences(piece: Buffer, sought: Uint8Array): number {
  let count = 0;
  for (let at = piece.indexOf(sought); at >= 0; at = piece.indexOf(sought, at + 1)) count++;
  return count;
}
