/** The secrets that a client or server writes by itself (draft-ietf-tls-keylogfile §2), and older ones of NSS. */
const labels = [
  'CLIENT_RANDOM',
  'CLIENT_EARLY_TRAFFIC_SECRET',
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'SERVER_TRAFFIC_SECRET_0',
  'EXPORTER_SECRET',
  'EARLY_EXPORTER_SECRET',
  'PMS_CLIENT_RANDOM',
  'RSA',
] as const;

export type KeyLogLabel = (typeof labels)[number];

/** Secrets that one log keeps; further lines are counted as not understood. Each takes some 300 octets. */
const MOST_SECRETS = 200_000;

/** The longest line that means anything: a label, 64 digits and a secret of 64 octets. */
const LONGEST_LINE = 512;

/** `comment` is an empty line, too. */
export type KeyLogLine = KeyLogLabel | 'comment' | 'not-understood';

/**
 * Secrets of TLS and DTLS connections as `SSLKEYLOGFILE` names them: by the random of the client's hello, those of `RSA` lines by
 * the first eight octets of the encrypted pre-master secret. A later line for the same connection replaces the earlier.
 */
export class KeyLog {
  readonly #secrets = new Map<string, Uint8Array>();

  get size(): number {
    return this.#secrets.size;
  }

  /** Reads one line, and says what it was. */
  add(line: string): KeyLogLine {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return 'comment';
    if (text.length > LONGEST_LINE) return 'not-understood';
    const [label = '', name = '', secret = '', ...more] = text.split(/\s+/);
    const known = labels.find((one) => one === label);
    if (known === undefined || more.length > 0 || !isHexadecimal(secret) || !isHexadecimal(name)) {
      return 'not-understood';
    }
    if (name.length !== (known === 'RSA' ? 16 : 64) || !isLength(known, secret.length / 2)) return 'not-understood';
    const key = `${known} ${name.toLowerCase()}`;
    if (this.#secrets.size >= MOST_SECRETS && !this.#secrets.has(key)) return 'not-understood';
    this.#secrets.set(key, octetsOf(secret));
    return known;
  }

  /** `name`: the random of the client's hello, in lower-case hexadecimal; for `RSA` what the line is known by. */
  secret(label: KeyLogLabel, name: string): Uint8Array | undefined {
    return this.#secrets.get(`${label} ${name}`);
  }
}

function isLength(label: KeyLogLabel, octets: number): boolean {
  switch (label) {
    case 'CLIENT_RANDOM':
    case 'RSA':
      return octets === 48;
    case 'PMS_CLIENT_RANDOM':
      return octets >= 1;
    default:
      return octets >= 32 && octets <= 64;
  }
}

function isHexadecimal(text: string): boolean {
  return text.length > 0 && text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text);
}

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}
