import { digitWords } from '../judgement/digit-findings.ts';
import type { AuditReport, Harm, ReportCall, Verdict } from '../model/report.ts';
import { mask } from '../signal/card-number.ts';
import { cardsOf, digitsOf } from './keyed-digits.ts';
import { policyLines } from './policy-words.ts';
import { bestFix, findingsByCode, shown, verdictWords, whoText } from './words.ts';

export interface TerminalPageOptions {
  /** Characters of a line. */
  readonly width: number;
  readonly takesColour: boolean;
  /** Every call and finding, not only what a screen has room for. */
  readonly showsAll: boolean;
}

/** Calls and findings of a screen. */
const MOST_CALLS = 20;
const MOST_FINDINGS = 12;
const MOST_REVEALED = 12;
/** So much of a line is left for why, at the least; where there is less, it goes into lines of its own. */
const LEAST_WHY = 40;
/** Lines that why takes of a call, unless all is to be shown. */
const MOST_WHY_LINES = 3;
/** Card numbers that are shown of a call. */
const MOST_CARDS = 3;

/** SGR codes (ECMA-48 §8.3.117): red, yellow, green. */
const colours: Readonly<Record<Verdict, number>> = {
  heard: 31,
  'digits-heard': 31,
  'keys-exposed': 31,
  'metadata-only': 33,
  'cannot-tell': 33,
  protected: 32,
};

const harmColours: Readonly<Record<Harm, number>> = { critical: 31, high: 31, medium: 33, low: 33, information: 0 };

/** The report as one page of text, the worst first. */
export function terminalPage(report: AuditReport, options: TerminalPageOptions): string {
  const lines = [
    ...headOf(report, options),
    '',
    ...callsOf(report, options),
    ...revealedOf(report, options),
    ...findingsOf(report, options),
    ...notesOf(report, options),
  ];
  return `${lines.join('\n')}\n`;
}

function headOf(report: AuditReport, { takesColour, width }: TerminalPageOptions): string[] {
  const { captures, calls, verdict } = report;
  const [first] = captures;
  const name = captures.length === 1 ? (first?.name ?? '') : `${captures.length} captures`;
  const packets = captures.reduce((sum, one) => sum + one.packets, 0);
  const octets = captures.reduce((sum, one) => sum + one.octets, 0);
  const time = timeText(captures);
  const head = [
    fit(`What a tap hears: ${shown(name)}`, width),
    `  ${packets} ${packets === 1 ? 'packet' : 'packets'}, ${sizeText(octets)}${time}`,
    '',
  ];
  if (verdict === null) {
    const words = ['No call was found in it, and no stream of media.', whyNone(report)];
    return [...head, ...words.flatMap((line) => wrapped(line, width))];
  }
  const counts = countsText(report);
  const worst = paint(verdictWords[verdict].toUpperCase(), colours[verdict], takesColour);
  return [
    ...head,
    `${worst}  ${calls.length} ${calls.length === 1 ? 'call' : 'calls'}: ${counts}`,
    ...claimsOf(report, width),
    ...policyLines(report).flatMap((line) => wrapped(line, width)),
  ];
}

/** What may hide calls in a capture that shows none, and where they could be seen. */
function whyNone({ protocols }: AuditReport): string {
  const packetsOf = (name: string) => protocols.find((one) => one.name === name)?.packets ?? 0;
  const esp = packetsOf('esp');
  if (esp > 0) {
    return `${esp} ${esp === 1 ? 'packet' : 'packets'} of IPsec (ESP) hide what they carry. To judge calls within, capture at one of its ends, on the inner side of the tunnel.`;
  }
  const isHidden = packetsOf('tls') + packetsOf('dtls') > 0;
  if (isHidden)
    return 'What is within TLS or DTLS cannot be read: --keys FILE opens it, with a key log of one of the ends.';
  return 'Capture where calls pass: at a phone, the call manager, or a mirror port of their switch.';
}

/** What records claimed of the calls, where there are records. */
function claimsOf({ calls, findings }: AuditReport, width: number): string[] {
  const claimed = calls.flatMap((call) => call.claimed ?? []);
  const isBroken = findings.some(({ code }) => code === 'records-not-verified');
  if (claimed.length === 0 && !isBroken) return [];
  const untrue = claimed.filter(({ holds }) => !holds).length;
  const said = isBroken
    ? 'Records: they do not verify, and count for nothing.'
    : `Records: verified; of ${claimed.length} of ${calls.length} calls they claim a level, ${untrue === 0 ? 'none' : untrue} above the truth.`;
  return wrapped(said, width);
}

