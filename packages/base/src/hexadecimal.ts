/** Each octet in two digits: whoever has thousands of names to write a second looks them up. */
const digits = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** Octets in lower-case hexadecimal. */
export function hexadecimal(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += digits[octet];
  return text;
}
