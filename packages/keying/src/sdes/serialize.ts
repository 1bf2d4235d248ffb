import { assertNever } from '@trustline/base';
import type { CryptoAttribute, SdesKey, SdesSessionParameter } from './attribute.ts';
import { encodeBase64 } from './base64.ts';

/**
 * The value of the `a=crypto` attribute, without the leading `a=crypto:`. The text holds the key: write it to a
 * message and nowhere else.
 */
export function serializeCryptoAttribute(attribute: CryptoAttribute): string {
  return [
    attribute.tag,
    attribute.suiteName,
    serializeKeys(attribute.keys),
    ...attribute.sessionParameters.map(serializeSessionParameter),
  ].join(' ');
}

function serializeKeys(keys: readonly SdesKey[]): string {
  return keys
    .map((key) => {
      const fields = [`inline:${encodeBase64(key.material.reveal())}`];
      if (key.lifetime !== undefined) fields.push(serializeLifetime(key.lifetime));
      if (key.mki !== undefined) fields.push(serializeMki(key.mki));
      return fields.join('|');
    })
    .join(';');
}

function serializeLifetime(packets: number): string {
  const exponent = Math.log2(packets);
  return Number.isInteger(exponent) ? `2^${exponent}` : String(packets);
}

function serializeMki(mki: Uint8Array): string {
  let value = 0n;
  for (const octet of mki) value = (value << 8n) | BigInt(octet);
  return `${value}:${mki.byteLength}`;
}

function serializeSessionParameter(parameter: SdesSessionParameter): string {
  const name = (registered: string) => ('written' in parameter ? (parameter.written ?? registered) : registered);
  switch (parameter.kind) {
    case 'key-derivation-rate':
      return `${name('KDR')}=${parameter.exponent}`;
    case 'unencrypted-srtp':
      return name('UNENCRYPTED_SRTP');
    case 'unencrypted-srtcp':
      return name('UNENCRYPTED_SRTCP');
    case 'unauthenticated-srtp':
      return name('UNAUTHENTICATED_SRTP');
    case 'fec-order':
      return `${name('FEC_ORDER')}=${parameter.order}`;
    case 'fec-key':
      return `${name('FEC_KEY')}=${serializeKeys(parameter.keys)}`;
    case 'window-size-hint':
      return `${name('WSH')}=${String(parameter.packets).padStart(2, '0')}`; // two digits at least, RFC 4568 §9.2
    case 'unknown':
      return parameter.text;
    default:
      return assertNever(parameter);
  }
}
