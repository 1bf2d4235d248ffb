import { Redacted } from '@trustline/base';

/** What a device's profile says of its signalling and media: TLS with the NULL cipher, or TLS with AES and SRTP. */
export type DeviceSecurityMode = 'non-secure' | 'authenticated' | 'encrypted';

/** `transportLayerProtocol`; the last is CUCM's default. */
export type SipTransport = 'tcp' | 'udp' | 'tls' | 'tcp-and-udp';

/**
 * `capfAuthMode`: how the phone proves itself to CAPF, or that no operation is pending.
 * `existing-certificate` is by LSC, and by MIC where there is none.
 */
export type CapfAuthentication = 'none-pending' | 'string' | 'null-string' | 'existing-certificate' | 'manufactured';

/** A call manager that a phone may register with. Ports that are absent have their usual number on the phone. */
export interface CallManagerAddress {
  /** Name or address. */
  readonly host: string;
  /** Usually 2000 (SCCP). */
  readonly ethernetPhonePort?: number;
  /**
   * SCCP by TLS, where that is not at 2443: no file of the vendor names it, for its phones take that one. Ours do as they
   * are told, and others pass over what they do not know.
   */
  readonly securedEthernetPhonePort?: number;
  /** Usually 5060. */
  readonly sipPort?: number;
  /** Usually 5061. */
  readonly securedSipPort?: number;
}

export interface ServerAddress {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
}

/** An element that has no field of its own here. It stays in the file, at the end of what contains it. */
export interface OtherElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly OtherElement[];
  /** Redacted where the name says that it is a secret (`phonePassword`, `sshPassword`, …) and there is one. */
  readonly text: string | Redacted<string>;
}

/** `sipLines/line`. Other kinds of buttons (speed dials, …) have a line of theirs, with the `featureID` among `others`. */
export interface PhoneLine {
  /** The button on the phone, from 1. */
  readonly button: number;
  /** `name`: the directory number, the user part of the line's address. */
  readonly name: string;
  readonly displayName?: string;
  /** `featureLabel`: what stands beside the button. */
  readonly label?: string;
  /** Where the line registers; `USECALLMANAGER` is any of the call managers above. */
  readonly proxy?: string;
  readonly port?: number;
  readonly contact?: string;
  /** Of digest authentication, where the line has it. */
  readonly authentication?: { readonly name: string; readonly password: Redacted<string> };
  readonly others: readonly OtherElement[];
}

/** What a phone asks CAPF for, and where. */
export interface CapfSettings {
  readonly authentication: CapfAuthentication;
  readonly servers: readonly ServerAddress[];
}

/** What the stub of an encrypted configuration says, and every other configuration too. */
interface CommonConfiguration {
  readonly loadInformation?: string;
  /** 0 IPv4, 1 IPv6, 2 both. */
  readonly ipAddressMode?: number;
  readonly capf: CapfSettings;
  /** `certHash`: MD5 of the certificate (LSC or MIC) to which the encrypted file is encrypted; see `certificateHash` of `@trustline/pki`. */
  readonly certificateHash?: string;
  /** `encrConfig`: the phone's configuration is to be had encrypted. */
  readonly encrypted: boolean;
}

/** What configures telephony: of one device, or the default. */
interface TelephonyConfiguration extends CommonConfiguration {
  /** By falling priority, at most five. */
  readonly managers: readonly CallManagerAddress[];
  readonly deviceSecurityMode?: DeviceSecurityMode;
  readonly transport?: SipTransport;
  readonly others: {
    readonly root: readonly OtherElement[];
    readonly devicePool: readonly OtherElement[];
  };
}

/** `SEP<MAC>.cnf.xml`: all that a phone needs to register. */
export interface PhoneConfiguration extends TelephonyConfiguration {
  readonly kind: 'full';
  readonly deviceProtocol?: 'SIP' | 'SCCP';
  readonly phoneLabel?: string;
  readonly lines: readonly PhoneLine[];
  /** Changes whenever the configuration does. */
  readonly versionStamp?: string;
  /** Seconds for which a TLS session may be resumed. */
  readonly tlsResumptionTimer?: number;
  /** Servers of the trust verification service (TVS) by falling priority, at most five. */
  readonly trustVerification: readonly ServerAddress[];
  readonly others: TelephonyConfiguration['others'] & { readonly sipProfile: readonly OtherElement[] };
}

