/** The oldest and the newest protocol version of which the layouts are known. */
export const OLDEST_VERSION = 3;
export const NEWEST_VERSION = 22;

/** Protocol versions that are written into headers; between them the one below is. [C2: WS, CHSCCP] */
const headerVersions = [10, 11, 15, 16, 17, 18, 19, 20, 21, 22];

/**
 * What a header says in a protocol version: zero below 10. [C2: WS, CHSCCP; R: dumps of versions 17, 20 and 22; a 7960
 * and CUCM 7 say zero in version 11 too]
 */
export function headerVersionOf(version: number): number {
  return headerVersions.findLast((known) => known <= version) ?? 0;
}

/** The version that both ends know. Phones that say less than 3, or nothing, are spoken to as 3. [C: CHSCCP] */
export function negotiatedVersion(offered: number, newest: number = NEWEST_VERSION): number {
  return Math.max(OLDEST_VERSION, Math.min(offered, newest));
}
