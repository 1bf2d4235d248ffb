/**
 * The HTTP interface, version 1: what may be asked and what is answered, as JSON. Requests are validated by these
 * schemas; answers are typed by them. Every answer carries the node's name and {@link API_SCHEMA}.
 */
import type { RelayReason, TranscodedCodecs } from '@trustline/callcontrol';
import type {
  CallRecord,
  ChainHead,
  LevelChange,
  ProtectionChange,
  RouteStep,
  SecurityEvent,
} from '@trustline/evidence';
import { z } from 'zod';
import type { Answer } from './answer.ts';
import { type OperatorRole, operatorRoles } from './roles.ts';

export { type Answer, API_SCHEMA } from './answer.ts';

export const apiPrefix = '/v1';

/** As long as the longest number that call control dials. */
const longestLine = 48;

/** `title`, `option` and `examples` are what a person is told of a field that is wrong. */
const lineNumber = z
  .string()
  .regex(/^[0-9*#+]+$/, 'a line is of digits, *, # and +')
  .max(longestLine)
  .meta({ title: 'line number', option: '--line', examples: ['1001'] });

const securityMode = z.enum(['non-secure', 'authenticated', 'encrypted']).meta({ title: 'security mode' });

const deviceLine = z.strictObject({
  number: lineNumber,
  displayName: z
    .string()
    .max(100)
    .meta({ title: 'display name', option: '--display-name', examples: ['Ada'] })
    .optional(),
});

export const addDeviceRequest = z
  .strictObject({
    name: z.string().meta({ title: 'device name', examples: ['SEP001122334455'] }),
    kind: z.enum(['phone', 'trunk', 'gateway']).default('phone').meta({ title: 'kind of device' }),
    securityMode,
    protocol: z.enum(['sip', 'sccp']).default('sip').meta({ title: 'protocol of the phone', option: '--protocol' }),
    description: z
      .string()
      .max(200)
      .default('')
      .meta({ title: 'description', option: '--description', examples: ['Reception'] }),
    lines: z
      .array(deviceLine)
      .max(100)
      .readonly()
      .meta({ title: 'line', option: '--line', examples: ['1001'] }),
  })
  .superRefine(({ kind, name, lines, protocol }, context) => {
    const add = (path: string, message: string, example?: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { example } });
    if (kind === 'phone') {
      if (!/^SEP[0-9A-F]{12}$/.test(name))
        add('name', 'a phone is named SEP and the 12 digits of its MAC address', 'SEP001122334455');
      if (lines.length === 0) add('lines', 'a phone needs a line', '1001');
    } else {
      if (!/^[A-Za-z][A-Za-z0-9._-]{0,62}$/.test(name))
        add('name', 'a trunk or gateway is named by letters, digits, dots and hyphens, a letter first', 'GW1');
      if (lines.length > 0) add('lines', 'trunks and gateways have no lines: leave them out');
      if (protocol === 'sccp') add('protocol', 'phones alone speak Skinny: trunks and gateways are of SIP', 'sip');
    }
    if (new Set(lines.map(({ number }) => number)).size !== lines.length) add('lines', 'a line is named twice');
  });
export type AddDeviceRequest = z.input<typeof addDeviceRequest>;

export const operatorRequest = z.strictObject({
  name: z
    .string()
    .min(1, { abort: true })
    .max(64)
    .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]*$/u, 'a name is of letters, digits, dots, hyphens, underscores and @')
    .meta({ title: 'name of the operator', examples: ['ada'] }),
  role: z.enum(operatorRoles).meta({ title: 'role', option: '--role', examples: ['viewer'] }),
});

/** Why something is asked for: the parameter `reason` of any request that changes something. */
export const statedReason = z
  .string()
  .max(500)
  .regex(/^[^\p{Cc}]*$/u, 'a reason is one line of text')
  .meta({ title: 'reason', option: '--reason', examples: ['a new desk'] });

/** The parameter by which any request only asks whether whoever sends it may do it: nothing is done, no body is read. */
export const onlyAsks = 'may';

