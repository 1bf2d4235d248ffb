import type { Redacted } from '@trustline/base';
import type { ClusterSecurityMode } from '@trustline/pki';
import type { DeviceSecurityMode } from '@trustline/provisioning';
import {
  type CapfAuthentication,
  type EnrolmentAuthentication,
  type PhoneConfiguration,
  sipProfileOfDeskPhones,
} from '@trustline/provisioning';

/** Where the services of this node are, as phones reach them. */
export interface ServicePlaces {
  /** Name or address by which phones reach the node. */
  readonly host: string;
  /** Ports as bound; undefined where nothing listens. */
  readonly sipPort: number | undefined;
  readonly securedSipPort: number | undefined;
  /** Of Skinny. */
  readonly ethernetPhonePort: number | undefined;
  readonly securedEthernetPhonePort: number | undefined;
  readonly capfPort: number;
  readonly tvsPort: number;
  /** Call managers after this one, by priority. */
  readonly furtherManagers: PhoneConfiguration['managers'];
}

/** A device as far as its configuration file says something of it. */
export interface ConfiguredDevice {
  readonly name: string;
  readonly description: string;
  readonly securityMode: DeviceSecurityMode;
  readonly protocol: 'sip' | 'sccp' | 'h323';
  readonly lines: readonly { readonly number: string; readonly displayName: string | undefined }[];
  /** How the operation that is pending at CAPF is authenticated, if there is one. */
  readonly enrolment: EnrolmentAuthentication | undefined;
  /** MD5 of the certificate to which its file is encrypted; undefined where it is not. */
  readonly certificateHash: string | undefined;
  /** Stands in an encrypted file, and in no other. */
  readonly digestPassword: Redacted<string> | undefined;
}

/**
 * The configuration file of a phone. While the cluster is not in mixed mode every phone is told to be non-secure: no
 * device is given an encrypted profile before a CTL with the cluster's certificates is published.
 *
 * An encrypted file carries the digest password in both modes: what the phone holds is then enough for it to register
 * once the CTL says that the cluster has left mixed mode.
 *
 * @param versionStamp changes whenever what stands in the file does
 */
export function deviceConfiguration(
  device: ConfiguredDevice,
  places: ServicePlaces,
  mode: ClusterSecurityMode,
  versionStamp: string,
): PhoneConfiguration {
  const securityMode = mode === 'mixed' ? device.securityMode : 'non-secure';
  const { certificateHash } = device;
  const isSkinny = device.protocol === 'sccp';
  // Skinny has no password: where a phone of it need not use TLS, it says its name and no more.
  const password = certificateHash === undefined || isSkinny ? undefined : device.digestPassword;
  const authentication = password === undefined ? {} : { authentication: { name: device.name, password } };
  return {
    kind: 'full',
    deviceProtocol: isSkinny ? 'SCCP' : 'SIP',
    ...(device.description === '' ? {} : { phoneLabel: device.description }),
    managers: [ownAddress(places, isSkinny), ...places.furtherManagers],
    deviceSecurityMode: securityMode,
    ...(isSkinny ? {} : { transport: securityMode === 'non-secure' ? ('tcp-and-udp' as const) : ('tls' as const) }),
    lines: device.lines.map(({ number, displayName }, index) => ({
      button: index + 1,
      name: number,
      label: number,
      proxy: 'USECALLMANAGER',
      contact: number,
      ...authentication,
      ...(displayName === undefined ? {} : { displayName }),
      others: [],
    })),
    capf: {
      authentication: capfAuthentication(device.enrolment),
      servers: [{ host: places.host, port: places.capfPort }],
    },
    trustVerification: [{ host: places.host, port: places.tvsPort }],
    ...(certificateHash === undefined ? {} : { certificateHash }),
    encrypted: certificateHash !== undefined,
    versionStamp,
    tlsResumptionTimer,
    others: { root: [], devicePool: [], sipProfile: sipProfileOfDeskPhones },
  };
}

/** What every phone of Skinny finds in its file, and needs there (cisco-phones §3.2). */
const skinnyPort = 2_000;
/** Phones take 2443 for Skinny by TLS without being told, and no file of the vendor names it: ours does where it is another. */
const securedSkinnyPort = 2_443;

function ownAddress(places: ServicePlaces, isSkinny: boolean): PhoneConfiguration['managers'][number] {
  const { host, securedEthernetPhonePort: secured, sipPort, securedSipPort } = places;
  const ethernetPhonePort = places.ethernetPhonePort ?? (isSkinny ? skinnyPort : undefined);
  return {
    host,
    ...(ethernetPhonePort === undefined ? {} : { ethernetPhonePort }),
    ...(secured === undefined || secured === securedSkinnyPort ? {} : { securedEthernetPhonePort: secured }),
    ...(sipPort === undefined ? {} : { sipPort }),
    ...(securedSipPort === undefined ? {} : { securedSipPort }),
  };
}

/** Seconds; what the files of the vendor say (cisco-phones §3.2). */
const tlsResumptionTimer = 3_600;

function capfAuthentication(authentication: EnrolmentAuthentication | undefined): CapfAuthentication {
  switch (authentication?.by) {
    case undefined:
      return 'none-pending';
    case 'string':
      return 'string';
    case 'nothing':
      return 'null-string';
    case 'certificate':
      return authentication.kinds.includes('LSC') ? 'existing-certificate' : 'manufactured';
  }
}