/**
 * What `SEP<MAC>.cnf.xml.sgn` holds when the configuration is encrypted (`fullConfig` false): where CAPF is, should the
 * phone need a certificate first, and that `SEP<MAC>.cnf.xml.enc.sgn` is there.
 */
export interface StubConfiguration extends CommonConfiguration {
  readonly kind: 'stub';
}

/** A firmware by the number of a device type, as in `<loadInformation00436 model="…">`. */
export interface DefaultLoad {
  readonly deviceType: number;
  readonly model?: string;
  /** Empty: none is given. */
  readonly load: string;
}

/** `XMLDefault.cnf.xml`: for a phone of which the manager knows nothing. */
export interface DefaultConfiguration extends TelephonyConfiguration {
  readonly kind: 'default';
  readonly loads: readonly DefaultLoad[];
}

export type ConfigurationFile = PhoneConfiguration | StubConfiguration | DefaultConfiguration;

const secretName = /password|passwd|secret|psk|privatekey/i;

/** Whether an element of this name holds a secret, going by what phones know and by what such names have in common. */
export function namesSecret(name: string): boolean {
  return secretName.test(name);
}

/** Whether something in it must not be read on the way: such a file is served encrypted or not at all. */
export function holdsSecret(file: ConfigurationFile): boolean {
  if (file.kind === 'stub') return false;
  const places = [file.others.root, file.others.devicePool];
  if (file.kind === 'full') {
    if (file.lines.some(({ authentication }) => (authentication?.password.reveal() ?? '') !== '')) return true;
    places.push(file.others.sipProfile, ...file.lines.map((line) => line.others));
  }
  return places.some((others) => others.some(elementHoldsSecret));
}

function elementHoldsSecret(element: OtherElement): boolean {
  if (element.text instanceof Redacted) return element.text.reveal() !== '';
  if (namesSecret(element.name) && element.text.trim() !== '') return true;
  return element.children.some(elementHoldsSecret);
}

/** What is served in the clear, signed, beside the encrypted file of this configuration. */
export function stubOf(configuration: PhoneConfiguration): StubConfiguration {
  const { loadInformation, ipAddressMode, capf, certificateHash } = configuration;
  return {
    kind: 'stub',
    capf,
    encrypted: true,
    ...(loadInformation === undefined ? {} : { loadInformation }),
    ...(ipAddressMode === undefined ? {} : { ipAddressMode }),
    ...(certificateHash === undefined ? {} : { certificateHash }),
  };
}

/**
 * What SIP desk phones want to find in `sipProfile` beside label and lines: without `registerWithProxy` they do not
 * register. The timers are those that public configurations of such phones agree on.
 */
export const sipProfileOfDeskPhones: readonly OtherElement[] = [
  other('sipProxies', [other('registerWithProxy', 'true')]),
  other('sipStack', [
    other('sipInviteRetx', '6'),
    other('sipRetx', '10'),
    other('timerInviteExpires', '180'),
    other('timerRegisterExpires', '3600'),
    other('timerRegisterDelta', '5'),
    other('timerKeepAliveExpires', '120'),
    other('timerSubscribeExpires', '120'),
    other('timerSubscribeDelta', '5'),
    other('timerT1', '500'),
    other('timerT2', '4000'),
    other('maxRedirects', '70'),
    other('remotePartyID', 'true'),
    other('userInfo', 'None'),
  ]),
  other('dtmfAvtPayload', '101'),
  other('dtmfOutofBand', 'avt'),
];

function other(name: string, content: string | readonly OtherElement[]): OtherElement {
  const isText = typeof content === 'string';
  return { name, attributes: {}, children: isText ? [] : content, text: isText ? content : '' };
}
