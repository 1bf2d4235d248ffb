import { certificateHash } from '@trustline/pki';
import {
  type CapfAuthentication,
  type DefaultConfiguration,
  type PhoneConfiguration,
  type PhoneFileNames,
  type PhoneLine,
  parseConfiguration,
  type ServerAddress,
} from '@trustline/provisioning';
import type { CallManagerTrust } from './judge.ts';
import type { EnrolmentProof, RegisterOutput } from './messages.ts';
import type { PhoneIdentity, PhoneState } from './state.ts';

/** A file that may hold the configuration. */
export interface ConfigurationCandidate {
  readonly name: string;
  readonly form: 'plain' | 'signed' | 'encrypted';
  readonly isDefault: boolean;
}

/**
 * Which files a phone asks for, one after the other until one is there.
 *
 * A phone with trust lists takes signed files only; one that was told to expect an encrypted file and has a key asks for
 * that first. The default file is for phones that never had a configuration of their own: documents leave it open
 * what others do, and a phone that knows its cluster has nothing to win from a file that is for everybody.
 */
export function configurationCandidates(
  names: PhoneFileNames,
  known: { readonly isSigned: boolean; readonly isEncrypted: boolean; readonly hasOwn: boolean },
): readonly ConfigurationCandidate[] {
  const { configuration, defaultConfiguration } = names;
  const defaults = known.hasOwn ? [] : [true];
  if (!known.isSigned) {
    return [
      { name: configuration.plain, form: 'plain', isDefault: false },
      ...defaults.map((isDefault) => ({ name: defaultConfiguration.plain, form: 'plain' as const, isDefault })),
    ];
  }
  const encrypted = { name: configuration.encrypted, form: 'encrypted', isDefault: false } as const;
  return [
    ...(known.isEncrypted ? [encrypted] : []),
    { name: configuration.signed, form: 'signed', isDefault: false },
    ...defaults.map((isDefault) => ({ name: defaultConfiguration.signed, form: 'signed' as const, isDefault })),
  ];
}

/** The certificate of the phone to which an encrypted file is encrypted; LSC, else MIC, where the stub names none. */
export function identityFor(hash: string | undefined, { lsc, mic }: PhoneState): PhoneIdentity | undefined {
  const own = [lsc, mic].filter((identity) => identity !== undefined);
  return hash === undefined ? own[0] : own.find(({ certificate }) => certificateHash(certificate) === hash);
}

/**
 * By what a phone proves itself to CAPF, the better first. None: it has nothing of what is asked for.
 * Where nothing is pending by the configuration and it goes by itself, it takes the best that it has.
 */
export function enrolmentProofs(
  authentication: CapfAuthentication,
  { lsc, mic, hasString }: Pick<PhoneState, 'lsc' | 'mic'> & { readonly hasString: boolean },
): readonly EnrolmentProof[] {
  const string: readonly EnrolmentProof[] = hasString ? ['string'] : [];
  const certificates: EnrolmentProof[] = [];
  if (lsc !== undefined) certificates.push('LSC');
  if (mic !== undefined) certificates.push('MIC');
  switch (authentication) {
    case 'string':
      return string;
    case 'null-string':
      return ['null-string'];
    case 'existing-certificate':
      return certificates;
    case 'manufactured':
      return certificates.filter((proof) => proof === 'MIC');
    case 'none-pending':
      return [...string, ...certificates, 'null-string' as const].slice(0, 1);
  }
}

/** The lines of the configuration that a phone holds, by button; none where it holds none that can be read. */
export function heldLines({ configuration }: Pick<PhoneState, 'configuration'>): readonly PhoneLine[] {
  if (configuration === undefined) return [];
  const result = parseConfiguration(configuration.plain.reveal());
  return result.ok && result.file.kind === 'full' ? result.file.lines.toSorted((a, b) => a.button - b.button) : [];
}

export type RegistrationPlan =
  | { readonly kind: 'register'; readonly how: Omit<RegisterOutput, 'kind' | 'device'>; readonly isReleased: boolean }
  /** It must use TLS, and no list names a call manager. */
  | { readonly kind: 'no-trust-list' }
  | { readonly kind: 'no-certificate' }
  | { readonly kind: 'no-managers' };

const ports = { SIP: { clear: 5060, secure: 5061 }, SCCP: { clear: 2000, secure: 2443 } } as const;

/**
 * How a phone registers with what it has. TLS when its mode asks for it, unless the CTL that it verified says that the
 * cluster has left mixed mode; never in the clear because something is missing.
 *
 * @param firmware what the phone speaks, where it speaks one protocol alone whatever the configuration says
 */
export function planRegistration(
  configuration: PhoneConfiguration | DefaultConfiguration,
  callManagers: CallManagerTrust,
  { lsc, mic }: Pick<PhoneState, 'lsc' | 'mic'>,
  firmware?: RegisterOutput['protocol'],
): RegistrationPlan {
  const wanted = configuration.deviceSecurityMode ?? 'non-secure';
  const isReleased = wanted !== 'non-secure' && callManagers === 'non-secure';
  const securityMode = isReleased ? 'non-secure' : wanted;
  const isSecure = securityMode !== 'non-secure';
  if (isSecure && callManagers === 'unnamed') return { kind: 'no-trust-list' };
  const identity = lsc !== undefined ? 'LSC' : mic !== undefined ? 'MIC' : undefined;
  if (isSecure && identity === undefined) return { kind: 'no-certificate' };
  const told = configuration.kind === 'full' ? configuration.deviceProtocol : undefined;
  const protocol = firmware ?? told ?? 'SIP';
  const managers = configuration.managers.map((manager): ServerAddress => {
    const clear = protocol === 'SIP' ? manager.sipPort : manager.ethernetPhonePort;
    const secure = protocol === 'SIP' ? manager.securedSipPort : manager.securedEthernetPhonePort;
    const port = isSecure ? (secure ?? ports[protocol].secure) : (clear ?? ports[protocol].clear);
    return { host: manager.host, port };
  });
  if (managers.length === 0) return { kind: 'no-managers' };
  const transport = isSecure ? 'tls' : configuration.transport === 'udp' && protocol === 'SIP' ? 'udp' : 'tcp';
  const shown = isSecure ? identity : undefined;
  return {
    kind: 'register',
    how: { managers, protocol, transport, securityMode, identity: shown, configuration },
    isReleased,
  };
}
