export interface HeaderName {
  readonly name: string;
  /** One bit for a header that may stand once in a message, 0 for the others. */
  readonly once: number;
  /** From 0 on, for tables of what is known about headers. */
  readonly index: number;
}

/** RFC 3261 §7.3.3, RFC 3515, 3892, 3903, 3841, 4028, 4474, 6665. */
const COMPACT_FORMS: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

/**
 * Headers whose second appearance would leave two readings of one message, one for us and one
 * for the next hop. Content-Length is judged by its value in the parser.
 */
const ONCE = [
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Max-Forwards',
  'Content-Type',
  'Content-Disposition',
  'Expires',
  'Min-Expires',
  'Refer-To',
  'Referred-By',
  'Replaces',
  'Event',
  'Subscription-State',
  'Session-Expires',
  'Min-SE',
  'RAck',
  'RSeq',
  'Reply-To',
  'Date',
  'MIME-Version',
  'Target-Dialog',
];

const MANY = [
  'Accept',
  'Accept-Contact',
  'Accept-Encoding',
  'Accept-Language',
  'Alert-Info',
  'Allow',
  'Allow-Events',
  'Authentication-Info',
  'Authorization',
  'Call-Info',
  'Contact',
  'Content-Encoding',
  'Content-Language',
  'Content-Length',
  'Diversion',
  'Error-Info',
  'Flow-Timer',
  'Geolocation',
  'History-Info',
  'Identity',
  'Identity-Info',
  'In-Reply-To',
  'Join',
  'Organization',
  'P-Access-Network-Info',
  'P-Asserted-Identity',
  'P-Called-Party-ID',
  'P-Charging-Vector',
  'P-Preferred-Identity',
  'Path',
  'Priority',
  'Privacy',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Proxy-Require',
  'Reason',
  'Record-Route',
  'Reject-Contact',
  'Remote-Party-ID',
  'Request-Disposition',
  'Require',
  'Resource-Priority',
  'Retry-After',
  'Route',
  'SIP-ETag',
  'SIP-If-Match',
  'Server',
  'Service-Route',
  'Session-ID',
  'Subject',
  'Supported',
  'Timestamp',
  'Unsupported',
  'User-Agent',
  'Via',
  'WWW-Authenticate',
  'Warning',
];

const BY_LOWER = new Map<string, HeaderName>();
/** Spellings met so far, so that the common ones cost one look-up. Bounded: a peer chooses the spellings. */
const BY_SPELLING = new Map<string, HeaderName>();
const MAXIMUM_SPELLINGS = 1_024;

/**
 * Canonical spellings by what `placeOf` says of them, each in a place of its own: nearly every name is spelled so, and is
 * found without a hash, or a text, of it.
 */
const PLACES = 512;
const AT_HAND = new Array<HeaderName | undefined>(PLACES).fill(undefined);

/** Of the length and three of the characters. */
function placeOf(length: number, first: number, middle: number, last: number): number {
  return (length * 5 + first * 57 + middle * 13 + last) & (PLACES - 1);
}

function placeOfText(name: string): number {
  const { length } = name;
  return placeOf(length, name.charCodeAt(0), name.charCodeAt(length >> 1), name.charCodeAt(length - 1));
}

function learn(name: string, once: number): void {
  const entry = { name, once, index: BY_LOWER.size };
  BY_LOWER.set(name.toLowerCase(), entry);
  BY_SPELLING.set(name, entry);
  AT_HAND[placeOfText(name)] ??= entry;
}
for (const [index, name] of ONCE.entries()) learn(name, 1 << index);
for (const name of MANY) learn(name, 0);
for (const [compact, name] of Object.entries(COMPACT_FORMS)) {
  const entry = BY_LOWER.get(name.toLowerCase());
  if (entry === undefined) continue;
  BY_LOWER.set(compact, entry);
  BY_SPELLING.set(compact, entry);
}

/** Looks a spelling up; undefined for a header we have no name for. */
export function knownHeader(spelling: string): HeaderName | undefined {
  const atHand = AT_HAND[placeOfText(spelling)];
  if (atHand !== undefined && atHand.name === spelling) return atHand;
  const known = BY_SPELLING.get(spelling);
  if (known !== undefined) return known;
  const entry = BY_LOWER.get(spelling.toLowerCase());
  if (entry !== undefined && BY_SPELLING.size < MAXIMUM_SPELLINGS) BY_SPELLING.set(spelling, entry);
  return entry;
}

/** How many headers have a name here. */
export const HEADER_COUNT: number = ONCE.length + MANY.length;

/** The header whose canonical spelling stands in these octets; undefined for any other, which `knownHeader` may still know. */
export function canonicalHeaderIn(bytes: Uint8Array, start: number, end: number): HeaderName | undefined {
  const length = end - start;
  if (length < 2) return undefined;
  const first = bytes[start] as number;
  const middle = bytes[start + (length >> 1)] as number;
  const atHand = AT_HAND[placeOf(length, first, middle, bytes[end - 1] as number)];
  if (atHand === undefined || atHand.name.length !== length) return undefined;
  const { name } = atHand;
  for (let at = 0; at < length; at += 1) if (name.charCodeAt(at) !== bytes[start + at]) return undefined;
  return atHand;
}

/** The spelling we keep: canonical for a known header (compact forms expanded), else as it is. */
export function canonicalHeaderName(name: string): string {
  return knownHeader(name)?.name ?? name;
}

function bit(name: string): number {
  return knownHeader(name)?.once ?? 0;
}

/** Seen-bits of the headers that every request and response must have, besides Via (RFC 3261 §8.1.1). */
export const MANDATORY_ONCE: number = bit('From') | bit('To') | bit('Call-ID') | bit('CSeq');
