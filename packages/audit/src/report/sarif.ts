import { catalogueEntry } from '../judgement/catalogue.ts';
import type { AuditReport, Finding, Harm, ReportCall, ReportPolicy } from '../model/report.ts';
import { type PacketsOfCapture, packetsByCapture } from './packet-places.ts';
import { findingsByCode, shown, whoText } from './words.ts';

const levels: Readonly<Record<Harm, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'warning',
  information: 'note',
};

/** As GitHub and others rank what is found for its security. */
const severities: Readonly<Record<Harm, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  information: '0.0',
};

/** The findings as SARIF 2.1.0 (OASIS), for pipelines: a rule for each kind of finding, a result for each finding of a call. */
export function sarifReport(report: AuditReport): string {
  const rules = findingsByCode(report).map(({ finding }) => finding.code);
  const results = [
    ...report.calls.flatMap((call) => call.findings.map((finding) => resultOf(finding, report, rules, call))),
    ...report.findings.map((finding) => resultOf(finding, report, rules, undefined)),
  ];
  const document = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'trustline audit',
            version: report.tool.version,
            rules: rules.map(ruleOf),
          },
        },
        artifacts: report.captures.map((capture, at) => ({
          location: { uri: uriOf(capture) },
          length: capture.octets,
          // Captures of several folders may share a name and a length; artefacts are to be distinct (§3.14.15).
          properties: { capture: at + 1, packets: capture.packets },
        })),
        invocations: [{ executionSuccessful: true, endTimeUtc: report.madeAt }],
        results,
        properties: { verdict: report.verdict, counts: report.counts, revealed: report.revealed },
      },
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function ruleOf(code: string) {
  const entry = catalogueEntry(code);
  return {
    id: code,
    name: code.replace(/(^|-)([a-z0-9])/g, (_, _dash, letter: string) => letter.toUpperCase()),
    shortDescription: { text: entry?.title ?? code },
    fullDescription: { text: entry?.means ?? code },
    help: { text: `${entry?.why ?? ''} ${entry?.fix ?? ''}`.trim() },
    defaultConfiguration: { level: levels[entry?.harm ?? 'medium'] },
    properties: {
      tags: ['security', ...(entry?.rules ?? [])],
      'security-severity': severities[entry?.harm ?? 'medium'],
    },
  };
}

function resultOf(finding: Finding, report: AuditReport, rules: readonly string[], call: ReportCall | undefined) {
  const { code, harm, title, detail, evidence, fix } = finding;
  const packets = evidence.flatMap((one) => one.packets);
  const places = packetsByCapture(packets, report.captures);
  const [somewhere] = packetsByCapture(
    [call?.messages[0]?.packet ?? call?.streams[0]?.firstPacket ?? 0],
    report.captures,
  );
  const of = call === undefined ? '' : `Call ${call.number} (${shown(whoText(call))}): `;
  return {
    ruleId: code,
    ruleIndex: rules.indexOf(code),
    level: levels[harm],
    message: { text: `${of}${title}. ${shown(detail)} ${fix}`.trim() },
    locations:
      places.length > 0
        ? places.map((place) => locationOf(place, report, call))
        : [locationOf({ index: -1, ...somewhere, packets: [] }, report, call)],
    partialFingerprints: {
      'finding/v1': `${code} ${call === undefined ? '' : `${shown(whoText(call))} ${call.start ?? ''}`}`.trim(),
    },
    ...(report.policy === undefined ? {} : { suppressions: suppressionsOf(code, report.policy, call) }),
    properties: call === undefined ? {} : { verdict: call.verdict },
  };
}

/** What a policy bears with is suppressed, with its reason; with a policy every result says whether it is (§3.27.23). */
function suppressionsOf(code: string, { ignored, ignoredFindings }: ReportPolicy, call: ReportCall | undefined) {
  const reason =
    ignoredFindings.find((one) => one.finding === code && one.call === (call?.number ?? null))?.reason ??
    ignored.find((one) => one.call === call?.number)?.reason;
  return reason === undefined ? [] : [{ kind: 'external', status: 'accepted', justification: shown(reason) }];
}

/** A capture in which the evidence stands; the packets by their numbers in it, as Wireshark counts. */
function locationOf(
  { index, packets }: Pick<PacketsOfCapture, 'index' | 'packets'>,
  { captures }: AuditReport,
  call: ReportCall | undefined,
) {
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(captures[index] ?? { name: 'capture' }), index } },
    logicalLocations: [
      call === undefined ? { name: 'network', kind: 'resource' } : { name: `call ${call.number}`, kind: 'object' },
    ],
    properties: { packets },
  };
}

/** A reference (RFC 3986) to the file as it was named; without that to its name, in which nothing has a meaning. */
function uriOf({ name, path }: Pick<AuditReport['captures'][number], 'name' | 'path'>): string {
  const parts = path?.split('/').filter((part, at) => part !== '.' && (part !== '' || at === 0)) ?? [name];
  const reference = parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/');
  return path?.startsWith('/') ? `file://${reference}` : reference;
}
