import { isDeviceName, phoneNameOf } from '@trustline/pki';
import { ConfigurationError } from './error.ts';

/** Under which names a phone asks for what is its own, and what it asks for when there is none. */
export interface PhoneFileNames {
  readonly certificateTrustList: string;
  readonly identityTrustList: string;
  /** For any phone of the cluster. */
  readonly clusterIdentityTrustList: 'ITLFile.tlv';
  readonly configuration: { readonly plain: string; readonly signed: string; readonly encrypted: string };
  readonly defaultConfiguration: { readonly plain: string; readonly signed: string };
}

/**
 * The names of a phone's files.
 *
 * @param device SEP and twelve hexadecimal digits in capitals
 * @throws {ConfigurationError} provisioning.configuration-unwritable for another name
 */
export function phoneFileNames(device: string): PhoneFileNames {
  if (!isDeviceName(device) || phoneNameOf(device) !== device) {
    throw new ConfigurationError('A phone is named SEP and its MAC address.', 'Write it as SEP001122334455.');
  }
  const plain = `${device}.cnf.xml`;
  return {
    certificateTrustList: `CTL${device}.tlv`,
    identityTrustList: `ITL${device}.tlv`,
    clusterIdentityTrustList: 'ITLFile.tlv',
    configuration: { plain, signed: `${plain}.sgn`, encrypted: `${plain}.enc.sgn` },
    defaultConfiguration: { plain: 'XMLDefault.cnf.xml', signed: 'XMLDefault.cnf.xml.sgn' },
  };
}
