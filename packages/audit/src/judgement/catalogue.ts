import type { Evidence, Finding } from '../model/report.ts';
import { digitCatalogue } from './catalogue/digits.ts';
import type { CatalogueEntry } from './catalogue/entry.ts';
import { keyCatalogue } from './catalogue/keys.ts';
import { mediaCatalogue } from './catalogue/media.ts';
import { captureCatalogue, claimCatalogue } from './catalogue/network.ts';
import { signallingCatalogue } from './catalogue/signalling.ts';
import { transportCatalogue } from './catalogue/transport.ts';

/** Every finding that an audit may have, by subject; of those that harm equally the worse comes first. */
export const catalogue: readonly CatalogueEntry[] = [
  ...claimCatalogue,
  ...digitCatalogue,
  ...mediaCatalogue,
  ...keyCatalogue,
  ...signallingCatalogue,
  ...transportCatalogue,
  ...captureCatalogue,
];

const byCode: ReadonlyMap<string, CatalogueEntry> = new Map(catalogue.map((entry) => [entry.code, entry]));

export function catalogueEntry(code: string): CatalogueEntry | undefined {
  return byCode.get(code);
}

/** Packets that a finding names as evidence, at the most. */
const MOST_EVIDENCE_PACKETS = 20;

/** A finding of the catalogue, as it was seen here. `here`: what is to be changed, and what is broken, where that is known better here. */
export function findingOf(
  code: string,
  detail: string,
  evidence: readonly Evidence[],
  here: { readonly fix?: string | undefined; readonly rules?: readonly string[] | undefined } = {},
): Finding {
  const entry = byCode.get(code);
  if (entry === undefined) throw new TypeError(`The catalogue has no finding ${code}.`);
  const { harm, title, rules, fix } = entry;
  const kept = evidence.map(({ packets, says }) => ({ packets: packets.slice(0, MOST_EVIDENCE_PACKETS), says }));
  return { code, harm, title, detail, evidence: kept, rules: here.rules ?? rules, fix: here.fix ?? fix };
}

const harms = ['critical', 'high', 'medium', 'low', 'information'] as const;

/** Worst first; equals in the order in which the catalogue has them. */
export function inOrderOfHarm(findings: readonly Finding[]): readonly Finding[] {
  const rank = new Map(catalogue.map(({ code }, at) => [code, at]));
  return [...findings].sort(
    (one, other) =>
      harms.indexOf(one.harm) - harms.indexOf(other.harm) || (rank.get(one.code) ?? 0) - (rank.get(other.code) ?? 0),
  );
}