/** From the first packet of all captures to the last; of one day the date is said once. */
function timeText(captures: AuditReport['captures']): string {
  const [from] = captures.flatMap(({ first }) => first ?? []).sort();
  const to = captures
    .flatMap(({ last }) => last ?? [])
    .sort()
    .at(-1);
  if (from === undefined || to === undefined) return '';
  const words = (moment: string) => moment.slice(0, 19).replace('T', ' ');
  const isOneDay = from.slice(0, 10) === to.slice(0, 10);
  return `, ${words(from)} to ${isOneDay ? to.slice(11, 19) : words(to)} UTC`;
}

function countsText({ counts }: AuditReport): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdictWords[verdict as Verdict]}`)
    .join(', ');
}

const columns = ['', 'verdict', 'who', 'when', 'length', 'heard', 'why'] as const;

function callsOf({ calls }: AuditReport, { width, takesColour, showsAll }: TerminalPageOptions): string[] {
  if (calls.length === 0) return [];
  const kept = showsAll ? calls : calls.slice(0, MOST_CALLS);
  const rows = kept.map(rowOf);
  const widths = columns.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => textWidth(row[column] ?? ''))),
  );
  const whoWidth = Math.min(widths[2] ?? 0, Math.max(16, Math.floor(width / 4)));
  widths[2] = whoWidth;
  const before = widths.slice(0, 6).reduce((sum, one) => sum + one + 2, 0);
  const room = width - before;
  const line = (cells: readonly string[], colour: number | undefined) => {
    const padded = cells.slice(0, 6).map((cell, column) => pad(fit(cell, widths[column] ?? 0), widths[column] ?? 0));
    if (colour !== undefined) padded[1] = paint(padded[1] ?? '', colour, takesColour);
    const why = cells[6] ?? '';
    if (room < LEAST_WHY)
      return [padded.join('  ').trimEnd(), ...(colour === undefined ? [] : wrapped(why, width, '      '))];
    const [first = '', ...further] = cutTo(wrapped(why, room), showsAll ? Number.POSITIVE_INFINITY : MOST_WHY_LINES);
    return [
      `${padded.join('  ')}  ${fit(first, room)}`.trimEnd(),
      ...further.map((text) => `${' '.repeat(before)}${fit(text, room)}`),
    ];
  };
  const more = calls.length - kept.length;
  return [
    ...line(columns, undefined),
    ...kept.flatMap((call, at) => [
      ...line(rows[at] ?? [], colours[call.verdict]),
      ...cardLines(call, width),
      ...protectionOf(call, width),
    ]),
    ...(more > 0 ? [`      and ${more} more: --all shows them`] : []),
    '',
  ];
}

/** The card numbers that were heard, always masked: what is to be revealed stands elsewhere on the page. */
function cardLines(call: ReportCall, width: number): readonly string[] {
  const cards = cardsOf(call);
  const masked = (digits: string) => shown(digits.includes('•') ? digits : mask(digits));
  const lines = cards.slice(0, MOST_CARDS).map(({ digits, how }) => `card ${masked(digits)}, by ${digitWords(how)}`);
  if (cards.length > lines.length) lines.push(`and ${cards.length - lines.length} more card numbers`);
  return lines.map((text) => fit(`      ${text}`, width));
}

/** The first lines, with a sign where there are more. */
function cutTo(lines: readonly string[], most: number): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `${lines[most - 1]} …`];
}

/** What the record says became of the protection of its signalling. */
function protectionOf({ claimed }: ReportCall, width: number): readonly string[] {
  const says = claimed?.protection?.says;
  return says === undefined ? [] : wrapped(shown(says), width, '      ');
}

function rowOf(call: ReportCall): readonly string[] {
  const { number, verdict, start, durationSeconds, heardSeconds, because } = call;
  return [
    String(number),
    verdictWords[verdict],
    whoText(call),
    start === null ? '-' : start.slice(11, 19),
    durationText(durationSeconds),
    heardSeconds > 0 ? durationText(heardSeconds) : '-',
    shown(because),
  ];
}

/** Digits as they were keyed in, and secrets as they were sent, where the auditor asked to see them. */
function revealedOf({ revealed, calls, disclosures }: AuditReport, { width, showsAll }: TerminalPageOptions): string[] {
  if (!revealed) return [];
  const lines = [
    ...calls.flatMap((call) =>
      digitsOf(call).map(
        (one) => `call ${call.number}: ${one.digits}, by ${digitWords(one.how)}${one.looksLikeCard ? ' (a card)' : ''}`,
      ),
    ),
    ...disclosures.map(({ packet, subject, detail }) => `packet ${packet}: ${subject}: ${detail}`),
  ];
  if (lines.length === 0) return [];
  const kept = showsAll ? lines : lines.slice(0, MOST_REVEALED);
  return [
    'Digits and secrets, unmasked',
    ...kept.map((line) => fit(`  ${shown(line)}`, width)),
    ...(lines.length > kept.length ? [`  and ${lines.length - kept.length} more: --all shows them`] : []),
    '',
  ];
}

function findingsOf(report: AuditReport, { width, takesColour, showsAll }: TerminalPageOptions): string[] {
  const groups = findingsByCode(report);
  if (groups.length === 0) return [];
  const kept = showsAll ? groups : groups.slice(0, MOST_FINDINGS);
  const lines = ['Findings, in order of harm'];
  for (const { finding, calls, isOfNetwork } of kept) {
    const { code, harm, title, fix } = finding;
    const where =
      calls.length === 0 || isOfNetwork
        ? []
        : [`${calls.length === 1 ? 'call' : 'calls'} ${calls.slice(0, 8).join(', ')}${calls.length > 8 ? ', …' : ''}`];
    const head = `  ${paint(pad(harm, 11), harmColours[harm], takesColour)}  ${title} (${[code, ...where].join('; ')})`;
    lines.push(fit(head, width + (takesColour ? 9 : 0)));
    if (harm === 'critical' || harm === 'high' || showsAll) lines.push(...wrapped(fix, width, '               '));
  }
  if (groups.length > kept.length) lines.push(`  and ${groups.length - kept.length} more: --all shows them`);
  lines.push('');
  const best = bestFix(report);
  if (best !== undefined) {
    lines.push(
      `What silences most (${best.calls} of ${report.calls.length} ${report.calls.length === 1 ? 'call' : 'calls'}):`,
    );
    lines.push(...wrapped(best.fix, width, '  '));
    lines.push('');
  }
  const [worst] = groups;
  if (worst !== undefined) lines.push(`More of it: trustline audit explain ${worst.finding.code}`);
  return lines;
}

function notesOf(
  { calls, captures, limits, keysGiven, revealed }: AuditReport,
  { width }: TerminalPageOptions,
): string[] {
  const notes = captures.flatMap(({ name, note }) => (note === null ? [] : [`${shown(name)}: ${note}`]));
  if (captures.length > 1 && calls.length > 0) {
    notes.push(
      'Packets are counted on from one capture to the next: --html and --sarif name the file, and the number in it.',
    );
  }
  if (keysGiven > 0) notes.push(`${keysGiven} keys were given: what they opened is said where it counts.`);
  if (revealed) notes.push('Digits are shown unmasked (--reveal): keep this report as you keep card data.');
  notes.push(...limits);
  return notes.flatMap((note) => wrapped(`Note: ${note}`, width));
}

function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`;
  const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  return minutes < 60 ? `${minutes} min ${rest} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function sizeText(octets: number): string {
  if (octets < 10_000) return `${octets} octets`;
  if (octets < 10_000_000) return `${Math.round(octets / 1_000)} kB`;
  return octets < 10_000_000_000 ? `${Math.round(octets / 1e6)} MB` : `${Math.round(octets / 1e9)} GB`;
}

function paint(text: string, colour: number, takesColour: boolean): string {
  return takesColour && colour !== 0 ? `\u001b[${colour}m${text}\u001b[0m` : text;
}

/** Columns that a terminal gives it, near enough: wide characters of East Asia take two. */
function textWidth(text: string): number {
  let width = 0;
  for (const character of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
      character,
    )
      ? 2
      : 1;
  return width;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Cut to the width, with a sign that it was. */
function fit(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let [cut, used] = ['', 0];
  for (const character of text) {
    used += textWidth(character);
    if (used > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(indent + line) + 1 + textWidth(word) > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
