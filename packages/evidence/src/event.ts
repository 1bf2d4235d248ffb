import type { SecurityLevel } from './security.ts';

/** The version of the event's shape, carried by every event and every JSON output of one. */
export const EVENT_SCHEMA = 1;

/** info: the ordinary course; notice: worth a look; warning: something was refused or degraded; alert: act now. */
export type Severity = 'info' | 'notice' | 'warning' | 'alert';

/** Every kind of event, with its severity and what it means. A new kind is one line here. */
export const eventKinds = {
  started: { severity: 'info', meaning: 'the call manager started' },
  stopped: { severity: 'info', meaning: 'the call manager stopped' },
  'drain-started': { severity: 'notice', meaning: 'no new calls are taken; running ones may end' },
  'lab-trust': { severity: 'warning', meaning: 'trust comes from lab authorities, not from security tokens' },
  'legacy-listener-opened': { severity: 'warning', meaning: 'a listener takes protocols no longer held to be secure' },
  'listener-failed': { severity: 'alert', meaning: 'a listener could not be opened, or was lost' },
  'configuration-changed': { severity: 'notice', meaning: 'the configuration was changed' },
  'configuration-refused': { severity: 'warning', meaning: 'a configuration was refused' },
  'operator-added': { severity: 'notice', meaning: 'a person was given a role and a certificate' },
  'operator-removed': { severity: 'notice', meaning: 'a person lost the role, and the certificates were revoked' },
  'operation-refused': { severity: 'warning', meaning: 'a person asked for what the role does not allow' },
  'stop-requested': { severity: 'notice', meaning: 'a person asked the call manager to stop' },
  'alarm-test': { severity: 'notice', meaning: 'a person tested whether alarms arrive' },
  'alarm-undelivered': { severity: 'warning', meaning: 'alarms do not reach a destination' },
  'backup-taken': {
    severity: 'notice',
    meaning: 'everything that is kept, keys included, left in an encrypted backup',
  },
  'backup-restored': { severity: 'warning', meaning: 'the call manager goes on from a backup' },
  'device-added': { severity: 'notice', meaning: 'a device was added' },
  'device-changed': { severity: 'notice', meaning: 'a device was changed' },
  'device-reset': { severity: 'notice', meaning: 'a phone was told to boot again' },
  'device-removed': { severity: 'notice', meaning: 'a device was removed' },
  'signalling-traced': { severity: 'notice', meaning: 'a person watched the signalling of a device' },
  'line-forwarded': { severity: 'notice', meaning: 'it was changed where calls of a line go' },
  'line-limited': { severity: 'notice', meaning: 'it was changed how many calls a line has' },
  'credentials-written': {
    severity: 'notice',
    meaning: 'the private key and certificate of a device were written out',
  },
  'certificate-requested': { severity: 'notice', meaning: 'a certificate of an outside authority was asked for' },
  'certificate-generated': { severity: 'notice', meaning: 'a certificate was made' },
  'token-certificate-issued': { severity: 'notice', meaning: 'a certificate for a security token was made' },
  'token-certificate-refused': { severity: 'warning', meaning: 'a certificate for a security token was refused' },
  'certificate-imported': { severity: 'notice', meaning: 'a certificate from an outside authority was put into use' },
  'certificate-refused': { severity: 'warning', meaning: 'a certificate offered for import was refused' },
  'certificate-revoked': { severity: 'alert', meaning: 'an outside authority has revoked a certificate in use' },
  'certificate-revoked-here': { severity: 'notice', meaning: 'a certificate was revoked by an operator' },
  'revocation-unknown': {
    severity: 'warning',
    meaning: 'nothing current is known of whether a certificate in use is revoked',
  },
  'revocation-list-imported': { severity: 'notice', meaning: 'the revocation list of an outside authority was taken' },
  'revocation-list-refused': { severity: 'warning', meaning: 'a revocation list offered for import was refused' },
  'manufacturer-imported': { severity: 'notice', meaning: 'the MICs of a further manufacturer are believed' },
  'manufacturer-renewed': { severity: 'notice', meaning: 'another manufacturing authority of the cluster issues MICs' },
  'manufacturer-removed': { severity: 'notice', meaning: 'the MICs of a manufacturer are no longer believed' },
  'lsc-authority-imported': { severity: 'notice', meaning: 'an outside authority may issue LSCs that are imported' },
  'lsc-authority-removed': { severity: 'notice', meaning: 'the LSCs of an outside authority are no longer believed' },
  'certificate-expiring': { severity: 'warning', meaning: 'a certificate in use expires soon' },
  'certificate-expired': { severity: 'alert', meaning: 'a certificate in use has expired' },
  'trust-list-published': { severity: 'notice', meaning: 'phones get another trust list' },
  'trust-list-refused': { severity: 'warning', meaning: 'a trust list was not published, for a rule was broken' },
  'trust-list-given': { severity: 'info', meaning: 'a trust list was given to somebody in the name of a phone' },
  'trust-list-taken': { severity: 'info', meaning: 'a phone was seen to hold a trust list that it did not have' },
  'trust-list-not-taken': { severity: 'alert', meaning: 'a phone refuses the trust list that is published for it' },
  'trust-list-outdated': { severity: 'warning', meaning: 'a server shows a certificate that the trust list lacks' },
  'phone-left-behind': {
    severity: 'alert',
    meaning: 'a secure phone cannot register since the cluster left mixed mode',
  },
  'file-refused': { severity: 'warning', meaning: 'a phone asked for a file that it may not have, or not so' },
  'file-not-delivered': { severity: 'notice', meaning: 'a file did not arrive whole' },
  'enrolment-pending': {
    severity: 'notice',
    meaning: 'a device may enrol: an operator said so, and how it proves itself',
  },
  'enrolment-closed': { severity: 'notice', meaning: 'a device may enrol no longer, or has' },
  'enrolment-step': { severity: 'info', meaning: 'a step of an enrolment went as it should' },
  'enrolment-refused': { severity: 'warning', meaning: 'an enrolment was refused or broke off' },
  'enrolment-alarm': { severity: 'alert', meaning: 'an enrolment was locked, or its proof came a second time' },
  'trust-vouched': { severity: 'info', meaning: 'the Trust Verification Service vouched for a certificate' },
  'trust-not-vouched': { severity: 'warning', meaning: 'the Trust Verification Service did not vouch, or was misused' },
  'handshake-refused': { severity: 'warning', meaning: 'a TLS connection was refused before a byte was answered' },
  'request-refused': { severity: 'warning', meaning: 'a request was not bound to the device that sent it' },
  'authentication-failed': { severity: 'warning', meaning: 'a digest password was wrong' },
  'scan-suspected': { severity: 'warning', meaning: 'somebody tries names, passwords or lines one after the other' },
  'malformed-input': { severity: 'warning', meaning: 'a peer sent what its protocol does not allow' },
  'connection-closed': { severity: 'notice', meaning: 'a connection was closed by a limit' },
  registration: { severity: 'info', meaning: 'a device registered' },
  'registration-refused': { severity: 'warning', meaning: 'a registration was refused' },
  'phone-alarm': { severity: 'info', meaning: 'a phone told of its condition' },
  unregistration: { severity: 'info', meaning: 'a device unregistered, expired or was lost' },
  'trunk-connected': { severity: 'notice', meaning: 'a trunk that the manager connects to is reached' },
  'trunk-unreachable': { severity: 'warning', meaning: 'a trunk that the manager connects to is not reached' },
  'trunk-set-aside': {
    severity: 'warning',
    meaning: 'a trunk or gateway could not take a call; others are tried first until it answers again',
  },
  'trunk-back': { severity: 'notice', meaning: 'a trunk or gateway that was set aside takes calls again' },
  'gateway-not-proven': {
    severity: 'warning',
    meaning:
      'IPsec to a gateway was not proven: no key went by it, and an encrypted call was refused or tried elsewhere',
  },
  'gateway-unreachable': { severity: 'warning', meaning: 'a gateway took no connection for a call' },
  'gatekeeper-registered': { severity: 'notice', meaning: 'the manager is registered at the gatekeeper of a gateway' },
  'gatekeeper-lost': { severity: 'warning', meaning: 'the gatekeeper of a gateway does not register the manager' },
  'gateway-changed': { severity: 'notice', meaning: 'the settings of a gateway were changed' },
  'trunk-registered': { severity: 'notice', meaning: 'the manager is registered with a trunk' },
  'trunk-registration-failed': { severity: 'warning', meaning: 'the manager is not registered with a trunk' },
  'trunk-credentials-refused': {
    severity: 'warning',
    meaning: 'a trunk wants a password that it was not given, or refuses the one it was given',
  },
  'trunk-identified-by-address': {
    severity: 'warning',
    meaning: 'calls of a trunk are known by their address alone, as the configuration says',
  },
  'trunk-credentials-clear': {
    severity: 'warning',
    meaning: 'the password of a trunk is used without TLS, as the configuration allows',
  },
  'ipsec-up': { severity: 'notice', meaning: 'the signalling of a gateway is protected by IPsec' },
  'ipsec-down': { severity: 'warning', meaning: 'the signalling of a gateway is protected no longer' },
  'ipsec-failed': { severity: 'warning', meaning: 'the IPsec tunnel to a gateway does not come up' },
  'ipsec-rekeyed': { severity: 'info', meaning: 'the IPsec tunnel to a gateway has new keys' },
  'ipsec-weak': { severity: 'warning', meaning: 'the IPsec tunnel to a gateway uses weak algorithms or a shared key' },
  'ipsec-unreachable': { severity: 'alert', meaning: 'the helper that keeps IPsec and its guard is not there' },
  'ipsec-guard-lost': { severity: 'alert', meaning: 'the guard against signalling in the clear is not in place' },
  'ipsec-guard-restored': { severity: 'notice', meaning: 'the guard against signalling in the clear is back' },
  'ipsec-clear-packets': { severity: 'alert', meaning: 'packets that went around an IPsec tunnel were dropped' },
  'ipsec-keys-stopped': {
    severity: 'warning',
    meaning: 'calls of a gateway get no new keys, and their media end soon',
  },
  'ipsec-keys-resumed': { severity: 'notice', meaning: 'calls of a gateway may get keys again, once proven' },
  'ipsec-media-ended': { severity: 'alert', meaning: 'protection stayed away too long: calls of a gateway end' },
  'ipsec-leak': { severity: 'alert', meaning: 'a probe in the clear left around an IPsec tunnel' },
  'call-started': { severity: 'info', meaning: 'a call began' },
  'call-keys-stopped': {
    severity: 'warning',
    meaning: 'the signalling of a call has lost its protection: it gets no new keys until that is proven anew',
  },
  'call-keys-resumed': { severity: 'notice', meaning: 'the signalling of a call is protected again' },
  'call-answered': { severity: 'info', meaning: 'a call was answered' },
  'call-recovered': { severity: 'notice', meaning: 'a call that ran when the call manager was killed goes on' },
  'call-ended': { severity: 'info', meaning: 'a call ended' },
  'call-forwarded': { severity: 'info', meaning: 'a call was sent on to another number' },
  'call-transferred': { severity: 'info', meaning: 'a call was transferred to somebody else' },
  'call-transcoded': {
    severity: 'info',
    meaning: 'the ends of a call have no codec in common, and the relay transcodes between them',
  },
  'call-parked': { severity: 'info', meaning: 'a call waits at a number until somebody takes it there' },
  'call-picked-up': { severity: 'info', meaning: 'a call was taken by another phone than it was for' },
  'transfer-refused': { severity: 'notice', meaning: 'a transfer was refused or came to nothing; the call goes on' },
  'emergency-call': { severity: 'alert', meaning: 'somebody calls an emergency number' },
  'call-refused': { severity: 'notice', meaning: 'a call was refused' },
  'call-downgraded': { severity: 'notice', meaning: 'a call goes on without the encryption that was offered' },
  'protection-left': {
    severity: 'notice',
    meaning: 'a call goes on beyond what can be proved, and its caller was told so before',
  },
  'key-not-renewed': { severity: 'warning', meaning: 'a media key that others learned is still in use' },
  'media-authentication-failures': {
    severity: 'warning',
    meaning: 'of what a leg sends, more than one packet in a hundred does not authenticate',
  },
  'media-relay-failed': { severity: 'alert', meaning: 'the media relay has no ports left, or a thread of it failed' },
  'keys-not-agreed': { severity: 'warning', meaning: 'a call was ended because its ends did not agree on keys' },
  'downgrade-refused': { severity: 'alert', meaning: 'a secure call was asked to become clear and did not' },
  'key-reuse-refused': { severity: 'alert', meaning: 'a media key of another call was offered' },
  'unprotected-keys-refused': { severity: 'warning', meaning: 'media keys came over signalling that is not protected' },
  'level-changed': { severity: 'notice', meaning: 'the security level of a call changed' },
  'store-full': { severity: 'alert', meaning: 'the store cannot be written; records are kept in memory' },
  'records-lost': { severity: 'alert', meaning: 'records were lost because the store could not take them' },
  'records-recovered': { severity: 'notice', meaning: 'records kept in memory reached the store' },
  'records-erased': { severity: 'notice', meaning: 'personal fields of records were erased by rule' },
  'clock-jumped': { severity: 'warning', meaning: 'the wall clock was set forward or back' },
  overload: { severity: 'warning', meaning: 'new work is turned away to keep running calls unharmed' },
  'overload-ended': { severity: 'notice', meaning: 'new work is taken again' },
} as const satisfies Record<string, { readonly severity: Severity; readonly meaning: string }>;

