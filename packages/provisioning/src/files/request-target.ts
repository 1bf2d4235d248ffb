/**
 * The file name in the target of an HTTP request (RFC 9112 §3.2.1), its percent-encoding undone once. Undefined for
 * anything but a plain path: a query, a whole URL, an encoding that is broken or hides a slash. What the name may hold is
 * for `parseFileName` to say.
 */
export function nameOfTarget(target: string): string | undefined {
  if (!target.startsWith('/') || /[?#]/.test(target)) return undefined;
  // %2F would be a slash that nobody saw as one.
  if (/%2f/i.test(target)) return undefined;
  try {
    return decodeURIComponent(target.slice(1));
  } catch {
    return undefined;
  }
}