export const eraseRequest = z.strictObject({
  olderThanDays: z
    .int()
    .min(0)
    .meta({ title: 'age in days', option: '--older-than', examples: [30] }),
});
export const drainRequest = z.strictObject({
  seconds: z
    .int()
    .min(0)
    .meta({ title: 'seconds', option: '--seconds', examples: [60] })
    .optional(),
});
export const pinRequest = z.strictObject({ chain: z.string(), roots: z.string() });

/** The passphrase is looked at by the operation itself: what is wrong with a field is shown, and this must not be. */
export const backupRequest = z.strictObject({ passphrase: z.unknown().meta({ title: 'passphrase' }) });

/** The certificates that an outside authority's may replace. */
export const replaceableRoles = [
  'callmanager-ca',
  'callmanager-rsa',
  'callmanager-ecdsa',
  'capf-ca',
  'capf',
  'tftp',
  'tvs',
  'operator-ca',
  'ipsec-ca',
  'ipsec',
] as const;
export const certificateRequest = z.strictObject({ role: z.enum(replaceableRoles) });
export const importRequest = z.strictObject({
  role: z.enum(replaceableRoles),
  /** PEM, the certificate first. */
  chain: z.string(),
  /** PEM. */
  roots: z.string(),
});

/** What a token says of itself goes into an event, so it is one short line. */
const tokenText = z
  .string()
  .max(64)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, 'a text of a token has no control characters');

export const tokenCertificateRequest = z.strictObject({
  /** PKCS#10, PEM, signed by the token's key. */
  request: z.string().max(20_000).meta({ title: 'certificate request' }),
  serial: tokenText.min(1).meta({ title: 'serial number of the token', examples: ['5f2d9c31a7e04b68'] }),
  /** A software token: its certificate says so. */
  lab: z.boolean().meta({ title: 'lab mark' }),
  manufacturer: tokenText.default('').meta({ title: 'manufacturer of the token' }),
  model: tokenText.default('').meta({ title: 'model of the token' }),
});
export type TokenCertificateRequest = z.input<typeof tokenCertificateRequest>;

export interface ListenerStatus {
  readonly transport: 'tls' | 'tcp' | 'udp' | 'wss' | 'sccp' | 'sccp-tls' | 'h323' | 'https';
  readonly host: string;
  /** As bound: never 0. */
  readonly port: number;
  readonly legacy: boolean;
  /** What a phone may answer the challenge with, preferred first; empty where a certificate proves it. */
  readonly digestAlgorithms: readonly ('SHA-256' | 'MD5')[];
}

export interface StatusAnswer extends Answer {
  readonly version: string;
  readonly processId: number;
  readonly state: 'running' | 'draining';
  /** ISO 8601. */
  readonly startedAt: string;
  readonly dataFolder: string;
  /** `lab`: a bare first start made it. `production`: `trustline init` did. */
  readonly clusterKind: 'lab' | 'production';
  readonly securityMode: 'mixed' | 'non-secure';
  /** `lab trust` while trust comes from lab authorities. */
  readonly trustNotice: string | null;
  /** Why no device is given keys; null in mixed mode. */
  readonly noKeysBecause: string | null;
  readonly listeners: readonly ListenerStatus[];
  /** Where health and metrics are answered; null while they are off. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** What serves phones before they register; empty where that is switched off. */
  readonly provisioning: readonly {
    readonly service: 'TFTP' | 'HTTP' | 'HTTPS' | 'CAPF' | 'TVS';
    readonly host: string;
    readonly port: number;
  }[];
  /** The protection of gateways; null where IPsec is not enabled. */
  readonly ipsec: {
    readonly tunnels: number;
    readonly protected: number;
    readonly isGuardInPlace: boolean;
    /** Packets in the clear that the guard dropped, over all gateways. */
    readonly dropped: { readonly inbound: number; readonly outbound: number };
    /** Why the helper or the IKE daemon cannot be reached; null where both are. */
    readonly problem: string | null;
  } | null;
  readonly devices: number;
  /** How many of the devices are phones. */
  readonly phones: number;
  readonly registered: number;
  /**
   * Trunks and gateways: how many are connected, those that are set aside or not connected, and those that are to be reached
   * by IPsec, which is not proven now.
   */
  readonly trunks: {
    readonly connected: number;
    readonly out: readonly string[];
    readonly unproven: readonly string[];
  };
  /** Phones that wait for a certificate of the outside authority. */
  readonly awaitingCertificate: number;
  readonly calls: number;
  readonly records: {
    readonly entries: number;
    readonly kept: number;
    readonly lost: number;
    readonly full: boolean;
  };
}

