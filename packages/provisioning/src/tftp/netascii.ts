const carriageReturn = 13;
const lineFeed = 10;

/**
 * Octets in the text form of TFTP (RFC 1350 §1, RFC 764): a line ends with CR LF, and a bare CR is CR NUL. What comes
 * out is at most twice as long.
 */
export function toNetascii(octets: Uint8Array): Uint8Array {
  let extra = 0;
  for (const octet of octets) if (octet === carriageReturn || octet === lineFeed) extra += 1;
  const out = new Uint8Array(octets.byteLength + extra);
  let at = 0;
  for (const octet of octets) {
    if (octet === lineFeed) out[at++] = carriageReturn;
    out[at++] = octet;
    if (octet === carriageReturn) out[at++] = 0;
  }
  return out;
}

/** Back to lines that end with LF. A CR before anything but LF and NUL, which no sender should write, stays as it is. */
export function fromNetascii(octets: Uint8Array): Uint8Array {
  const out = new Uint8Array(octets.byteLength);
  let length = 0;
  for (let at = 0; at < octets.byteLength; at += 1) {
    const octet = octets[at] ?? 0;
    const next = octets[at + 1];
    if (octet === carriageReturn && (next === lineFeed || next === 0)) {
      out[length++] = next === lineFeed ? lineFeed : carriageReturn;
      at += 1;
    } else {
      out[length++] = octet;
    }
  }
  return out.slice(0, length);
}
