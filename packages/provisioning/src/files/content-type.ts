/** The media types of the files that phones ask for, by the end of the name. */
const types: readonly (readonly [string, string])[] = [
  ['.xml', 'text/xml'],
  ['.txt', 'text/plain'],
  ['.html', 'text/html'],
  ['.png', 'image/png'],
  ['.wav', 'audio/x-wav'],
  ['.crl', 'application/pkix-crl'], // RFC 2585 §4.2
];

/** Anything else, signed and binary files among it, is octets. */
export function contentTypeOf(name: string): string {
  const lower = name.toLowerCase();
  return types.find(([end]) => lower.endsWith(end))?.[1] ?? 'application/octet-stream';
}
