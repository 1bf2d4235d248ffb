/**
 * `trustline.yaml`: the one document that configures a call manager. Every key is documented where it is defined;
 * `docs/configuration.md` is made from these descriptions, and a test fails when a key has none.
 */
import { readNetwork } from '@trustline/callcontrol';
import { eventKinds } from '@trustline/evidence';
import { preferredSuites, type SdesSuiteName, sdesSuites } from '@trustline/keying';
import { z } from 'zod';
import { type SyslogFacility, syslogFacilities } from '../alarms/syslog.ts';
import { ipsec } from './ipsec-schema.ts';
import {
  callingSearchSpace,
  checkNumberingNames,
  dialPlanRow,
  encryptionPolicy,
  huntGroup,
  isTimeZone,
  pickUpGroup,
  timeSchedule,
} from './numbering-schema.ts';
import { phoneKeys, voiceMailNumber } from './phone-keys-schema.ts';
import { callBack, subscriptions, textMessages, watcher } from './subscription-schema.ts';
import { checkTrunks, routes, trunk } from './trunk-schema.ts';

/** The usual port of SIP over TLS, and over TCP and UDP (RFC 3261 §19.1.2). */
const sipsPort = 5061;
const sipPort = 5060;

const host = z
  .string()
  .min(1)
  .default('0.0.0.0')
  .describe('Address to listen on. `0.0.0.0` is every IPv4 address of the machine, `::` every address.');
const port = (usual: number) =>
  z
    .int()
    .min(0)
    .max(65_535)
    .default(usual)
    .describe('Port to listen on; 0 lets the system choose a free one, which `trustline status` then shows.');

const tlsListener = z.strictObject({
  transport: z
    .literal('tls')
    .describe('SIP over TLS 1.2 and 1.3 with a client certificate, for devices that prove themselves.'),
  host,
  port: port(sipsPort),
  legacy: z
    .boolean()
    .default(false)
    .describe(
      'Also takes phones of the TLS 1.0, SHA-1 and RSA-1024 era. Insecure by today’s measure: give such phones a ' +
        'listener of their own on a network of their own. Every start warns of it.',
    ),
});

const digestAlgorithms = z
  .array(z.enum(['SHA-256', 'MD5']))
  .min(1)
  .refine((all) => new Set(all).size === all.length, 'an algorithm is named twice')
  .default(['SHA-256'])
  .describe(
    'Digest algorithms that are offered, preferred first (RFC 8760 §2.3). Phones that know MD5 alone, and give up ' +
      'when they see another beside it (baresip 1.0.0), need a listener with `[MD5]`; make their password after ' +
      'setting it.',
  );

const plainListener = (transport: 'tcp' | 'udp') =>
  z.strictObject({
    transport: z
      .literal(transport)
      .describe(
        `SIP over ${transport.toUpperCase()}, unprotected: only for devices whose security mode is non-secure, and ` +
          'they need a digest password.',
      ),
    host,
    port: port(sipPort),
    digestAlgorithms,
  });

/** Chosen by nobody; 8443 is what pages and firewalls know. */
const webSocketPort = 8_443;

const webSocketListener = z.strictObject({
  transport: z
    .literal('wss')
    .describe(
      'SIP over WebSockets over TLS (RFC 7118), for softphones in a browser: devices whose security mode is non-secure, ' +
        'with a digest password. It shows the certificate of the call manager, which the browser must believe.',
    ),
  host,
  port: port(webSocketPort),
  origins: z
    .array(z.string().refine(isOrigin, 'a web origin is written https://name or https://name:port'))
    .min(1)
    .describe('Web origins whose pages may connect (RFC 6454), for instance `https://phone.example.com`.'),
  digestAlgorithms,
});

/** RFC 6454 §6.2: scheme, host and port, and nothing after them; in the clear from this machine alone. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  return origin === text && (protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
}

/** Cisco's ports of Skinny. */
const skinnyPort = 2_000;
const securedSkinnyPort = 2_443;

const skinnyListener = z.strictObject({
  transport: z
    .literal('sccp')
    .describe(
      'Skinny over TCP, unprotected and without any proof of who registers: only for devices whose security mode is ' +
        'non-secure, on a network of their own.',
    ),
  host,
  port: port(skinnyPort),
});

