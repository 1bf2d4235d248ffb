/** Progress indicator (Q.931 §4.5.23). */
export interface ProgressIndicator {
  readonly codingStandard: number;
  /** As in a cause. */
  readonly location: number;
  /** 1 not end-to-end ISDN, 2 the called is no ISDN, 3 the calling is none, 8 tones or announcements are heard. */
  readonly description: number;
}

/** Tones or announcements are there to be heard before the answer. */
export const IN_BAND_INFORMATION = 8;

/** Reads the contents of the element; undefined where they are none. */
export function decodeProgressIndicator(octets: Uint8Array): ProgressIndicator | undefined {
  const [first, description] = octets;
  if (first === undefined || description === undefined) return undefined;
  return { codingStandard: (first >>> 5) & 3, location: first & 0x0f, description: description & 0x7f };
}

export function encodeProgressIndicator({ codingStandard, location, description }: ProgressIndicator): Uint8Array {
  return Uint8Array.of(0x80 | (codingStandard << 5) | location, 0x80 | description);
}
