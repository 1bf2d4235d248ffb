/** The report as JSON: written by `trustline audit --json`, read by `--html`, `diff`, SARIF and CSV. Stable: see docs/audit-report.md. */

export const AUDIT_REPORT_SCHEMA = 'trustline.audit-report/1';

export const verdicts = ['heard', 'digits-heard', 'keys-exposed', 'metadata-only', 'cannot-tell', 'protected'] as const;
/** What an eavesdropper gets of a call, worst first. */
export type Verdict = (typeof verdicts)[number];

export type Harm = 'critical' | 'high' | 'medium' | 'low' | 'information';

/** Where in the capture it can be looked up. */
export interface Evidence {
  /** Packets by their numbers, as Wireshark counts; the first few. */
  readonly packets: readonly number[];
  readonly says: string;
}

/** One thing that is wrong, or worth knowing, of a call or of the network. */
export interface Finding {
  /** Of the catalogue: `trustline audit explain <code>`. */
  readonly code: string;
  readonly harm: Harm;
  readonly title: string;
  /** What was seen here, in a sentence. */
  readonly detail: string;
  readonly evidence: readonly Evidence[];
  /** The rules that it breaks: `PCI DSS 4.0 §4.2.1`, `RFC 4568 §7`. */
  readonly rules: readonly string[];
  /** What to change. */
  readonly fix: string;
}

export interface ReportEnd {
  readonly number: string | null;
  readonly name: string | null;
  readonly uri: string | null;
  readonly device: string | null;
  /** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
  readonly addresses: readonly string[];
}

export interface ReportMessage {
  readonly packet: number;
  readonly time: string | null;
  /** Indices into `hosts` of the call. */
  readonly from: number;
  readonly to: number;
  readonly protocol: string;
  readonly name: string;
  readonly detail: string | null;
  /** That a key of media stands in it, and who reads it. */
  readonly carriesKey: boolean;
  readonly readableBy: 'anyone' | 'given-key';
}

export interface ReportLeg {
  readonly protocol: 'sip' | 'skinny' | 'h323' | 'mgcp';
  readonly identity: string;
  readonly transport: 'udp' | 'tcp' | 'websocket';
  readonly signalling: 'clear' | 'null-cipher' | 'given-key';
  readonly firstPacket: number;
  readonly lastPacket: number;
  readonly endReason: string | null;
}

export type StreamState =
  /** Its voice was decoded as it was captured. */
  | 'clear'
  /** SRTP that a key opened. */
  | 'opened'
  /** SRTP by its framing, and no key was found. */
  | 'encrypted'
  /** Neither was shown. */
  | 'unknown';

export interface ReportDigits {
  /** Masked but for the last two where they may be a card's or a PIN, unless `revealed` of the report. */
  readonly digits: string;
  readonly count: number;
  readonly how: 'rfc4733' | 'sip-info' | 'skinny-keypad' | 'h245-user-input' | 'q931-keypad' | 'mgcp' | 'in-band-tones';
  /** A number that passes Luhn's check and has a card's length and prefix. */
  readonly looksLikeCard: boolean;
  readonly packets: readonly number[];
}

export interface ReportStream {
  /** Of the report, from 1. */
  readonly number: number;
  readonly source: string;
  readonly destination: string;
  /** `0x1234abcd` */
  readonly ssrc: string;
  readonly payloadTypes: readonly number[];
  readonly codec: string | null;
  readonly firstPacket: number;
  readonly lastPacket: number;
  readonly start: string | null;
  readonly durationSeconds: number;
  readonly packets: number;
  readonly lost: number;
  readonly repeated: number;
  readonly late: number;
  readonly octets: number;
  readonly jitterMilliseconds: { readonly mean: number; readonly most: number } | null;
  readonly state: StreamState;
  /** Why it is taken for that, in a sentence. */
  readonly because: string;
  /** Packets in the clear, opened, and neither: early media may be clear before SRTP begins. */
  readonly clearPackets: number;
  readonly openedPackets: number;
  readonly closedPackets: number;
  /** Suite and where the key was read, where it was opened; null otherwise. */
  readonly key: {
    readonly suite: string;
    readonly source: 'sdes' | 'skinny' | 'h235.8' | 'mgcp' | 'dtls-exporter' | 'given';
    readonly packet: number | null;
    readonly exposed: boolean;
  } | null;
  /** What a tap hears of it; null where nothing was decoded. */
  readonly audio: {
    readonly sampleRate: number;
    /** Decoded, silence included. */
    readonly seconds: number;
    /** Above silence. */
    readonly audibleSeconds: number;
    /** RMS of what is audible, in dB below full scale. */
    readonly levelDecibels: number | null;
    /** Peaks of equal stretches of time, 0..255, at most 400: the waveform's picture. */
    readonly peaks: readonly number[];
    /** Only with audio included: a WAV file (mono, 16 bit or mu-law), base64. */
    readonly wav: string | null;
  } | null;
  /** What it sounds like without a key, for the picture: peaks of the octets decoded as the codec would; null where unknown. */
  readonly noisePeaks: readonly number[] | null;
  readonly digits: readonly ReportDigits[];
}