/** How it is with a trunk or gateway now. */
export interface TrunkStatus {
  /** Where it is connected, the connection that calls go down first. */
  readonly connections: readonly { readonly transport: string; readonly remoteAddress: string }[];
  /** Calls that it bears at once; null where nobody has counted them. */
  readonly channels: number | null;
  readonly inUse: number;
  /** Since when calls try others first, and the cause as events name it; null while it takes them. */
  readonly setAside: { readonly since: string; readonly cause: string } | null;
  /** It is a gateway to be reached by IPsec, which is not proven now; absent before there was such a field. */
  readonly isUnproven?: boolean;
  /** Of a gateway behind a gatekeeper: whether we are registered there, since when, and why not; null for any other. */
  readonly gatekeeper: {
    readonly address: string;
    readonly state: 'asked' | 'registered' | 'lost';
    readonly since: string;
    readonly cause: string | null;
  } | null;
}

export interface DeviceAnswer {
  readonly name: string;
  readonly kind: 'phone' | 'trunk' | 'gateway';
  readonly securityMode: z.infer<typeof securityMode>;
  /** What it is told to speak, and registers by: no other. */
  readonly protocol: 'sip' | 'sccp' | 'h323';
  readonly description: string;
  readonly lines: readonly { readonly number: string; readonly displayName: string | null }[];
  /** One for each binding that holds now. */
  readonly registrations: readonly {
    readonly line: string;
    readonly transport: string;
    readonly remoteAddress: string;
    /** ISO 8601. */
    readonly expiresAt: string;
  }[];
  /** Null for a phone. */
  readonly trunk: TrunkStatus | null;
}
export interface DevicesAnswer extends Answer {
  readonly devices: readonly DeviceAnswer[];
}

export interface DeviceAddedAnswer extends Answer {
  readonly device: DeviceAnswer;
  /** Shown once, and kept nowhere; null for devices that prove themselves by certificate. */
  readonly password: string | null;
}

/** What a phone that we did not write needs to register. */
export interface CredentialsAnswer extends Answer {
  readonly device: DeviceAnswer;
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly transport: 'tls' | 'tcp' | 'udp' | 'sccp' | 'sccp-tls';
  };
  readonly trustBundlePem: string;
  readonly proof:
    | {
        readonly kind: 'certificate';
        readonly certificatePem: string;
        readonly privateKeyPem: string;
        /** PKCS#12, base64. */
        readonly pkcs12: string;
        readonly pkcs12Password: string;
      }
    | {
        readonly kind: 'password';
        readonly user: string;
        readonly realm: string;
        readonly password: string;
        /** What the listener takes, preferred first. */
        readonly algorithms: ListenerStatus['digestAlgorithms'];
      }
    /** By Skinny without TLS a phone says its name, and nobody asks for more. */
    | { readonly kind: 'none' };
}

