import { catalogueEntry } from '../judgement/catalogue.ts';
import type { AuditReport, Finding, Harm, ReportCall } from '../model/report.ts';
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
        artifacts: report.captures.map(({ name, octets, packets }, at) => ({
          location: { uri: uriOf(name) },
          length: octets,
          // Captures of several folders may share a name and a length; artefacts are to be distinct (§3.14.15).
          properties: { capture: at + 1, packets },
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
  const index = captureOf(packets[0] ?? call?.messages[0]?.packet ?? call?.streams[0]?.firstPacket, report);
  const of = call === undefined ? '' : `Call ${call.number} (${shown(whoText(call))}): `;
  return {
    ruleId: code,
    ruleIndex: rules.indexOf(code),
    level: levels[harm],
    message: { text: `${of}${title}. ${shown(detail)} ${fix}`.trim() },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(report.captures[index]?.name ?? 'capture'), index },
        },
        logicalLocations: [
          call === undefined ? { name: 'network', kind: 'resource' } : { name: `call ${call.number}`, kind: 'object' },
        ],
      },
    ],
    partialFingerprints: {
      'finding/v1': `${code} ${call === undefined ? '' : `${shown(whoText(call))} ${call.start ?? ''}`}`.trim(),
    },
    properties: { packets, ...(call === undefined ? {} : { verdict: call.verdict }) },
  };
}

/** The capture in which a packet stands, the first where none is named; -1 where there is none (§3.4.5). */
function captureOf(packet: number | undefined, { captures }: AuditReport): number {
  let before = 0;
  for (const [at, { packets }] of captures.entries()) {
    before += packets;
    if ((packet ?? 0) <= before) return at;
  }
  return captures.length - 1;
}

/** A relative reference (RFC 3986): the name of the capture, in which nothing has a meaning. */
function uriOf(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}
