import { leftFiles } from './folder.ts';
import type { LegProof, Measurement } from './measurement.ts';
import { type End, ends, otherEnd, phonePlans } from './plan.ts';
import type { Check } from './verdict.ts';

/** Colours of a terminal, or none. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

export function styleOf(coloured: boolean): Style {
  const sgr = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: sgr(1), dim: sgr(2), good: sgr(32), bad: sgr(31) };
}

/** The page that people read: at most {@link PAGE_WIDTH} columns. */
export function pageOf(measurement: Measurement, checks: readonly Check[], style: Style): string {
  return [
    ...title(measurement, style),
    ...picture(measurement),
    ...legs(measurement, style),
    ...figures(checks, style, directions),
    ...filesLeft(measurement.folder, leftFiles(measurement), style),
    ...verdict(measurement, checks, style),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

export const PAGE_WIDTH = 100;
const LABEL_WIDTH = 14;

function title({ protocol, mode, sabotage, version, startedAt, seconds }: Measurement, { bold, bad }: Style): string[] {
  const what =
    mode === 'encrypted'
      ? 'an encrypted call, and what a tap hears of it'
      : 'a call WITHOUT SRTP, and what a tap hears of it';
  const by = protocol === 'sccp' ? ', by Skinny' : '';
  const lines = ['', bold(`Trustline ${version} demo: ${what}${by}`)];
  if (sabotage === 'srtp')
    lines.push(bad('SABOTAGED: the phones’ cipher does nothing, while the signalling says encrypted.'));
  if (sabotage === 'keys') lines.push(bad('SABOTAGED: the tap was handed the keys.'));
  lines.push(
    `Every figure was measured in this run: ${startedAt.slice(0, 19).replace('T', ' ')} UTC, ${seconds.toFixed(1)} s.`,
    '',
  );
  return lines;
}

function picture({ mode, legs: { caller, called }, codec }: Measurement): string[] {
  const media = mode === 'encrypted' ? `SRTP, ${caller.suite}, ${codec}` : `RTP in the clear, ${codec}`;
  const signalling = `<-- ${caller.tls.protocol} --> call manager <-- ${called.tls.protocol} -->`;
  const top = `    ${phoneWords('caller')} ${signalling} ${phoneWords('called')}`;
  const width = top.length - 4 - 2 * 4;
  return [
    top,
    `        |${' '.repeat(width - 2)}|`,
    `        +${centred(` ${media} `, width - 2, '-')}+`,
    `        ${centred('^', width, ' ')}`.trimEnd(),
    `        ${centred('the tap', width, ' ')}`.trimEnd(),
    '',
  ];
}

function centred(text: string, width: number, filler: string): string {
  const before = Math.max(0, Math.floor((width - text.length) / 2));
  return `${filler.repeat(before)}${text}`.padEnd(width, filler);
}

function phoneWords(end: End): string {
  const { line, displayName } = phonePlans[end];
  return `${line} ${displayName}`;
}

function legs({ legs: both, mode }: Measurement, { bold }: Style): string[] {
  const lines = [
    bold(mode === 'encrypted' ? 'How each leg proved itself and got its keys' : 'How each leg proved itself'),
  ];
  for (const end of ends) lines.push(...legLines(both[end], end));
  return [...lines, ''];
}

function legLines(leg: LegProof, end: End): string[] {
  const { certificate, tls } = leg;
  const other = phonePlans[otherEnd(end)].line;
  const rows: [string, string][] = [
    ['believes', trustWords(leg.trust)],
    ['certificate', certificate.subject],
    ['issued by', `${certificate.issuer}, at CAPF by ${leg.trust.enrolledBy ?? 'nothing'}`],
    [
      'signalling',
      `${leg.signalling} by ${leg.proof}: ${tls.protocol}, ${tls.group ?? 'group unknown'}, ${tls.cipher}`,
    ],
    ['judged as', leg.provenIdentity ?? 'nobody'],
    ['manager is', leg.manager ?? 'nobody'],
    ['its key', keyWords(leg, other)],
    ['shows', leg.levelShown ?? 'nothing'],
  ];
  return [
    `  ${leg.line} ${leg.device}`,
    ...rows.map(([label, value]) => clip(`    ${label.padEnd(LABEL_WIDTH)}${value}`, PAGE_WIDTH)),
  ];
}

function trustWords({ ctl, blindly, itl }: LegProof['trust']): string {
  const first = ctl === null ? 'no CTL' : `CTL ${ctl.hash} of ${ctl.signer}${blindly ? ', the first, blindly' : ''}`;
  return `${first}; ${itl === null ? 'no ITL' : `ITL ${itl.hash} of ${itl.signer}`}`;
}

function keyWords({ keying, suite, keyMade, keyReceived }: LegProof, other: string): string {
  if (keyMade === null) return 'none: this call has no SRTP';
  return `${keying === 'sdes' ? 'made here' : 'sends with'} ${keyMade}, from ${other} ${keyReceived ?? 'nothing'} (${keying}, ${suite ?? 'no suite'})`;
}

const CLAIM_WIDTH = 45;
const VALUE_WIDTH = 17;

const directions = ends.map((end) => `${phonePlans[end].line} -> ${phonePlans[otherEnd(end)].line}`);

/** What was measured, a line for each check; `columns` say what two figures of one are of. */
export function figures(checks: readonly Check[], style: Style, columns: readonly string[]): string[] {
  const head = `    ${''.padEnd(CLAIM_WIDTH)}${columns
    .map((one) => one.padEnd((ends.length * VALUE_WIDTH) / columns.length))
    .join('')}wanted`;
  const rows = checks.map(({ claim, measured, wanted, holds }) => {
    const mark = holds ? style.good('ok  ') : style.bad('NO  ');
    const width = (ends.length * VALUE_WIDTH) / measured.length;
    const values = measured.map((one) => clip(one, width - 1).padEnd(width)).join('');
    return `${mark}${claim.padEnd(CLAIM_WIDTH)}${values}${style.dim(wanted)}`;
  });
  return [style.bold('What was measured'), head, ...rows, ''];
}

/** What a run has left for its owner. */
export function filesLeft(
  folder: string,
  files: readonly { readonly name: string; readonly what: string }[],
  { bold }: Style,
): string[] {
  const width = Math.max(...files.map(({ name }) => name.length)) + 2;
  return [
    bold(`Left in ${folder}, readable by you alone`),
    ...files.map(({ name, what }) => `    ${name.padEnd(width)}${what}`),
    '',
  ];
}

/** What is said of a run that has failed; nothing of one that has not. */
export function failure(checks: readonly Check[], { bad }: Style): string[] {
  const broken = checks.filter(({ holds }) => !holds);
  if (broken.length === 0) return [];
  return [
    bad(
      `FAILED: ${broken.length} of ${checks.length} checks ${broken.length === 1 ? 'does' : 'do'} not hold: ${broken.map(({ name }) => name).join(', ')}.`,
    ),
    '',
  ];
}

function verdict({ mode }: Measurement, checks: readonly Check[], style: Style): string[] {
  const { good } = style;
  const failed = failure(checks, style);
  if (failed.length > 0) return failed;
  return mode === 'encrypted'
    ? [
        good(`PASSED: all ${checks.length} checks hold. Who taps this call hears noise, and can put nothing into it.`),
        '',
      ]
    : [
        good(
          `As expected, all ${checks.length} checks hold: without SRTP a tap hears every word and every digit, and anybody`,
        ),
        good('can put packets into the call. Run it without --clear to see the difference.'),
        '',
      ];
}

export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
