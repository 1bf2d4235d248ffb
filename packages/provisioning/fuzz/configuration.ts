import { Redacted } from '@trustline/base';
import { ConfigurationError, parseConfiguration, serializeConfiguration } from '../src/index.ts';

/** One small file of each kind. */
export function corpus(): Uint8Array[] {
  return [
    '<?xml version="1.0" encoding="UTF-8"?><device><fullConfig>true</fullConfig><devicePool><callManagerGroup><members><member priority="0"><callManager><ports><sipPort>5060</sipPort></ports><processNodeName>cm</processNodeName></callManager></member></members></callManagerGroup></devicePool><sipProfile><sipLines><line button="1"><name>1001</name><authName>a</authName><authPassword>b&amp;c</authPassword></line></sipLines></sipProfile><deviceSecurityMode>3</deviceSecurityMode></device>',
    '<device><fullConfig>False</fullConfig><capfAuthMode>0</capfAuthMode><capfList><capf><phonePort>3804</phonePort><processNodeName>192.0.2.4</processNodeName></capf></capfList><certHash></certHash><encrConfig>true</encrConfig></device>',
    '<Default><loadInformation00436 model="x">y</loadInformation00436><vendorConfig><![CDATA[<]]>&#9;</vendorConfig></Default>',
  ].map((text) => new TextEncoder().encode(text));
}

/** Any octets are a configuration that means the same when written and read again, or one that cannot be written, or the typed reject. */
export function fuzz(data: Uint8Array): void {
  const result = parseConfiguration(data);
  if (!result.ok) {
    if (result.offset < 0 || result.offset > data.length) throw new Error('the offset lies outside');
    return;
  }
  let written: Uint8Array;
  try {
    written = serializeConfiguration(result.file);
  } catch (error) {
    if (error instanceof ConfigurationError) return;
    throw error;
  }
  const again = parseConfiguration(written);
  if (!again.ok) throw new Error(`what was written is refused: ${again.message}`);
  if (revealed(again.file) !== revealed(result.file)) throw new Error('it changed');
}

/** As text that does not depend on the order of members, secrets included. */
function revealed(file: unknown): string {
  return JSON.stringify(file, (_, value) => sorted(value instanceof Redacted ? { secret: value.reveal() } : value));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
