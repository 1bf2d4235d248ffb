/** The tables, as Kysely sees them. Times are epoch milliseconds; every row says which node wrote it, and how. */

/** The version of a row's shape, carried by every row. */
export const ROW_SCHEMA = 1;

interface Row {
  readonly node: string;
  readonly schema: number;
}

export interface DeviceTable extends Row {
  readonly name: string;
  readonly kind: 'phone' | 'trunk' | 'gateway';
  readonly security_mode: 'non-secure' | 'authenticated' | 'encrypted';
  /** What it speaks, and registers by. */
  readonly protocol: 'sip' | 'sccp' | 'h323';
  readonly description: string;
  /** H(A1) of digest authentication (RFC 7616 §3.4.2), hex. */
  readonly digest_sha256: string | null;
  readonly digest_md5: string | null;
  readonly digest_realm: string | null;
  readonly digest_salt: string | null;
  readonly added_at: number;
}

export interface LineTable extends Row {
  readonly device: string;
  readonly number: string;
  /** Order of the buttons, from 0. */
  readonly position: number;
  readonly display_name: string | null;
}

/** Where the calls of a line go that it does not take; a line that forwards nothing has no row. */
export interface LineForwardingTable extends Row {
  readonly number: string;
  readonly always: string | null;
  readonly busy: string | null;
  readonly no_answer: string | null;
  readonly unregistered: string | null;
  /** Milliseconds that the line rings before `no_answer` counts; null for the default. */
  readonly no_answer_timeout: number | null;
  /** 1 where the line is not rung. */
  readonly do_not_disturb: number;
}

/** How many calls a line has; null for as many as all have, and no row where both are. */
interface LineLimitTable extends Row {
  readonly number: string;
  readonly busy_trigger: number | null;
  readonly maximum_calls: number | null;
}

/** Messages of a line that wait somewhere else; a line without has no row. */
interface WaitingMessagesTable extends Row {
  readonly number: string;
  readonly new_messages: number;
  readonly old_messages: number;
}

export interface RegistrationTable extends Row {
  readonly line: string;
  readonly device: string;
  readonly contact: string;
  readonly call_id: string;
  readonly sequence: number;
  /** JSON array of the Path values (RFC 3327), in order. */
  readonly path: string;
  readonly transport: 'tls' | 'tcp' | 'udp' | 'wss';
  readonly remote_address: string;
  readonly registered_at: number;
  readonly expires_at: number;
}

export interface EvidenceTable extends Row {
  readonly sequence: number;
  readonly at: string;
  /** `call`, `erased`, or the kind of the event. */
  readonly kind: string;
  /** The call that it is about; null for what is about none. */
  readonly call: string | null;
  /** The entry in its canonical JSON. */
  readonly entry: string;
  /** 1 while personal fields are there. */
  readonly personal: 0 | 1;
}

interface OperatorTable extends Row {
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'trust-officer';
  readonly added_at: number;
}

/** Which notices of an approaching end were given, so that each is given once. */
interface ExpiryNoticeTable extends Row {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Days before the end that the notice was for; 0 for the end itself. */
  readonly days: number;
  readonly given_at: number;
}

interface SettingTable extends Row {
  readonly name: string;
  readonly value: string;
}

export interface TrustListTable extends Row {
  readonly number: number;
  readonly kind: 'CTL' | 'ITL';
  /** The file, octet for octet as phones get it. */
  readonly content: Uint8Array;
  /** SHA-256 over the file, lower-case hex. */
  readonly hash: string;
  readonly published_at: number;
  /** `wave`: for the devices of its wave alone; `earlier`: replaced. */
  readonly state: 'current' | 'wave' | 'earlier';
}

interface TrustListWaveTable extends Row {
  readonly list: number;
  readonly device: string;
}

/** The list of each kind that a phone was seen to hold: what it judges the next one by. */
export interface PhoneTrustTable extends Row {
  readonly device: string;
  readonly kind: 'CTL' | 'ITL';
  readonly list: number;
  /** When it was seen to. */
  readonly taken_at: number;
  readonly remote_address: string;
}

/** A list that was given to somebody in the name of a phone, which was not seen to hold it yet. */
export interface GivenListTable extends Row {
  readonly device: string;
  readonly list: number;
  readonly given_at: number;
  /** Without the port. */
  readonly remote_address: string;
}

/** What a phone may do at CAPF, once: it survives a restart, and is gone with its success. */
export interface EnrolmentTable extends Row {
  readonly device: string;
  readonly identifier: string;
  /** JSON: what is to be done, with which key. */
  readonly action: string;
  readonly authentication: 'string' | 'certificate' | 'nothing';
  /** The digits that someone types into the phone, sealed; null for other proofs. */
  readonly string: string | null;
  /** JSON array of LSC and MIC; null for other proofs. */
  readonly certificates: string | null;
  /** End of a window without proof; null for other proofs. */
  readonly until: number | null;
  /** 1 after five wrong strings. */
  readonly locked: number;
  /** Wrong strings so far: a restart gives nobody his tries back. */
  readonly wrong_strings: number;
  /** SubjectPublicKeyInfo in DER that it is bound to, once an outside authority was asked. */
  readonly outside_key: Uint8Array | null;
  /** PKCS#10 in DER; null where the phone could not sign one. */
  readonly outside_request: Uint8Array | null;
  /** In DER, once it was imported. */
  readonly outside_certificate: Uint8Array | null;
}

/** The certificate that a phone was issued last: its configuration may be encrypted to it. */
export interface DeviceCertificateTable extends Row {
  readonly device: string;
  /** DER; empty once the phone has deleted it. */
  readonly certificate: Uint8Array;
  readonly issued_at: number;
  /** How the phone proved itself for it. */
  readonly proven_by: 'string' | 'certificate' | 'nothing';
}

/** What a phone has shown of itself. */
export interface PhoneProofTable extends Row {
  readonly device: string;
  /** DER of the MIC that it showed last. */
  readonly mic: Uint8Array | null;
  /** 1 once it has signed the number of a CAPF session. */
  readonly signs_sessions: 0 | 1;
}

/** A call that has begun and has no record yet. What is left of them at a start was interrupted. */
export interface RunningCallTable extends Row {
  readonly call: string;
}

/** How a gateway of H.323 is called and calls. */
interface GatewayTable extends Row {
  readonly device: string;
  /** JSON of its settings. */
  readonly settings: string;
}

interface MigrationTable {
  readonly number: number;
  readonly name: string;
  readonly applied_at: number;
}

export interface Tables {
  readonly device: DeviceTable;
  readonly line: LineTable;
  readonly line_forwarding: LineForwardingTable;
  readonly line_limit: LineLimitTable;
  readonly waiting_messages: WaitingMessagesTable;
  readonly registration: RegistrationTable;
  readonly evidence: EvidenceTable;
  readonly running_call: RunningCallTable;
  readonly operator: OperatorTable;
  readonly expiry_notice: ExpiryNoticeTable;
  readonly setting: SettingTable;
  readonly trust_list: TrustListTable;
  readonly trust_list_wave: TrustListWaveTable;
  readonly phone_trust: PhoneTrustTable;
  readonly given_list: GivenListTable;
  readonly enrolment: EnrolmentTable;
  readonly device_certificate: DeviceCertificateTable;
  readonly phone_proof: PhoneProofTable;
  readonly gateway: GatewayTable;
  readonly migration: MigrationTable;
}
