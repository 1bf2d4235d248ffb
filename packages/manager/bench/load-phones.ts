/** The one digest password of all phones of the load: what is measured is whether it is checked. */
export const loadPassword = 'load';

/** Names and lines of phones that prove themselves by digest (`clear`) or by certificate (`secure`). */
export function loadPhoneNames(
  kind: 'clear' | 'secure',
  count: number,
): readonly { readonly device: string; readonly line: string }[] {
  const [firstDevice, firstLine] = kind === 'clear' ? [0x10_0000, 100_000] : [0x20_0000, 500_000];
  return Array.from({ length: count }, (_, at) => ({
    device: `SEP${(firstDevice + at).toString(16).toUpperCase().padStart(12, '0')}`,
    line: String(firstLine + at),
  }));
}