const securedSkinnyListener = z.strictObject({
  transport: z
    .literal('sccp-tls')
    .describe('Skinny over TLS with the certificate of the phone, for devices that prove themselves.'),
  host,
  port: port(securedSkinnyPort),
  legacy: z
    .boolean()
    .default(false)
    .describe('Also takes phones of the TLS 1.0, SHA-1 and RSA-1024 era, as for `tls`. Every start warns of it.'),
});

/** The port of call signalling (H.225.0 appendix IV). */
const callSignallingPort = 1_720;

const h323Listener = z.strictObject({
  transport: z
    .literal('h323')
    .describe(
      'Call signalling of H.323 gateways, over TCP: protected by IPsec, whose proof each gateway wants. Only gateways that were added are listened to.',
    ),
  host,
  port: port(callSignallingPort),
});

const listener = z.discriminatedUnion('transport', [
  tlsListener,
  plainListener('tcp'),
  plainListener('udp'),
  webSocketListener,
  skinnyListener,
  securedSkinnyListener,
  h323Listener,
]);

const skinny = z.strictObject({
  keepAliveSeconds: z
    .int()
    .min(5)
    .max(600)
    .default(30)
    .describe(
      'How often phones give a sign of life; one that is silent for three times as long is registered no longer.',
    ),
  dateTemplate: z
    .string()
    .regex(/^[DMY][-./][DMY][-./][DMY]A?$/, 'a date is written like D.M.Y, M/D/Y or, with twelve hours, M/D/YA')
    .default('D.M.Y')
    .describe('How phones write dates: `D.M.Y`, `Y-M-D`, `M/D/Y`; an `A` at the end shows twelve hours.'),
  language: z
    .enum(['en', 'de', 'fr'])
    .default('en')
    .describe('Language of what the manager writes on phones. Their own words come from their firmware.'),
  languages: z
    .array(
      z.strictObject({
        device: z.string().describe('Name of the device: `SEP` and twelve hexadecimal digits.'),
        language: z.enum(['en', 'de', 'fr']).describe('Language of what is written on it.'),
      }),
    )
    .default([])
    .describe('Phones that are written to in another language.'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'A time zone is named as in Europe/Berlin, or UTC')
    .optional()
    .describe('Time that phones show (IANA, `Europe/Berlin`). That of the machine unless given.'),
});

const media = z.strictObject({
  relay: z
    .enum(['needed', 'always', 'never'])
    .default('needed')
    .describe(
      'When the media of a call go over the manager’s relay. `needed`: only where they must: SRTP on one side and none on ' +
        'the other, a phone behind a NAT, a key that others have learned, no codec in common. `always`: every call. `never`: they go straight ' +
        'between the phones or not at all.',
    ),
  host: host.describe('Address that the relay’s ports are bound to. `0.0.0.0` is every IPv4 address of the machine.'),
  address: z
    .union([z.ipv4(), z.ipv6()])
    .optional()
    .describe(
      'Address that phones are told to send their media to. Without it that at which the signalling of the phone came in.',
    ),
  hold: z
    .enum(['off', 'tone', 'file'])
    .default('off')
    .describe(
      'What a held party hears from the relay, with keys of its own: `tone`, two short beeps every five seconds; `file`, ' +
        'the sound of `holdFile`. `off`: what the phone that holds sends, or nothing.',
    ),
  holdFile: z
    .string()
    .min(1)
    .optional()
    .describe('WAV file (PCM) that is played over and over to who is held, relative to this document.'),
  announcementFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'WAV file (PCM) that a caller hears whose call leaves protection (`leavingProtection: announce`), 20 seconds at most, relative to this document. ' +
        'Three beeps without it.',
    ),
  transcoders: z
    .int()
    .min(0)
    .max(10_000)
    .default(50)
    .describe(
      'Calls at once that the relay transcodes, because their ends have no codec in common: PCMU, PCMA, G.722 and Opus into ' +
        'one another. One with Opus or G.722 costs about a hundredth of a core. Beyond it such calls are answered 503. 0: ' +
        'they are refused with 488.',
    ),
  firstPort: z.int().min(1_024).max(65_534).default(16_384).describe('First of the relay’s UDP ports.'),
  lastPort: z
    .int()
    .min(1_025)
    .max(65_535)
    .default(32_767)
    .describe('Last of them. A relayed call takes four for its voice: RTP and RTCP towards each end.'),
  workers: z
    .int()
    .min(0)
    .max(256)
    .default(1)
    .describe('Threads of the relay; one bears several hundred calls. 0 is one for each core of the machine.'),
});