export type EventKind = keyof typeof eventKinds;

/** What certain kinds say beyond the common fields. */
interface EventDetails {
  readonly 'drain-started': { readonly runningCalls: number };
  readonly 'level-changed': { readonly from: SecurityLevel; readonly to: SecurityLevel };
  readonly 'records-lost': { readonly lost: number };
  readonly 'records-recovered': { readonly recovered: number };
  /** Seconds the wall clock moved against the monotonic one; negative when it went back. */
  readonly 'clock-jumped': { readonly seconds: number };
}

type DetailsOf<Kind extends EventKind> = Kind extends keyof EventDetails ? EventDetails[Kind] : unknown;

/** Fields of which one may recognise a person: they can be erased, the rest of an event cannot. */
interface EventPersonalFields {
  /** The device, by its name: `SEP001122334455`. */
  readonly device?: string;
  readonly line?: string;
  /** Address and port of the peer: `192.0.2.7:49152`, `[2001:db8::7]:49152`. */
  readonly remoteAddress?: string;
  /** Why, in an operator's words: one sentence. It may name lines and devices, and so counts as personal. */
  readonly cause: string;
  /** What the operator can do next. */
  readonly nextStep?: string;
  /** Who asked for it: `operator ada`, `local user root (uid 0)`; absent for what nobody asked for. */
  readonly actor?: string;
  /** Why, as whoever asked for it said. */
  readonly statedReason?: string;
}

