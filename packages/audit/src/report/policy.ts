import { nearestName } from '@trustline/base';
import { addressOctets } from '@trustline/capture';
import { catalogue } from '../judgement/catalogue.ts';
import { type Verdict, verdicts } from '../model/report.ts';

/** What counts for the exit status. */
export interface AuditPolicy {
  /** Verdicts of calls that fail. */
  readonly fail: readonly Verdict[];
  /** Verdicts that leave it undecided. */
  readonly undecided: readonly Verdict[];
  /** Findings, of calls and of the network, that fail whatever the verdict is. */
  readonly findings: readonly string[];
  readonly ignore: readonly PolicyException[];
}

/** What is known and borne with, and why. It stands in the report with its reason. Finding, address and number hold together. */
export interface PolicyException {
  /** A finding is not counted; of a call whose verdict rests on others, too, those still count. */
  readonly finding?: string;
  /** Calls with an end at this address, or in this network (`192.0.2.0/24`), are not counted. */
  readonly address?: string;
  /** Calls from or to this number are not counted. */
  readonly number?: string;
  readonly reason: string;
  /** The last day (UTC) on which it is borne with, `2027-01-31`; without one there is no end. */
  readonly until?: string;
}

export const defaultPolicy: AuditPolicy = {
  fail: ['heard', 'digits-heard', 'keys-exposed', 'metadata-only'],
  undecided: ['cannot-tell'],
  findings: ['claim-above-truth', 'records-not-verified'],
  ignore: [],
};

export type PolicyReading =
  | { readonly ok: true; readonly policy: AuditPolicy }
  | { readonly ok: false; readonly problems: readonly string[] };

const keys = ['fail', 'undecided', 'findings', 'ignore'] as const;
const exceptionKeys = ['finding', 'address', 'number', 'reason', 'until'] as const;

/** Reads a policy from what a YAML or JSON document holds. Everything that is wrong is said at once, with the nearest valid name. */
export function readPolicy(value: unknown): PolicyReading {
  const problems: string[] = [];
  const document = value ?? {};
  if (!isMap(document)) return { ok: false, problems: ['The policy is no map of keys.'] };
  checkKeys(document, keys, '', problems);
  const codes = catalogue.map(({ code }) => code);
  const policy: AuditPolicy = {
    fail: namesOf(document, 'fail', verdicts, problems) ?? defaultPolicy.fail,
    undecided: namesOf(document, 'undecided', verdicts, problems) ?? defaultPolicy.undecided,
    findings: namesOf(document, 'findings', codes, problems) ?? defaultPolicy.findings,
    ignore: exceptionsOf(document['ignore'], codes, problems),
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, policy };
}

type Document = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkKeys(map: Document, known: readonly string[], path: string, problems: string[]): void {
  for (const key of Object.keys(map)) {
    if (!known.includes(key)) problems.push(`${path}${key}: there is no such key.${near(key, known)}`);
  }
}

function near(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? ` Known are: ${known.join(', ')}.` : ` Did you mean ${nearest}?`;
}

function namesOf<Name extends string>(
  document: Document,
  key: string,
  known: readonly Name[],
  problems: string[],
): readonly Name[] | undefined {
  const value = document[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    problems.push(`${key}: a list is wanted.`);
    return undefined;
  }
  const names: Name[] = [];
  for (const [at, name] of value.entries()) {
    const found = known.find((one) => one === name);
    if (found !== undefined) names.push(found);
    else {
      const nearest = nearestName(String(name), known);
      problems.push(
        `${key}[${at}]: ${String(name)} is not known.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`,
      );
    }
  }
  return names;
}

function exceptionsOf(value: unknown, codes: readonly string[], problems: string[]): readonly PolicyException[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.push('ignore: a list is wanted.');
    return [];
  }
  return value.flatMap((one: unknown, at) => {
    const path = `ignore[${at}]`;
    if (!isMap(one)) {
      problems.push(`${path}: a map with a finding, an address or a number, and a reason is wanted.`);
      return [];
    }
    checkKeys(one, exceptionKeys, `${path}.`, problems);
    const { finding, address, number, reason, until } = one;
    if (typeof reason !== 'string' || reason.trim() === '') problems.push(`${path}.reason: say why it is borne with.`);
    if (finding === undefined && address === undefined && number === undefined) {
      problems.push(`${path}: name a finding, an address or a number.`);
    }
    if (finding !== undefined && !codes.includes(String(finding))) {
      const nearest = nearestName(String(finding), codes);
      problems.push(
        `${path}.finding: ${String(finding)} is not known.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`,
      );
    }
    if (address !== undefined && networkOf(String(address)) === undefined) {
      problems.push(`${path}.address: ${String(address)} is no address or network.`);
    }
    if (until !== undefined && !isDay(String(until))) {
      problems.push(`${path}.until: ${String(until)} is no day: write it as 2027-01-31.`);
    }
    return [
      {
        reason: String(reason),
        ...(finding === undefined ? {} : { finding: String(finding) }),
        ...(address === undefined ? {} : { address: String(address) }),
        ...(number === undefined ? {} : { number: String(number) }),
        ...(until === undefined ? {} : { until: String(until) }),
      },
    ];
  });
}

/** A day of the calendar, as ISO 8601 writes it. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const moment = new Date(`${text}T00:00:00Z`);
  // 31 April is taken for 1 May.
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

/** Whether an address is this one, or of this network; undefined for what is neither. */
export function networkOf(text: string): ((address: string) => boolean) | undefined {
  const [base = '', bits] = text.split('/');
  const wanted = octetsOf(base);
  if (wanted === undefined || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  const length = bits === undefined ? 8 * wanted.byteLength : Number(bits);
  if (length > 8 * wanted.byteLength) return undefined;
  return (address) => {
    const octets = octetsOf(address);
    if (octets === undefined || octets.byteLength !== wanted.byteLength) return false;
    for (let bit = 0; bit < length; bit++) {
      const mask = 0x80 >> (bit & 7);
      if (((octets[bit >> 3] ?? 0) & mask) !== ((wanted[bit >> 3] ?? 0) & mask)) return false;
    }
    return true;
  };
}

function octetsOf(address: string): Uint8Array | undefined {
  try {
    return addressOctets(address);
  } catch {
    return undefined;
  }
}
