import { chooseCrypto, parseCryptoAttribute, serializeCryptoAttribute } from '../src/index.ts';
import examples from '../vectors/rfc4568-examples.json' with { type: 'json' };

/** The examples of RFC 4568 and of other implementations, and all of them as one offer. */
export function corpus(): Uint8Array[] {
  const lines = examples.lines.map(({ line }) => line.slice('a=crypto:'.length));
  return [...lines, lines.join('\n')].map((text) => new TextEncoder().encode(text));
}

/** Any text is read or refused; what is read is written so that it reads the same; nothing weak is ever chosen. */
export function fuzz(data: Uint8Array): void {
  const lines = new TextDecoder('latin1').decode(data).split('\n');
  for (const line of lines) {
    const attribute = parseCryptoAttribute(line);
    if (attribute.kind === 'rejected') continue;
    const written = serializeCryptoAttribute(attribute);
    const again = parseCryptoAttribute(written);
    if (again.kind === 'rejected') throw new Error(`what was written is refused: ${again.code}`);
    if (serializeCryptoAttribute(again) !== written) throw new Error('a second round changed the attribute');
  }
  const choice = chooseCrypto(lines, { suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] });
  if (choice.kind === 'chosen' && / -*UN(ENCRYPTED|AUTHENTICATED)/i.test(serializeCryptoAttribute(choice.attribute))) {
    throw new Error('a line without protection was chosen');
  }
}