export interface ReportCall {
  /** Of the report, from 1, worst first. */
  readonly number: number;
  readonly verdict: Verdict;
  /** Why, in a sentence that needs no manual. */
  readonly because: string;
  /** The single change that would have protected it; null where it is. */
  readonly fix: string | null;
  readonly caller: ReportEnd;
  readonly called: ReportEnd;
  readonly start: string | null;
  readonly answered: string | null;
  readonly end: string | null;
  readonly durationSeconds: number;
  readonly legs: readonly ReportLeg[];
  readonly streams: readonly ReportStream[];
  /** Of signalling. */
  readonly digits: readonly ReportDigits[];
  /** Of which audio was recovered, silence included; both ends at once count once. */
  readonly heardSeconds: number;
  readonly findings: readonly Finding[];
  /** The ladder: who takes part, by address, and what was said; cut at 500 messages. */
  readonly hosts: readonly string[];
  readonly messages: readonly ReportMessage[];
  readonly messagesNotShown: number;
  /** The way of a key that an eavesdropper has: packet of the message, and streams that it opens. */
  readonly keyPath: readonly { readonly packet: number; readonly streams: readonly number[] }[];
  /** What our manager's records claimed of it; null without records, or where none is of this call. */
  readonly claimed: {
    readonly call: string;
    readonly level: 'non-secure' | 'authenticated' | 'encrypted';
    readonly holds: boolean;
    /** What it says became of the protection of the signalling while media went on; null where that was there all the time. */
    readonly protection: {
      /** Oldest first, the last 20; `at` is ISO 8601. */
      readonly changes: readonly {
        readonly at: string;
        readonly state: 'lost' | 'returned' | 'given-up';
        readonly cause: string;
      }[];
      /** The same in a sentence, with what was captured meanwhile. */
      readonly says: string;
    } | null;
  } | null;
}

export interface ReportSecureConnection {
  readonly number: number;
  readonly protocol: 'tls' | 'dtls' | 'ike' | 'esp' | 'ssh';
  readonly client: string;
  readonly server: string;
  readonly version: string | null;
  readonly suite: string | null;
  readonly forwardSecrecy: boolean | null;
  readonly mutual: boolean | null;
  readonly serverName: string | null;
  readonly certificates: readonly {
    readonly subject: string;
    readonly issuer: string;
    readonly notBefore: string;
    readonly notAfter: string;
    readonly key: string;
  }[];
  readonly weaknesses: readonly string[];
  readonly opened: 'no' | 'null-cipher' | 'given-key';
  /** What was read in it: `sip`, `skinny`; null where nothing was. */
  readonly carries: string | null;
  readonly firstPacket: number;
  readonly lastPacket: number;
  readonly octets: number;
}

export interface ReportDisclosure {
  readonly kind: string;
  readonly protocol: string;
  readonly subject: string;
  readonly detail: string;
  readonly from: string;
  readonly to: string;
  readonly packet: number;
  readonly readableBy: 'anyone' | 'given-key';
}

/** What a policy made of a report. `call` is null for what is of the network. */
export interface ReportPolicy {
  readonly name: string;
  readonly exitStatus: number;
  /** Why it fails: `verdict heard`, `finding card-number-heard`. */
  readonly fails: readonly { readonly call: number | null; readonly because: string }[];
  readonly undecided: readonly { readonly call: number | null; readonly because: string }[];
  /** Calls that it bears with, and why. */
  readonly ignored: readonly { readonly call: number; readonly reason: string }[];
  /** Findings that it bears with, also of calls that fail for others. */
  readonly ignoredFindings: readonly {
    readonly call: number | null;
    readonly finding: string;
    readonly reason: string;
  }[];
  /** What is in the policy to be borne with, and took nothing out: there is nothing of the kind, or its last day is over. */
  readonly idleExceptions: readonly {
    /** `finding card-number-heard, address 192.0.2.1` */
    readonly exception: string;
    readonly reason: string;
    readonly until: string | null;
    readonly state: 'matches-nothing' | 'expired';
  }[];
}

export interface AuditReport {
  readonly schema: typeof AUDIT_REPORT_SCHEMA;
  readonly tool: { readonly name: 'trustline'; readonly version: string };
  readonly madeAt: string;
  /** The worst of the calls; null where there is none. */
  readonly verdict: Verdict | null;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Card digits and secrets are shown: the auditor asked for it. */
  readonly revealed: boolean;
  readonly includesAudio: boolean;
  readonly captures: readonly {
    readonly name: string;
    /** As it was named on the command line, with its folder; absent where it is no file. */
    readonly path?: string;
    readonly format: 'pcap' | 'pcapng' | 'unknown';
    readonly packets: number;
    readonly octets: number;
    readonly first: string | null;
    readonly last: string | null;
    /** `complete`, or what is wrong with it. */
    readonly ended: 'complete' | 'truncated' | 'malformed';
    readonly note: string | null;
  }[];
  readonly packets: Readonly<Record<string, number>>;
  readonly protocols: readonly { readonly name: string; readonly packets: number; readonly connections: number }[];
  readonly keysGiven: number;
  readonly calls: readonly ReportCall[];
  /** Streams of no call: found, but who speaks is not known. Each counts as a call with no signalling, and is listed there. */
  readonly secureConnections: readonly ReportSecureConnection[];
  readonly disclosures: readonly ReportDisclosure[];
  /** Of the network as a whole; those of calls stand in the calls. */
  readonly findings: readonly Finding[];
  /** What decided the exit status, where a policy was given. */
  readonly policy?: ReportPolicy;
  /** What was left out for want of room, in words; empty where nothing was. */
  readonly limits: readonly string[];
}
