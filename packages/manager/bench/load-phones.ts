/** The one digest password of all phones of the load: what is measured is whether it is checked. */
export const loadPassword = 'load';

/** Device and line of the first one. */
const firsts = { clear: [0x10_0000, 100_000], secure: [0x20_0000, 500_000], skinny: [0x30_0000, 800_000] } as const;

/** Names and lines of phones that prove themselves by digest (`clear`) or by certificate (`secure`; `skinny` by Skinny). */
export function loadPhoneNames(
  kind: 'clear' | 'secure' | 'skinny',
  count: number,
): readonly { readonly device: string; readonly line: string }[] {
  const [firstDevice, firstLine] = firsts[kind];
  return Array.from({ length: count }, (_, at) => ({
    device: `SEP${(firstDevice + at).toString(16).toUpperCase().padStart(12, '0')}`,
    line: String(firstLine + at),
  }));
}