const location = z.strictObject({
  name: z.string().min(1).max(100).describe('Name of the place, as refused callers and events show it.'),
  networks: z
    .array(
      z.string().refine((text) => readNetwork(text) !== undefined, 'a network is wanted: 10.2.0.0/16, 2001:db8::/32'),
    )
    .min(1)
    .describe('Its addresses. A phone is where its signalling comes from; the first place that has it counts.'),
  kilobits: z
    .int()
    .min(0)
    .describe(
      'Kilobits a second, each way, that calls between this place and elsewhere may take. G.711, G.722 and Opus count 80 a ' +
        'call, G.729 24. Calls within the place are not counted, and calls for help always go.',
    ),
});

const limits = z.strictObject({
  connections: z.int().min(1).default(20_000).describe('Connections held at once, over all listeners.'),
  unauthenticatedConnections: z
    .int()
    .min(1)
    .default(1_000)
    .describe(
      'Connections that have not proved who they are. Beyond this the oldest of the address that has most of them is closed, so that a burst from one address hurts no phone elsewhere; who waits for its handshake does not count.',
    ),
  handshakes: z
    .int()
    .min(1)
    .default(100)
    .describe(
      'TLS handshakes in progress at once, at most; further ones wait, and fewer go on when the machine is busy.',
    ),
  handshakeSeconds: z.int().min(1).default(10).describe('Time a TLS handshake may take, from its turn on.'),
  halfMessageSeconds: z.int().min(1).default(30).describe('Time the rest of a begun message may take on a stream.'),
  registrationsPerSecond: z
    .int()
    .min(1)
    .default(1_000)
    .describe(
      'Registrations taken a second of devices that have proved who they are; more are answered 503 with Retry-After, and running calls go on. Who has not is challenged or verified half as often from one address (or IPv6 prefix of 64 bits), and twice as often from all.',
    ),
  callsPerSecond: z
    .int()
    .min(1)
    .default(300)
    .describe(
      'New calls taken a second of devices that have proved who they are; more are answered 503. Others are bounded as by `registrationsPerSecond`, calls for help included.',
    ),
  calls: z.int().min(1).default(5_000).describe('Calls held at once.'),
});

const calls = z.strictObject({
  policy: encryptionPolicy
    .default('prefer')
    .describe(
      '`require`: encrypted or not at all. `prefer`: encrypted where both ends can, else clear and shown so. ' +
        '`forbid`: never encrypted.',
    ),
  suites: z
    .array(z.enum(Object.keys(sdesSuites) as SdesSuiteName[]))
    .min(1)
    .default([...preferredSuites])
    .describe(
      'SRTP crypto suites that are taken, best first (RFC 4568 §6.2, RFC 6188, RFC 7714). The manager writes the offer to the called end ' +
        'in this order; a caller that offered only others is offered these once the called has answered.',
    ),
  noAnswerSeconds: z.int().min(5).max(3_600).default(90).describe('Time a called phone may ring before the call ends.'),
  sessionSeconds: z
    .int()
    .min(90)
    .max(86_400)
    .default(1_800)
    .describe(
      'A call whose phone gives no sign for so long is over (session timers, RFC 4028); at half of it a sign is asked for.',
    ),
  parkSeconds: z
    .int()
    .min(10)
    .max(3600)
    .default(60)
    .describe('Time a call is parked before whoever parked it is rung.'),
  forwardSeconds: z
    .int()
    .min(1)
    .max(600)
    .default(20)
    .describe('Time a line rings before a call that nobody answers is forwarded, where the line says no other.'),
});

const registrations = z.strictObject({
  minimumSeconds: z.int().min(1).default(60).describe('Shorter registrations are answered 423 (RFC 3261 §10.2.8).'),
  defaultSeconds: z.int().min(1).default(600).describe('Lifetime of a registration that names none.'),
  maximumSeconds: z.int().min(1).default(3_600).describe('Longer registrations are shortened to this.'),
});