/** A call that is in progress. */
export interface CallAnswer {
  readonly call: string;
  readonly state: 'ringing' | 'answered' | 'held';
  /** ISO 8601. */
  readonly startedAt: string;
  readonly answeredAt: string | null;
  readonly level: 'non-secure' | 'authenticated' | 'encrypted';
  readonly policy: 'require' | 'prefer' | 'forbid';
  /** What was dialled. */
  readonly destination: string;
  /** Every change of the level, oldest first, with what made it. */
  readonly levels: readonly LevelChange[];
  /** What became of the protection of its signalling, oldest first; empty where it was there all the time. */
  readonly protection: readonly ProtectionChange[];
  /** Where it was led, oldest first. */
  readonly route: readonly RouteStep[];
  /** Why its media go over the manager's relay; null where they go straight between the phones. */
  readonly relayed: RelayReason | null;
  /**
   * When the call manager, started anew, went on with this call, and whether its ends have agreed on media since: until then
   * its level is the one of before. Null for a call that began in this process.
   */
  readonly recovered: { readonly at: string; readonly isMediaKnown: boolean } | null;
  /** What its ends speak, where the relay transcodes between them. */
  readonly transcoded: TranscodedCodecs | null;
  readonly legs: readonly {
    readonly leg: string;
    readonly role: 'calling' | 'called';
    readonly device: string;
    readonly line: string;
    readonly signalling: string;
    readonly proof: string;
    readonly keying: string;
    readonly suite: string | null;
    readonly level: 'non-secure' | 'authenticated' | 'encrypted';
    /** Where protection ends, in words, for a leg that ends at a trunk or gateway; null for a phone. */
    readonly demarcation: string | null;
    /** While what protects its signalling is gone and its media go on: since when (ISO 8601), and in words. */
    readonly unprotected: { readonly since: string; readonly words: string } | null;
    /** While the device has lost its connection: why, and until when the call waits for it (ISO 8601). */
    readonly lost: { readonly cause: string; readonly until: string } | null;
  }[];
}
/** All that is known of one call: as it runs, or its record; one of the two is null. */
export interface CallExplanation extends Answer {
  readonly running: CallAnswer | null;
  readonly record: CallRecord | null;
  /** What was said of it, oldest first. */
  readonly events: readonly SecurityEvent[];
}

export interface CallsAnswer extends Answer {
  readonly calls: readonly CallAnswer[];
  /** The last calls that ended, oldest first. */
  readonly ended: readonly CallRecord[];
}

interface CertificateAnswer {
  readonly role: string;
  readonly title: string;
  readonly subject: string;
  readonly issuer: string;
  readonly key: string;
  readonly fingerprint: string;
  /** ISO 8601; null for a bare key. */
  readonly notAfter: string | null;
  readonly origin: 'generated' | 'imported';
  readonly replaced: boolean;
  readonly lab: boolean;
  readonly requestPending: boolean;
}
export interface PkiAnswer extends Answer {
  readonly trustNotice: string | null;
  readonly certificates: readonly CertificateAnswer[];
}
export interface CertificateRequestAnswer extends Answer {
  /** PKCS#10, PEM. */
  readonly request: string;
}
export interface ImportedAnswer extends Answer {
  readonly subject: string;
  readonly issuer: string;
  readonly fingerprint: string;
}
export interface OperatorsAnswer extends Answer {
  readonly operators: readonly {
    readonly name: string;
    readonly role: OperatorRole;
    /** ISO 8601. */
    readonly addedAt: string;
    /** Until when the newest certificate holds: ISO 8601; null when none was made. */
    readonly notAfter: string | null;
  }[];
}
export interface OperatorAddedAnswer extends Answer {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly trustBundlePem: string;
}

export interface TokenCertificateAnswer extends Answer {
  readonly subject: string;
  readonly fingerprint: string;
  readonly certificatePem: string;
  /** The manufacturing CA, which phones need to verify it. */
  readonly issuerPem: string;
}

export interface AlarmsTestedAnswer extends Answer {
  readonly tests: readonly {
    readonly destination: string;
    /** Why it did not arrive; null when it did, as far as the way there can tell. */
    readonly failure: string | null;
  }[];
}

export interface HeadAnswer extends Answer {
  readonly head: ChainHead;
}
export interface ErasedAnswer extends Answer {
  readonly erased: number;
}
export interface ConfigurationAnswer extends Answer {
  readonly file: string | null;
  readonly configuration: unknown;
}
export interface DoneAnswer extends Answer {
  readonly done: true;
}

/** What every request that fails is answered with. */
export const errorAnswer = z.object({
  error: z.object({ code: z.string(), message: z.string(), nextStep: z.string().optional() }),
});
