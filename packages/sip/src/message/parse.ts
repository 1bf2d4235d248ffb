import { SipError } from '../error.ts';
import { MESSAGE_ERRORS, type MessageErrorCode } from './codes.ts';
import { parseCSeq } from './cseq.ts';
import { isDigitCode, isToken } from './grammar.ts';
import { HeadLines } from './head-lines.ts';
import { knownHeader, MANDATORY_ONCE } from './header-names.ts';
import { DEFAULT_SIP_LIMITS, type SipLimits } from './limits.ts';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from './types.ts';
import { topVia } from './via.ts';

export type ParseResult = { readonly ok: true; readonly message: SipMessage } | ParseFailure;

export interface ParseFailure {
  readonly ok: false;
  readonly error: SipError;
  /** Undefined where no answer is possible or allowed: a response, an ACK, or too little could be read. */
  readonly respondable: Respondable | undefined;
}

/**
 * What a server needs to answer a request it refused: there if Via, From, To, Call-ID and CSeq were found.
 * `createResponse(request, status, { reason, toTag })` makes the answer.
 */
export interface Respondable {
  readonly status: number;
  readonly reason: string;
  /** The method and those five headers alone, the first of each where they were doubled (Via: all). */
  readonly request: SipRequest;
}

/** A head that was read: the message still without its body, and where that is. */
export interface ParsedHead {
  readonly ok: true;
  /** Undefined if the message does not say, which only a datagram may. */
  readonly contentLength: number | undefined;
  readonly bodyStart: number;
  /** The message with `body`, which the caller cuts out. */
  complete(body: Uint8Array): SipMessage;
}

const CR = 13;
const LF = 10;
const NO_BODY = new Uint8Array(0);
const VIA_SEEN = 2 ** 30;
const lines = new HeadLines();

/**
 * Reads one datagram. The body is a view of `bytes`. Octets after the body are dropped, and a
 * body shorter than Content-Length is an error (RFC 3261 §18.3). Never throws.
 */
export function parseDatagram(bytes: Uint8Array, limits: SipLimits = DEFAULT_SIP_LIMITS): ParseResult {
  let start = 0;
  // RFC 3261 §7.5: implementations SHOULD ignore CRLF before the start line.
  while (bytes[start] === CR && bytes[start + 1] === LF) start += 2;
  if (start === bytes.length) return failure('sip.no-message', 'The datagram holds no message', start);
  const head = parseHead(bytes, start, limits);
  if (!head.ok) return head;
  const present = bytes.length - head.bodyStart;
  const length = head.contentLength ?? present;
  if (length > present) {
    const said = `Content-Length says ${length} octets, the datagram has ${present}`;
    return failure('sip.truncated', said, head.bodyStart, head.complete(NO_BODY));
  }
  if (length > limits.body) return bodyTooLarge(head, length, limits);
  return { ok: true, message: head.complete(bytes.subarray(head.bodyStart, head.bodyStart + length)) };
}

export function bodyTooLarge(head: ParsedHead, length: number, limits: SipLimits): ParseFailure {
  const said = `The body has ${length} octets, ${limits.body} are allowed`;
  return failure('sip.body-too-large', said, head.bodyStart, head.complete(NO_BODY));
}

