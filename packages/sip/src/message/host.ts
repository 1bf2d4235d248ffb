import { type HeaderReader, isDigitCode, isHostName, parseDecimal } from './grammar.ts';

/** Every character an address literal between brackets may have; what it means is the socket's business. */
function isAddressCode(code: number): boolean {
  return (
    isDigitCode(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102) || code === 58 || code === 46 // : .
  );
}

/** A host name or IPv4 address, or an IPv6 address without its brackets. */
export function isHost(text: string): boolean {
  if (!text.includes(':')) return isHostName(text);
  for (let i = 0; i < text.length; i++) if (!isAddressCode(text.charCodeAt(i))) return false;
  return true;
}

/** With the brackets an IPv6 address needs beside a port (RFC 3261 §25.1, IPv6reference). */
export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `host [ COLON port ]`, brackets removed; port 1 to 65535. */
export function readHostPort(reader: HeaderReader): { host: string; port: number | undefined } | undefined {
  const host = reader.peek() === '[' ? readBracketed(reader) : reader.hostName();
  if (host === undefined) return undefined;
  if (!reader.separator(':')) return { host, port: undefined };
  const port = parsePort(reader.digits() ?? '');
  return port === undefined ? undefined : { host, port };
}

function readBracketed(reader: HeaderReader): string | undefined {
  reader.position++;
  const host = reader.until(']');
  if (reader.peek() !== ']' || !host.includes(':') || !isHost(host)) return undefined;
  reader.position++;
  return host;
}

/** A port number, 1 to 65535. */
export function parsePort(text: string): number | undefined {
  const port = text.length > 5 ? undefined : parseDecimal(text);
  return port === undefined || port === 0 || port > 65_535 ? undefined : port;
}
