import { type HeaderReader, isAlphaCode, isDigitCode, parseDecimal } from './grammar.ts';

/** Every character an address literal between brackets may have; what it means is the socket's business. */
function isAddressCode(code: number): boolean {
  return (
    isDigitCode(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102) || code === 58 || code === 46 // : .
  );
}

/** Letters, digits, dot, hyphen, and the underscore that real domains carry although RFC 3261 does not name it. */
function isHostCode(code: number): boolean {
  return isAlphaCode(code) || isDigitCode(code) || code === 45 || code === 46 || code === 95;
}

/** A host name or IPv4 address, or an IPv6 address without its brackets. */
export function isHost(text: string): boolean {
  if (text.length === 0) return false;
  const accepts = text.includes(':') ? isAddressCode : isHostCode;
  for (let i = 0; i < text.length; i++) if (!accepts(text.charCodeAt(i))) return false;
  return true;
}

/** With the brackets an IPv6 address needs beside a port (RFC 3261 §25.1, IPv6reference). */
export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `host [ COLON port ]`, brackets removed; port 1 to 65535. */
export function readHostPort(reader: HeaderReader): { host: string; port: number | undefined } | undefined {
  let host: string;
  if (reader.peek() === '[') {
    reader.position++;
    host = reader.until(']');
    if (reader.peek() !== ']' || !host.includes(':')) return undefined;
    reader.position++;
  } else {
    const start = reader.position;
    while (isHostCode(reader.text.charCodeAt(reader.position))) reader.position++;
    host = reader.text.slice(start, reader.position);
  }
  if (!isHost(host)) return undefined;
  if (!reader.separator(':')) return { host, port: undefined };
  const port = parsePort(reader.digits() ?? '');
  return port === undefined ? undefined : { host, port };
}

/** A port number, 1 to 65535. */
export function parsePort(text: string): number | undefined {
  const port = text.length > 5 ? undefined : parseDecimal(text);
  return port === undefined || port === 0 || port > 65_535 ? undefined : port;
}