const records = z.strictObject({
  eraseAfterDays: z
    .int()
    .min(0)
    .default(90)
    .describe(
      'Age at which names, numbers and addresses are erased from events and call records. What remains still ' +
        'verifies. 0 keeps them for ever.',
    ),
  memoryLimit: z
    .int()
    .min(100)
    .default(10_000)
    .describe('Entries kept in memory while the disk is full. Beyond this they are lost, and an event says how many.'),
});

const operatorHttps = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address of the HTTPS interface for operators.'),
  port: z.int().min(0).max(65_535).default(5_443).describe('Its port; 0 lets the system choose.'),
});

const metrics = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether `/health` and `/metrics` are answered.'),
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address of health and metrics. They carry no names, and ask nobody who they are.'),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(5_480)
    .describe('Their port, plain HTTP; 0 lets the system choose one, which `trustline status` then shows.'),
});

const api = z.strictObject({
  socket: z
    .string()
    .min(1)
    .default('api.sock')
    .describe('Local socket of the HTTP interface (mode 0600), relative to the data folder.'),
  https: operatorHttps
    .optional()
    .describe('HTTPS interface for operators elsewhere, who need an operator’s certificate. Off unless given.'),
  metrics: metrics.prefault({}).describe('Health and metrics (Prometheus) for the programs that watch machines.'),
});

const provisioning = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Serves phones before they register: their files, their certificate (CAPF), answers on trust (TVS).'),
  host,
  tftpPort: port(6_969).describe(
    'Port of TFTP; 0 lets the system choose. Desk phones ask port 69, which needs a right: docs/how-to/boot-a-phone.md.',
  ),
  httpPort: port(6_970).describe('Port of the files by HTTP, which newer phones try first; 0 lets the system choose.'),
  httpsPort: port(6_971).describe('Port of the files by HTTPS; 0 lets the system choose.'),
  capfPort: port(3_804).describe('Port of CAPF, where phones get their certificate; 0 lets the system choose.'),
  capfIssuer: z
    .enum(['cluster', 'outside'])
    .default('cluster')
    .describe(
      'Who issues the certificates that phones get from CAPF: the cluster at once, or an outside authority by files ' +
        '(`trustline capf csr` and `import`): docs/how-to/outside-ca.md.',
    ),
  tvsPort: port(2_445).describe('Port of the Trust Verification Service; 0 lets the system choose.'),
  digest: z
    .enum(['SHA-512', 'SHA-1'])
    .default('SHA-512')
    .describe(
      'Hash in the signatures of what the cluster signs itself: ITL and phone files. Phones of the 8.6 era know SHA-1 alone.',
    ),
  encryptConfigurations: z
    .boolean()
    .default(true)
    .describe(
      'Encrypts the configuration of each phone to the certificate (LSC) that it was issued, if its key is RSA; others get it signed. Out of mixed mode that of a secure phone is always encrypted, for it holds the digest password.',
    ),
  furtherManagers: z
    .array(
      z.strictObject({
        host: z.string().min(1).describe('Name or address by which phones reach it.'),
        sipPort: z.int().min(1).max(65_535).default(5_060).describe('Its port of SIP without TLS.'),
        securedSipPort: z.int().min(1).max(65_535).default(5_061).describe('Its port of SIP over TLS.'),
      }),
    )
    .max(4)
    .default([])
    .describe(
      'Call managers that phones turn to while this one is not there, the first of them first. Their certificates must stand in the lists of the phones.',
    ),
  folder: z
    .string()
    .min(1)
    .default('tftp')
    .describe('Folder of firmware, ring tones and other files for all phones, relative to the data folder.'),
});

const identity = z.strictObject({
  cluster: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,31}$/u, 'letters, digits, spaces, dots and hyphens, 32 at most')
    .default('Trustline Lab')
    .describe('Name of the cluster in the subjects of its certificates. Counts when they are made.'),
  hosts: z
    .array(z.string().min(1))
    .default([])
    .describe('DNS names that phones reach this manager by; the machine’s own name is always there.'),
  addresses: z
    .array(z.string().min(1))
    .default([])
    .describe('IP addresses that phones reach this manager by; those of its network interfaces are always there.'),
  domains: z.array(z.string().min(1)).default([]).describe('SIP domains it serves (RFC 5922): `example.org`.'),
  passphraseFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File whose first line encrypts the private keys, relative to this document. The variable ' +
        'TRUSTLINE_PASSPHRASE does the same. Without either, file mode 0600 alone protects them.',
    ),
  registrationProofs: z
    .array(z.enum(['LSC', 'pinned', 'MIC']))
    .default(['LSC', 'pinned'])
    .describe(
      'Certificates by which a phone may register: an LSC of this cluster, one of an outside authority that is pinned ' +
        'to it, and its MIC. Without `MIC` a MIC authenticates an enrolment and nothing else.',
    ),
  ocsp: z
    .boolean()
    .default(true)
    .describe(
      'Asks the responders (OCSP) that pinned certificates and imported authorities name whether they are revoked, ' +
        'ahead of time. What strangers present is never asked about.',
    ),
  staleRevocation: z
    .enum(['warn', 'refuse'])
    .default('warn')
    .describe(
      'What becomes of a certificate whose authority publishes what it revokes, when neither its list nor its ' +
        'responder is current: `warn` believes it and says so in an event, `refuse` does not.',
    ),
});

