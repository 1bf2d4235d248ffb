import { type ClusterSecurityMode, readCertificate } from '@trustline/pki';
import type { Configuration } from '../../configuration/schema.ts';
import type { StoredDevice } from '../store/devices.ts';

/** Whether a file can be encrypted to the key of this certificate (DER): the format wraps keys to RSA alone (cisco-phones §1.7). */
export function opensFiles(certificate: Uint8Array): boolean {
  return readCertificate(certificate).publicKey.asymmetricKeyType === 'rsa';
}

/**
 * Whether the configuration of a device is encrypted to the certificate that it was issued. In a cluster that has left
 * mixed mode that of a secure device is, whatever the setting says: it needs its digest password then, which leaves in
 * no other form.
 */
export function isEncrypted(
  { provisioning }: Pick<Configuration, 'provisioning'>,
  mode: ClusterSecurityMode,
  { securityMode }: Pick<StoredDevice, 'securityMode'>,
  certificate: Uint8Array | undefined,
): boolean {
  const isWanted = provisioning.encryptConfigurations || (mode === 'non-secure' && securityMode !== 'non-secure');
  return isWanted && certificate !== undefined && opensFiles(certificate);
}
