import { boundedText } from '../bounded-text.ts';

/** First line of a message (RFC 3435 §3.2.1, §3.3). */
export type MgcpStart =
  | { readonly kind: 'command'; readonly verb: string; readonly transaction: string; readonly endpoint: string }
  | { readonly kind: 'response'; readonly code: number; readonly transaction: string; readonly comment: string };

export interface MgcpMessage {
  readonly start: MgcpStart;
  /** Names in lower case, in their order. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Session descriptions, in their order. */
  readonly descriptions: readonly string[];
}

/** Messages that one datagram may carry (RFC 3435 §3.5.5). */
const MOST_PIGGYBACKED = 32;
const MOST_PARAMETERS = 128;
const MOST_DESCRIPTIONS = 4;
const LONGEST_FIRST_LINE = 512;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const latin1 = new TextDecoder('latin1');

/** Whether a command, or what can be no other answer than one of MGCP, begins a datagram. Cheap for what is binary. */
export function isMgcp(octets: Uint8Array): boolean {
  const first = octets[0] ?? 0;
  const isLetter = first >= 65 && first <= 90;
  const isDigit = first >= 48 && first <= 56;
  if (!isLetter && !isDigit) return false;
  const line = latin1.decode(octets.subarray(0, LONGEST_FIRST_LINE)).split(/\r?\n/, 1)[0] ?? '';
  return isLetter
    ? /^[A-Z0-9]{4} \d{1,9} \S+ MGCP \d/i.test(line)
    : /^\d{3} \d{1,9}(?: [ -~]*)?$/.test(line) && isParameterLine(octets, line.length);
}

/** An answer is short: either nothing, or a parameter or description follows. */
function isParameterLine(octets: Uint8Array, at: number): boolean {
  const rest = latin1.decode(octets.subarray(at, at + 64)).replace(/^\r?\n/, '');
  return rest === '' || /^(?:\r?\n|\.|[A-Z+-]{1,8}:|[a-z]=)/i.test(rest);
}

/** All messages of a datagram, as far as they can be read. */
export function readMgcp(octets: Uint8Array): readonly MgcpMessage[] {
  const messages: MgcpMessage[] = [];
  for (const text of utf8.decode(octets).split(/(?:^|\n)\.\r?(?:\n|$)/, MOST_PIGGYBACKED)) {
    const message = readOne(text);
    if (message !== undefined) messages.push(message);
  }
  return messages;
}

function readOne(text: string): MgcpMessage | undefined {
  const [head = '', ...descriptions] = text.replace(/^[\r\n]+/, '').split(/\r?\n\r?\n/, 1 + MOST_DESCRIPTIONS);
  const [first = '', ...lines] = head.split(/\r?\n/);
  const start = readStart(first);
  if (start === undefined) return undefined;
  const parameters: [string, string][] = [];
  for (const line of lines.slice(0, MOST_PARAMETERS)) {
    const colon = line.indexOf(':');
    if (colon > 0) parameters.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
  }
  return { start, parameters, descriptions: descriptions.filter((description) => description.trim() !== '') };
}

function readStart(line: string): MgcpStart | undefined {
  const command = /^([A-Z0-9]{4}) +(\d{1,9}) +(\S+) +MGCP/i.exec(line);
  if (command !== null) {
    const [, verb = '', transaction = '', endpoint = ''] = command;
    return { kind: 'command', verb: verb.toUpperCase(), transaction, endpoint: boundedText(endpoint) ?? '' };
  }
  const response = /^(\d{3}) +(\d{1,9})(?: +(.*))?$/.exec(line);
  if (response === null) return undefined;
  const [, code, transaction = '', comment = ''] = response;
  return { kind: 'response', code: Number(code), transaction, comment: comment.replace(/^\/\S+\s*/, '') };
}

export function parameterOf({ parameters }: MgcpMessage, name: string): string | undefined {
  return parameters.find(([one]) => one === name)?.[1];
}

/**
 * The digits that `O:` reports: `D/5`, `D/[5]`, `5` of the default package, each event by itself. Timers and hook flashes
 * are none.
 */
export function observedDigits(observed: string): string {
  let digits = '';
  for (const event of observed.replace(/\([^()]*\)/g, '').split(',')) {
    digits += /^\s*(?:(?:D|DTMF)\/)?\[?([0-9*#A-D])\]?\s*(?:@\S*)?$/i.exec(event)?.[1] ?? '';
  }
  return digits.slice(0, 64).toUpperCase();
}

/** Who calls, as a phone is told to show it: `S: L/rg, L/ci(10/14/17/26,5551212,"Alice")`. */
export function shownCaller(signals: string): { readonly number: string; readonly name: string } | undefined {
  const found = /\bci\(([^,()]*),([^,()]*),?([^()]*)\)/i.exec(signals);
  if (found === null) return undefined;
  const bare = (text: string | undefined) => (text ?? '').trim().replace(/^"(.*)"$/, '$1');
  return { number: bare(found[2]), name: bare(found[3]) };
}

/** A key of media in words: `k:clear:…` of LocalConnectionOptions (RFC 3435 §3.2.2.10), `k=` of a description. */
export function plainKey(message: MgcpMessage): string | undefined {
  const options = /(?:^|,)\s*k:\s*((?:clear|base64):[^,]+)/i.exec(parameterOf(message, 'l') ?? '')?.[1];
  return options ?? message.descriptions.map((text) => /^k=((?:clear|base64):.*?)\r?$/im.exec(text)?.[1]).find(Boolean);
}
