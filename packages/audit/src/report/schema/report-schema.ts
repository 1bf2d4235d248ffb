/** The JSON Schema of a report, which `trustline audit schema` prints. docs/audit-report.md says what the fields mean. */
import {
  AUDIT_REPORT_SCHEMA,
  type AuditReport,
  type Evidence,
  type Finding,
  type Harm,
  type ReportCall,
  type ReportDigits,
  type ReportDisclosure,
  type ReportEnd,
  type ReportLeg,
  type ReportMessage,
  type ReportPolicy,
  type ReportSecureConnection,
  type ReportStream,
  type StreamState,
  type Verdict,
} from '../../model/report.ts';
import {
  amount,
  choice,
  count,
  exactly,
  flag,
  type JsonSchema,
  level,
  list,
  map,
  moment,
  optional,
  orNull,
  record,
  type Schema,
  text,
  told,
} from './typed-schema.ts';

/** Parts that stand in several places, by the names that they have under `$defs`. */
const definitions: Record<string, JsonSchema> = {};

function defined<Value>(name: string, { json }: Schema<Value>): Schema<Value> {
  definitions[name] = json;
  return { json: { $ref: `#/$defs/${name}` } };
}

const verdict = defined(
  'verdict',
  told(
    'what an eavesdropper gets of a call',
    choice<Verdict>({
      heard: true,
      'digits-heard': true,
      'keys-exposed': true,
      'metadata-only': true,
      'cannot-tell': true,
      protected: true,
    }),
  ),
);

const address = defined('address', told('192.0.2.1:5060, [2001:db8::1]:5060', text));

const readableBy = choice<ReportMessage['readableBy']>({ anyone: true, 'given-key': true });

const finding = defined(
  'finding',
  record<Finding>({
    code: told('trustline audit explain CODE', text),
    harm: choice<Harm>({ critical: true, high: true, medium: true, low: true, information: true }),
    title: text,
    detail: told('what was seen here', text),
    evidence: list(record<Evidence>({ packets: list(count, { maxItems: 20 }), says: text })),
    rules: told('rules that it breaks', list(text)),
    fix: text,
  }),
);

const end = defined(
  'end',
  record<ReportEnd>({
    number: orNull(text),
    name: orNull(text),
    uri: orNull(text),
    device: orNull(text),
    addresses: list(address),
  }),
);

const digits = defined(
  'digits',
  record<ReportDigits>({
    digits: told('masked but for the last two, unless the report is revealed', text),
    count,
    how: choice<ReportDigits['how']>({
      rfc4733: true,
      'sip-info': true,
      'skinny-keypad': true,
      'h245-user-input': true,
      'q931-keypad': true,
      mgcp: true,
      'in-band-tones': true,
    }),
    looksLikeCard: flag,
    packets: list(count),
  }),
);

const message = defined(
  'message',
  record<ReportMessage>({
    packet: count,
    time: orNull(moment),
    from: told('index into hosts of the call', count),
    to: told('index into hosts of the call', count),
    protocol: text,
    name: text,
    detail: orNull(text),
    carriesKey: flag,
    readableBy,
  }),
);

const leg = defined(
  'leg',
  record<ReportLeg>({
    protocol: choice<ReportLeg['protocol']>({ sip: true, skinny: true, h323: true, mgcp: true }),
    identity: text,
    transport: choice<ReportLeg['transport']>({ udp: true, tcp: true, websocket: true }),
    signalling: choice<ReportLeg['signalling']>({ clear: true, 'null-cipher': true, 'given-key': true }),
    firstPacket: count,
    lastPacket: count,
    endReason: orNull(text),
  }),
);

const peaks = list(told('0 to 255', count), { maxItems: 400 });

const stream = defined(
  'stream',
  record<ReportStream>({
    number: told('from 1, of the whole report', count),
    source: address,
    destination: address,
    ssrc: told('0x1234abcd', text),
    payloadTypes: list(count),
    codec: orNull(text),
    firstPacket: count,
    lastPacket: count,
    start: orNull(moment),
    durationSeconds: amount,
    packets: count,
    lost: count,
    repeated: count,
    late: count,
    octets: count,
    jitterMilliseconds: orNull(record<NonNullable<ReportStream['jitterMilliseconds']>>({ mean: amount, most: amount })),
    state: choice<StreamState>({ clear: true, opened: true, encrypted: true, unknown: true }),
    because: text,
    clearPackets: count,
    openedPackets: count,
    closedPackets: count,
    key: orNull(
      record<NonNullable<ReportStream['key']>>({
        suite: text,
        source: choice<NonNullable<ReportStream['key']>['source']>({
          sdes: true,
          skinny: true,
          'h235.8': true,
          mgcp: true,
          'dtls-exporter': true,
          given: true,
        }),
        packet: orNull(count),
        exposed: flag,
      }),
    ),
    audio: orNull(
      record<NonNullable<ReportStream['audio']>>({
        sampleRate: count,
        seconds: amount,
        audibleSeconds: amount,
        levelDecibels: orNull(level),
        peaks,
        wav: told('base64, with audio included', orNull(text)),
      }),
    ),
    noisePeaks: orNull(peaks),
    digits: list(digits),
  }),
);

