/** A question to the domain name system; `name` without a dot at its end. */
export interface DnsQuestion {
  readonly type: 'NAPTR' | 'SRV' | 'AAAA' | 'A';
  readonly name: string;
}

/** RFC 3403 §4.1. */
export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

/** RFC 2782. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** What there is of a name; an empty list where there is nothing, or nobody could say. */
export interface DnsRecords {
  readonly NAPTR: readonly NaptrRecord[];
  readonly SRV: readonly SrvRecord[];
  readonly AAAA: readonly string[];
  readonly A: readonly string[];
}

/**
 * The order in which servers are tried: by priority, and among equals by chance, the heavier the sooner (RFC 2782). A
 * target of `.` says that the service is not there.
 *
 * @param random a number from 0 up to, not including, 1
 */
export function orderServers(records: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  const left = records.filter(({ target }) => target !== '.' && target !== '');
  const ordered: SrvRecord[] = [];
  while (left.length > 0) {
    const priority = Math.min(...left.map((record) => record.priority));
    // "Arrange all SRV RRs [of a priority] in any order, except that all those with weight 0 are placed at the beginning".
    const equals = left.filter((record) => record.priority === priority).sort((a, b) => a.weight - b.weight);
    const sum = equals.reduce((total, { weight }) => total + weight, 0);
    let chosen = Math.floor(random() * (sum + 1));
    const next = equals.find(({ weight }) => {
      chosen -= weight;
      return chosen <= 0;
    });
    const record = next ?? equals[0];
    if (record === undefined) break;
    ordered.push(record);
    left.splice(left.indexOf(record), 1);
  }
  return ordered;
}
