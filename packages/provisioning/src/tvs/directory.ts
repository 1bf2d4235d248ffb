import type { TvsEntry, TvsLookup, TvsQuery } from './server-session.ts';

/** A certificate that the cluster vouches for, with the names by which phones ask for it. */
export interface TvsDirectoryEntry extends TvsEntry {
  readonly issuer: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
}

/**
 * Finds certificates as a call manager of the vendor does: by serial number and issuer. Names are compared part by
 * part, since trust lists divide them by `;` and other tools by `,`.
 */
export function tvsDirectory(entries: () => readonly TvsDirectoryEntry[]): TvsLookup {
  return {
    byCertificate: (certificate) => entries().find((entry) => sameOctets(entry.certificate, certificate)),
    byName: ({ issuer, serialNumber }: TvsQuery) => {
      if (issuer === undefined || serialNumber === undefined) return undefined;
      const wanted = keyOf(hexOf(serialNumber), issuer);
      return entries().find((entry) => keyOf(entry.serialNumber, entry.issuer) === wanted);
    },
  };
}

function keyOf(serialNumber: string, issuer: string): string {
  const parts = issuer.split(/[;,]/).map((part) => part.trim());
  return `${serialNumber.toLowerCase().replace(/^0+/, '')} ${parts.join(';')}`;
}

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

function sameOctets(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((octet, at) => octet === other[at]);
}