const trustFile = (whom: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(`Roots by which ${whom} is believed (PEM), relative to this document. Without it those of Node.js.`);

const syslog = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Name or address of the receiver.'),
  port: z.int().min(0).max(65_535).default(0).describe('Its port; 0 is the usual one: 514, and 6514 for TLS.'),
  transport: z
    .enum(['udp', 'tcp', 'tls'])
    .default('udp')
    .describe('UDP (RFC 5426) tells nobody when a message is lost; TCP (RFC 6587) and TLS (RFC 5425) do.'),
  facility: z
    .enum(Object.keys(syslogFacilities) as SyslogFacility[])
    .default('authpriv')
    .describe('Facility of the messages (RFC 5424 §6.2.1).'),
  trustFile: trustFile('the receiver'),
});

/** An alarm names devices, so it travels in the clear on this machine alone. */
const isProtected = (text: string) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
};

const webhook = z.strictObject({
  url: z
    .string()
    .refine(isProtected, 'an address with https:// is wanted; http:// is taken on this machine alone')
    .describe('Where the JSON is posted; https, or http on this machine.'),
  authorizationFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File (mode 0600) whose first line is sent as the Authorization header, `Bearer …`; relative to this document.',
    ),
  trustFile: trustFile('the server'),
});

const telemetry = z.strictObject({
  traces: z
    .strictObject({
      url: z
        .string()
        .refine(isProtected, 'an address with https:// is wanted; http:// is taken on this machine alone')
        .describe('Where traces are posted (OTLP over HTTP): `https://collector.example.org/v1/traces`.'),
      authorizationFile: webhook.shape.authorizationFile,
      trustFile: trustFile('the collector'),
    })
    .optional()
    .describe('Collector of OpenTelemetry that gets each call that ends as a trace, naming nobody. Off unless given.'),
});

const alarms = z.strictObject({
  minimumSeverity: z
    .enum(['notice', 'warning', 'alert'])
    .default('alert')
    .describe('Events of this severity and above are alarms.'),
  events: z
    .array(z.string().refine((kind) => kind in eventKinds, 'there is no such kind of event'))
    .default([
      'certificate-expiring',
      'emergency-call',
      'lab-trust',
      'trust-list-refused',
      'operation-refused',
      'backup-restored',
    ])
    .describe('Kinds of events that are alarms whatever their severity, as `trustline events` names them.'),
  syslog: syslog.optional().describe('Receiver of alarms by syslog (RFC 5424). Off unless given.'),
  webhook: webhook.optional().describe('Receiver of alarms by HTTPS POST. Off unless given.'),
});

const log = z.strictObject({
  level: z
    .enum(['error', 'warn', 'info', 'debug'])
    .default('info')
    .describe(
      'How much the process says on standard error; `debug` follows events, files and SIP messages, without keys. Events and records are kept whatever this is.',
    ),
  json: z.boolean().default(false).describe('Writes the log as one JSON object a line.'),
});

const dns = z.strictObject({
  servers: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Name servers that are asked for trunks, as `address` or `address:port`; those of the machine by default.',
    ),
});