type ClaimedProtection = NonNullable<NonNullable<ReportCall['claimed']>['protection']>;

const call = defined(
  'call',
  record<ReportCall>({
    number: told('from 1, the worst first', count),
    verdict,
    because: text,
    fix: orNull(text),
    caller: end,
    called: end,
    start: orNull(moment),
    answered: orNull(moment),
    end: orNull(moment),
    durationSeconds: amount,
    legs: list(leg),
    streams: list(stream),
    digits: list(digits),
    heardSeconds: amount,
    findings: list(finding),
    hosts: list(text),
    messages: list(message, { maxItems: 500 }),
    messagesNotShown: count,
    keyPath: list(record<ReportCall['keyPath'][number]>({ packet: count, streams: list(count) })),
    claimed: orNull(
      record<NonNullable<ReportCall['claimed']>>({
        call: text,
        level: choice<NonNullable<ReportCall['claimed']>['level']>({
          'non-secure': true,
          authenticated: true,
          encrypted: true,
        }),
        holds: flag,
        protection: orNull(
          record<ClaimedProtection>({
            changes: list(
              record<ClaimedProtection['changes'][number]>({
                at: moment,
                state: choice<ClaimedProtection['changes'][number]['state']>({
                  lost: true,
                  returned: true,
                  'given-up': true,
                }),
                cause: text,
              }),
              { maxItems: 20 },
            ),
            says: text,
          }),
        ),
      }),
    ),
  }),
);

const secureConnection = defined(
  'secureConnection',
  record<ReportSecureConnection>({
    number: count,
    protocol: choice<ReportSecureConnection['protocol']>({ tls: true, dtls: true, ike: true, esp: true, ssh: true }),
    client: text,
    server: text,
    version: orNull(text),
    suite: orNull(text),
    forwardSecrecy: orNull(flag),
    mutual: orNull(flag),
    serverName: orNull(text),
    certificates: list(
      record<ReportSecureConnection['certificates'][number]>({
        subject: text,
        issuer: text,
        notBefore: text,
        notAfter: text,
        key: text,
      }),
    ),
    weaknesses: told('a stable code, a colon, what was seen', list(text)),
    opened: choice<ReportSecureConnection['opened']>({ no: true, 'null-cipher': true, 'given-key': true }),
    carries: orNull(text),
    firstPacket: count,
    lastPacket: count,
    octets: count,
  }),
);

const disclosure = defined(
  'disclosure',
  record<ReportDisclosure>({
    kind: text,
    protocol: text,
    subject: text,
    detail: text,
    from: text,
    to: text,
    packet: count,
    readableBy,
  }),
);

const report = record<AuditReport>({
  schema: exactly(AUDIT_REPORT_SCHEMA),
  tool: record<AuditReport['tool']>({ name: exactly('trustline'), version: text }),
  madeAt: moment,
  verdict: orNull(verdict),
  counts: record<AuditReport['counts']>({
    heard: count,
    'digits-heard': count,
    'keys-exposed': count,
    'metadata-only': count,
    'cannot-tell': count,
    protected: count,
  }),
  revealed: flag,
  includesAudio: flag,
  captures: list(
    record<AuditReport['captures'][number]>({
      name: text,
      path: optional(told('as it was named, with its folder; absent where it is no file', text)),
      format: choice<AuditReport['captures'][number]['format']>({ pcap: true, pcapng: true, unknown: true }),
      packets: count,
      octets: count,
      first: orNull(moment),
      last: orNull(moment),
      ended: choice<AuditReport['captures'][number]['ended']>({ complete: true, truncated: true, malformed: true }),
      note: orNull(text),
    }),
  ),
  packets: map(count),
  protocols: list(record<AuditReport['protocols'][number]>({ name: text, packets: count, connections: count })),
  keysGiven: count,
  calls: list(call),
  secureConnections: list(secureConnection),
  disclosures: list(disclosure),
  findings: list(finding),
  policy: optional(
    record<ReportPolicy>({
      name: text,
      exitStatus: count,
      fails: list(record<ReportPolicy['fails'][number]>({ call: orNull(count), because: text })),
      undecided: list(record<ReportPolicy['undecided'][number]>({ call: orNull(count), because: text })),
      ignored: list(record<ReportPolicy['ignored'][number]>({ call: count, reason: text })),
      ignoredFindings: list(
        record<ReportPolicy['ignoredFindings'][number]>({ call: orNull(count), finding: text, reason: text }),
      ),
      idleExceptions: list(
        record<ReportPolicy['idleExceptions'][number]>({
          exception: text,
          reason: text,
          until: told('the last day on which it is borne with', orNull(text)),
          state: choice<ReportPolicy['idleExceptions'][number]['state']>({ 'matches-nothing': true, expired: true }),
        }),
      ),
    }),
  ),
  limits: list(text),
});

/** Of {@link AuditReport}, in JSON Schema (draft 2020-12). */
export const auditReportSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:${AUDIT_REPORT_SCHEMA.replace('/', ':').replace('.', ':')}`,
  title: AUDIT_REPORT_SCHEMA,
  description: 'What trustline audit --json prints.',
  ...report.json,
  $defs: definitions,
};