/** Reads the start line and the headers from `start` on, up to and with the empty line. */
export function parseHead(bytes: Uint8Array, start: number, limits: SipLimits): ParsedHead | ParseFailure {
  if (!lines.scan(bytes, start, limits)) {
    const code = lines.failure ?? 'sip.truncated';
    return headFailure(code, FAILURE_TEXT[code] ?? 'The head is malformed', lines.failureOffset);
  }
  const startLine = readStartLine();
  if (!startLine.ok) return headFailure(startLine.code, startLine.text, start);

  const headers: SipHeader[] = [];
  let seen = 0;
  let contentLength: number | undefined;
  let cseq = '';
  for (let line = 1; line < lines.count; line++) {
    const known = lines.canonicalHeader(line) ?? knownHeader(lines.name(line));
    if (known === undefined) {
      const spelling = lines.name(line);
      if (!isToken(spelling)) return headFailure('sip.bad-header', 'A header line has no name', lines.start(line));
      headers.push({ name: spelling, value: lines.value(line) });
      continue;
    }
    const { name, once } = known;
    const value = lines.value(line);
    if (once !== 0) {
      // Two readings of one message are an attack on whoever reads the other one.
      if ((seen & once) !== 0) return headFailure('sip.duplicate-header', `${name} stands twice`, lines.start(line));
      seen |= once;
      if (name === 'CSeq') cseq = value;
    } else if (name === 'Via') {
      seen |= VIA_SEEN;
    } else if (name === 'Content-Length') {
      const length = readContentLength(value);
      if (length === undefined || (contentLength !== undefined && contentLength !== length)) {
        const said = length === undefined ? 'Content-Length is no number' : 'Two values of Content-Length differ';
        return headFailure('sip.bad-content-length', said, lines.start(line));
      }
      contentLength = length;
    }
    headers.push({ name, value });
  }
  const missing = (seen & MANDATORY_ONCE) !== MANDATORY_ONCE || (seen & VIA_SEEN) === 0;
  if (missing) return headFailure('sip.missing-header', 'Via, From, To, Call-ID or CSeq is missing', start);
  const sequence = parseCSeq(cseq);
  if (sequence === undefined) return headFailure('sip.bad-cseq', 'CSeq is malformed or exceeds 2^31 - 1', start);
  if (startLine.kind === 'request' && sequence.method !== startLine.method) {
    return headFailure('sip.cseq-method-mismatch', 'CSeq names another method than the request line', start);
  }
  const { bodyStart } = lines;
  return { ok: true, contentLength, bodyStart, complete: (body) => assemble(startLine, headers, body) };
}

const FAILURE_TEXT: Partial<Record<MessageErrorCode, string>> = {
  'sip.truncated': 'The head does not end',
  'sip.bad-line-ending': 'A line has CR without LF or LF without CR',
  'sip.bad-control-character': 'A header holds a control character',
  'sip.start-line-too-long': 'The start line exceeds its limit',
  'sip.header-too-large': 'A header, or all of them together, exceeds its limit',
  'sip.too-many-headers': 'There are more headers than the limit',
};

type StartLine =
  | { readonly ok: true; readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly ok: true; readonly kind: 'response'; readonly status: number; readonly reason: string }
  | { readonly ok: false; readonly code: MessageErrorCode; readonly text: string };

function assemble(start: StartLine & { ok: true }, headers: readonly SipHeader[], body: Uint8Array): SipMessage {
  if (start.kind === 'request') return { kind: 'request', method: start.method, uri: start.uri, headers, body };
  return { kind: 'response', status: start.status, reason: start.reason, headers, body } satisfies SipResponse;
}

function bad(code: MessageErrorCode, text: string): StartLine {
  return { ok: false, code, text };
}

function readStartLine(): StartLine {
  // RFC 3261 §7.1 and §7.3.1: only header fields may be folded.
  if (lines.isFolded(0)) return bad('sip.bad-start-line', 'The start line is folded');
  const text = lines.whole(0);
  const space = text.indexOf(' ');
  if (isVersionText(text.slice(0, Math.max(space, 0)))) return readStatusLine(text, space);
  const end = text.lastIndexOf(' ');
  const method = text.slice(0, Math.max(space, 0));
  const uri = text.slice(space + 1, Math.max(end, space + 1));
  const version = text.slice(end + 1);
  // RFC 3261 §7.1: a single SP between the elements, none inside them and none after the version.
  if (!isToken(method) || !isRequestUriText(uri)) return bad('sip.bad-start-line', 'The request line is malformed');
  if (!isVersionText(version)) return bad('sip.bad-start-line', 'The request line does not end in a SIP version');
  if (!isOurVersion(version)) return bad('sip.bad-version', 'Only SIP/2.0 is spoken here');
  return { ok: true, kind: 'request', method, uri };
}

