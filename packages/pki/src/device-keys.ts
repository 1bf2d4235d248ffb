import type { CertificateKey } from './certificate.ts';
import { curveName, describeKey } from './strength.ts';

/** Curves on which phones make keys. */
export type DeviceCurve = 'P-256' | 'P-384' | 'P-521';

/** Which keys that phones have made may be certified. */
export interface DeviceKeyPolicy {
  /** Bits. 1024 is for phones that can do no better, and `legacy` listeners alone believe such certificates. */
  readonly smallestRsa: number;
  readonly largestRsa: number;
  readonly curves: readonly DeviceCurve[];
}

/** NIST SP 800-131A: RSA from 2048 bits on; 4096 is the largest that phones are asked for. */
export const defaultDeviceKeyPolicy: DeviceKeyPolicy = {
  smallestRsa: 2048,
  largestRsa: 4096,
  curves: ['P-256', 'P-384', 'P-521'],
};

/** No policy allows less. */
const WEAKEST_RSA = 1024;

/** Says why a key may not be certified, or nothing. */
export function problemOfDeviceKey(key: CertificateKey, policy: DeviceKeyPolicy): string | undefined {
  const name = describeKey(key);
  switch (key.kind) {
    case 'RSA': {
      const smallest = Math.max(policy.smallestRsa, WEAKEST_RSA);
      const isAllowed = key.bits >= smallest && key.bits <= policy.largestRsa;
      return isAllowed
        ? undefined
        : `${name} is not among the keys allowed (RSA of ${smallest} to ${policy.largestRsa} bits)`;
    }
    case 'EC':
      return policy.curves.some((curve) => curve === curveName(key.curve))
        ? undefined
        : `${name} is not on a curve that is allowed (${policy.curves.join(', ') || 'none'})`;
    default:
      return `${name} is no key of a phone: RSA and ECDSA are`;
  }
}