const document = z.strictObject({
  node: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, 63 at most')
    .default('node-1')
    .describe('Name of this node; every row, event and answer carries it.'),
  dataFolder: z
    .string()
    .min(1)
    .default('trustline-data')
    .describe('Folder of everything that is kept (mode 0700), relative to this document.'),
  securityMode: z
    .enum(['mixed', 'non-secure'])
    .default('mixed')
    .describe(
      'Of a lab: `mixed`: devices use TLS and SRTP as their own security mode says. `non-secure`: no device is given keys. In every other cluster the published CTL says it.',
    ),
  listeners: z
    .array(listener)
    .min(1)
    .default([
      { transport: 'tls', host: '0.0.0.0', port: sipsPort, legacy: false },
      { transport: 'tcp', host: '0.0.0.0', port: sipPort, digestAlgorithms: ['SHA-256'] },
      { transport: 'udp', host: '0.0.0.0', port: sipPort, digestAlgorithms: ['SHA-256'] },
    ])
    .describe('Where devices connect. Given, the list replaces the usual one: TLS on 5061, TCP and UDP on 5060.'),
  trunks: z
    .array(trunk)
    .default([])
    .describe(
      'Trunks and gateways: where the manager connects to them, and what holds for calls by them. One without an address connects itself.',
    ),
  routes: routes
    .prefault({})
    .describe('How calls go out where a row of the dial plan names several trunks or gateways.'),
  dns: dns.prefault({}).describe('How the servers of trunks are found.'),
  identity: identity.prefault({}).describe('What the manager is called and reached by.'),
  provisioning: provisioning.prefault({}).describe('What phones need before they can call.'),
  ipsec: ipsec.prefault({}).describe('IPsec to gateways whose signalling carries keys, and the proof of it.'),
  calls: calls.prefault({}).describe('What holds for every call.'),
  media: media.prefault({}).describe('The relay for media that cannot, or shall not, go straight between two ends.'),
  locations: z.array(location).default([]).describe('Places whose lines bear so many calls and no more.'),
  dialPlan: z.array(dialPlanRow).default([]).describe('Numbers beyond the exact ones of the devices’ lines.'),
  schedules: z.array(timeSchedule).default([]).describe('Times at which rows of the dial plan are there.'),
  callingSearchSpaces: z
    .array(callingSearchSpace)
    .default([])
    .describe('Which callers may dial which partitions of the dial plan.'),
  pickUpGroups: z
    .array(pickUpGroup)
    .default([])
    .describe('Groups of lines that may take each other’s calls: by a number of the dial plan, or by Replaces.'),
  huntGroups: z.array(huntGroup).default([]).describe('Groups of lines that take the calls of one number.'),
  subscriptions: subscriptions.prefault({}).describe('How phones may subscribe: presence, calls of lines, messages.'),
  skinny: skinny.prefault({}).describe('What phones that speak Skinny are given.'),
  phoneKeys: phoneKeys
    .default([])
    .describe(
      'Keys of Skinny phones beside their lines, as many as the phone has places for. A phone asks when it registers.',
    ),
  voiceMailNumber: voiceMailNumber
    .optional()
    .describe(
      'Number of voice mail, behind the key for messages of Skinny phones. They say that there is none without.',
    ),
  textMessages: textMessages
    .prefault({})
    .describe('Messages between lines (MESSAGE, RFC 3428). Nothing of them is kept.'),
  callBack: callBack
    .optional()
    .describe('Call back on busy by numbers of the manager. Off unless given; `callBack: {}` takes the usual ones.'),
  watchers: z
    .array(watcher)
    .default([])
    .describe(
      'Who may watch whose calls. Presence needs no right but to call the line; a phone’s own lines need none.',
    ),
  registrations: registrations.prefault({}).describe('How long registrations live.'),
  limits: limits.prefault({}).describe('What keeps running calls unharmed when too much comes.'),
  records: records.prefault({}).describe('How long events and call records say who it was.'),
  api: api.prefault({}).describe('Where the command line and operators reach the manager.'),
  alarms: alarms.prefault({}).describe('Which events reach people, and how.'),
  telemetry: telemetry.prefault({}).describe('What programs that watch many machines are told.'),
  log: log.prefault({}).describe('What the process says.'),
  drainSeconds: z
    .int()
    .min(0)
    .default(60)
    .describe('After SIGTERM no new call is taken, and running ones may go on for this long.'),
});

/** The document. Input keys are all optional; what comes out is complete. */
export const configurationSchema = document.superRefine(checkNumberingNames).superRefine(checkTrunks);

/** The effective configuration, complete. */
export type Configuration = z.output<typeof document>;
export type ListenerConfiguration = Configuration['listeners'][number];