interface EventCommonFields extends EventPersonalFields {
  /** ISO 8601 in UTC, milliseconds: `2026-11-23T18:42:00.000Z`. */
  readonly at: string;
  /** The node that saw it. */
  readonly node: string;
  /** The call's identifier. */
  readonly call?: string;
  /** The leg's identifier within the call. */
  readonly leg?: string;
  /** The cause as a stable word for programs, `certificate-expired`; it survives erasure and names nobody. */
  readonly reason?: string;
}

/** Something relevant to security that happened, with its cause. Narrow it on `kind`. */
export type SecurityEvent<Kind extends EventKind = EventKind> = {
  readonly [K in Kind]: EventCommonFields &
    DetailsOf<K> & {
      readonly kind: K;
      readonly severity: Severity;
      readonly schema: typeof EVENT_SCHEMA;
    };
}[Kind];

/** Makes an event: severity and schema come from the table. */
export function securityEvent<Kind extends EventKind>(
  kind: Kind,
  fields: EventCommonFields & DetailsOf<Kind>,
): SecurityEvent<Kind> {
  const event = { ...fields, kind, severity: eventKinds[kind].severity, schema: EVENT_SCHEMA };
  return event as unknown as SecurityEvent<Kind>; // a union indexed by its own parameter is beyond inference
}