function readStatusLine(text: string, space: number): StartLine {
  if (!isOurVersion(text.slice(0, space))) return bad('sip.bad-version', 'Only SIP/2.0 is spoken here');
  const second = text.indexOf(' ', space + 1);
  const code = second < 0 ? text.slice(space + 1) : text.slice(space + 1, second);
  const status = code.length === 3 ? Number(code) : 0;
  if (!isDigits(code) || status < 100 || status > 699) return bad('sip.bad-start-line', 'The status is not 100 to 699');
  // Lenient: the space before an empty reason is often forgotten (RFC 4475 §3.1.1.13 has it).
  return { ok: true, kind: 'response', status, reason: second < 0 ? '' : text.slice(second + 1) };
}

/** No white space and none of `<>"`: what a Request-URI may never hold whatever its scheme. */
function isRequestUriText(uri: string): boolean {
  for (let i = 0; i < uri.length; i++) {
    const code = uri.charCodeAt(i);
    if (code <= 32 || code === 34 || code === 60 || code === 62) return false;
  }
  return uri.length > 0;
}

function isOurVersion(version: string): boolean {
  return version === 'SIP/2.0' || version.toUpperCase() === 'SIP/2.0';
}

/** `"SIP" "/" 1*DIGIT "." 1*DIGIT`, of any number. */
function isVersionText(text: string): boolean {
  if (text === 'SIP/2.0') return true;
  if (text.slice(0, 4).toUpperCase() !== 'SIP/') return false;
  const dot = text.indexOf('.', 4);
  return dot > 0 && isDigits(text.slice(4, dot)) && isDigits(text.slice(dot + 1));
}

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isDigitCode(text.charCodeAt(i))) return false;
  return text.length > 0;
}

/** A decimal number of at most ten digits: what is longer is no length but an attack on someone's integer. */
function readContentLength(value: string): number | undefined {
  return isDigits(value) && value.length <= 10 ? Number(value) : undefined;
}

/** A failure of the head that `lines` has just scanned, answerable if enough of it can be read. */
function headFailure(code: MessageErrorCode, text: string, offset: number): ParseFailure {
  return failure(code, text, offset, readableRequest());
}

/** As much of a refused request as an answer needs. */
function readableRequest(): SipRequest | undefined {
  if (lines.count === 0 || lines.isFolded(0)) return undefined;
  const [method = '', uri = ''] = lines.whole(0).split(' ', 2);
  if (!isToken(method)) return undefined;
  const headers: SipHeader[] = [];
  for (let line = 1; line < lines.count; line++) {
    const known = knownHeader(lines.name(line));
    if (known !== undefined) headers.push({ name: known.name, value: lines.value(line) });
  }
  return { kind: 'request', method, uri, headers, body: NO_BODY };
}

/**
 * A refusal, with an answer if `message` is a request that may have one.
 * An ACK is never answered (RFC 3261 §17.1.1.3), nor is a response.
 */
export function failure(code: MessageErrorCode, text: string, offset: number, message?: SipMessage): ParseFailure {
  const error = new SipError(code, text, { offset });
  if (message === undefined || message.kind === 'response' || message.method === 'ACK') {
    return { ok: false, error, respondable: undefined };
  }
  const found = new Map<string, boolean>();
  const headers = message.headers.filter(({ name }) => {
    if (!ANSWERED.has(name)) return false;
    const first = !found.has(name);
    found.set(name, true);
    return first || name === 'Via';
  });
  const request = { kind: 'request', method: message.method, uri: message.uri, headers, body: NO_BODY } as const;
  if (found.size < ANSWERED.size || topVia(request) === undefined) return { ok: false, error, respondable: undefined };
  const { status, reason } = MESSAGE_ERRORS[code];
  return { ok: false, error, respondable: { status, reason, request } };
}

/** The headers every response copies (RFC 3261 §8.2.6.2). */
const ANSWERED: ReadonlySet<string> = new Set(['Via', 'From', 'To', 'Call-ID', 'CSeq']);
