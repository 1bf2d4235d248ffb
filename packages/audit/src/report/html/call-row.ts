import type { ReportCall, Verdict } from '../../model/report.ts';
import { digitsOf } from '../keyed-digits.ts';
import { endName } from './wording.ts';

/** A call as the list shows it and as the filters see it. */
export interface CallRow {
  readonly number: number;
  readonly verdict: Verdict;
  readonly because: string;
  readonly caller: string;
  readonly called: string;
  /** All by which somebody may look for it: numbers, names, addresses. */
  readonly words: readonly string[];
  readonly start: string | null;
  readonly durationSeconds: number;
  readonly heardSeconds: number;
  readonly protocols: readonly string[];
  readonly digits: boolean;
  readonly card: boolean;
  /** Codes of its findings. */
  readonly findings: readonly string[];
}

export function callRow(call: ReportCall): CallRow {
  const digits = digitsOf(call);
  const [caller, called] = [endName(call.caller), endName(call.called)];
  return {
    number: call.number,
    verdict: call.verdict,
    because: call.because,
    caller,
    called,
    words: wordsOf(call).filter((word) => word !== caller && word !== called),
    start: call.start,
    durationSeconds: call.durationSeconds,
    heardSeconds: call.heardSeconds,
    protocols: protocolsOf(call),
    digits: digits.length > 0,
    card: digits.some(({ looksLikeCard }) => looksLikeCard),
    findings: [...new Set(call.findings.map(({ code }) => code))],
  };
}

/** Protocols of its signalling; what stands for a call of which media alone was seen is no protocol's name. */
export function protocolsOf({ legs }: Pick<ReportCall, 'legs'>): string[] {
  const protocols: string[] = [...new Set(legs.map(({ protocol }) => protocol))];
  return protocols.length === 0 ? ['none'] : protocols;
}

function wordsOf({ caller, called, hosts, legs }: ReportCall): string[] {
  const ends = [caller, called].flatMap((end) => [end.number, end.name, end.uri, end.device, ...end.addresses]);
  const words = [...ends, ...hosts, ...legs.map(({ identity }) => identity)];
  return [...new Set(words.filter((word) => word !== null))];
}
