interface HeaderName {
  readonly name: string;
  /** One bit for a header that may stand once in a message, 0 for the others. */
  readonly once: number;
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

function learn(name: string, once: number): void {
  const entry = { name, once };
  BY_LOWER.set(name.toLowerCase(), entry);
  BY_SPELLING.set(name, entry);
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
  const known = BY_SPELLING.get(spelling);
  if (known !== undefined) return known;
  const entry = BY_LOWER.get(spelling.toLowerCase());
  if (entry !== undefined && BY_SPELLING.size < MAXIMUM_SPELLINGS) BY_SPELLING.set(spelling, entry);
  return entry;
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
