import { nearestName } from '@trustline/base';
import { addressOctets } from '@trustline/capture';
import { catalogue } from '../judgement/catalogue.ts';
import { type AuditReport, type Finding, type ReportCall, type Verdict, verdicts } from '../model/report.ts';

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

/** What is known and borne with, and why. It stands in the report with its reason. */
export interface PolicyException {
  /** A finding is not counted; of a call whose verdict rests on others, too, those still count. */
  readonly finding?: string;
  /** Calls with an end at this address, or in this network (`192.0.2.0/24`), are not counted. */
  readonly address?: string;
  /** Calls from or to this number are not counted. */
  readonly number?: string;
  readonly reason: string;
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
const exceptionKeys = ['finding', 'address', 'number', 'reason'] as const;

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
    const { finding, address, number, reason } = one;
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
    return [
      {
        reason: String(reason),
        ...(finding === undefined ? {} : { finding: String(finding) }),
        ...(address === undefined ? {} : { address: String(address) }),
        ...(number === undefined ? {} : { number: String(number) }),
      },
    ];
  });
}

/** What a policy makes of a report. */
export interface PolicyOutcome {
  /** 0: all is well. 2: something fails. 3: nothing fails, and something is undecided, or no call was found. */
  readonly exitStatus: 0 | 2 | 3;
  readonly ignored: readonly { readonly call: number; readonly reason: string }[];
}

/** Judges a report by a policy. */
export function applyPolicy(report: AuditReport, policy: AuditPolicy): PolicyOutcome {
  const ignored: { call: number; reason: string }[] = [];
  let [fails, isUndecided] = [
    report.findings.some((finding) => countsAlone(finding, policy)),
    report.calls.length === 0 || hasUnread(report, policy),
  ];
  for (const call of report.calls) {
    const exception = policy.ignore.find((one) => covers(one, call));
    if (exception !== undefined) {
      ignored.push({ call: call.number, reason: exception.reason });
      continue;
    }
    if (policy.fail.includes(call.verdict) || call.findings.some((finding) => countsAlone(finding, policy)))
      fails = true;
    else if (policy.undecided.includes(call.verdict)) isUndecided = true;
  }
  return { exitStatus: fails ? 2 : isUndecided ? 3 : 0, ignored };
}

/** Of what could not be read of a damaged capture nobody can tell; one that was cut lacks no more than its last packet. */
function hasUnread({ captures }: AuditReport, { undecided }: AuditPolicy): boolean {
  return undecided.includes('cannot-tell') && captures.some(({ ended, octets }) => ended === 'malformed' && octets > 0);
}

/** A finding fails by itself where the policy names it and does not ignore it. */
function countsAlone({ code }: Finding, { findings, ignore }: AuditPolicy): boolean {
  return (
    findings.includes(code) &&
    !ignore.some((one) => one.finding === code && one.address === undefined && one.number === undefined)
  );
}

/** Whether an exception takes a call out: by its ends, or where all that is wrong with it is what the exception names. */
function covers({ finding, address, number }: PolicyException, call: ReportCall): boolean {
  if (address !== undefined && !endsIn(call, address)) return false;
  if (number !== undefined && call.caller.number !== number && call.called.number !== number) return false;
  if (finding === undefined) return true;
  // What follows from what is borne with, and what harms little, does not count besides.
  const others = call.findings.filter(({ code, harm }) => code !== finding && (harm === 'critical' || harm === 'high'));
  return others.length === 0 && call.findings.some(({ code }) => code === finding);
}

function endsIn({ caller, called, streams }: ReportCall, address: string): boolean {
  const network = networkOf(address);
  if (network === undefined) return false;
  const ends = [
    ...caller.addresses,
    ...called.addresses,
    ...streams.flatMap(({ source, destination }) => [source, destination]),
  ];
  return ends.some((end) => network(hostOf(end)));
}

function hostOf(end: string): string {
  return /^\[(.+)\]:\d+$/.exec(end)?.[1] ?? end.replace(/:\d+$/, '');
}

/** Whether an address is this one, or of this network; undefined for what is neither. */
function networkOf(text: string): ((address: string) => boolean) | undefined {
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
