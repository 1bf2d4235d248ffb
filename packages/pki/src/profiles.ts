import type { CertificateKey, KeyUsageName } from './certificate.ts';

/** Authorities: each issues only what `issuer` in the table below says. */
export type AuthorityRole = 'callmanager-ca' | 'capf-ca' | 'manufacturing-ca' | 'operator-ca' | 'ipsec-ca';

/** What the cluster itself shows to others, with keys it keeps. */
export const identityRoles = ['callmanager-rsa', 'callmanager-ecdsa', 'capf', 'tftp', 'tvs', 'ipsec'] as const;
export type IdentityRole = (typeof identityRoles)[number];

/** Identities of further services, made when one first asks. */
export type ServiceRole = Exclude<IdentityRole, 'callmanager-rsa' | 'callmanager-ecdsa'>;

/** What is issued to others, whose keys the cluster does not keep. */
export type IssuedRole = 'locally-significant' | 'manufacturer-installed' | 'operator' | 'ipsec-gateway' | TokenRole;

/** Security tokens that sign trust lists; those of a lab are told apart by their certificates. */
export type TokenRole = 'sast' | 'lab-sast';

export type CertificateRole = AuthorityRole | IdentityRole | IssuedRole;

/** Roles whose key the cluster keeps in its store, and which an outside CA's certificate may replace. */
export type ClusterRole = AuthorityRole | IdentityRole;

export type KeyType = 'RSA-2048' | 'EC-P-256';

/**
 * Extended key usages by their object identifiers (RFC 5280 §4.2.1.12; sipDomain RFC 5924 §4;
 * ipsecIKE RFC 4945 §5.1.3.12; trustAnchorConfigSigning RFC 9809 §3).
 */
export const keyPurpose = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ipsecIke: '1.3.6.1.5.5.7.3.17',
  sipDomain: '1.3.6.1.5.5.7.3.20',
  trustAnchorConfigSigning: '1.3.6.1.5.5.7.3.42',
  any: '2.5.29.37.0',
} as const;

export interface CertificateProfile {
  readonly title: string;
  readonly key: KeyType;
  /** The authority that signs it; an authority of ours signs itself. */
  readonly issuer: AuthorityRole | 'self';
  readonly organizationalUnit: string;
  /** An authority's path length is always 0: none of ours makes further authorities. */
  readonly authority: boolean;
  readonly keyUsage: readonly KeyUsageName[];
  readonly extendedKeyUsage: readonly (keyof typeof keyPurpose)[];
  /** Which subjectAltNames it carries: `server` is every DNS name, address and SIP domain of the cluster, `given` those of whom it is for. */
  readonly subjectNames: 'none' | 'server' | 'given';
  readonly validityDays: number;
  /** Where the choices come from. */
  readonly sources: readonly string[];
}

/** The OU of a lab's software tokens. */
export const LAB_TOKEN_UNIT = 'LAB SOFTWARE TOKEN';

const fiveYears = 1825;
const tenYears = 3650;

const authority = {
  key: 'RSA-2048',
  issuer: 'self',
  authority: true,
  // cRLSign for the CRLs that these authorities will publish (RFC 5280 §4.2.1.3).
  keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'],
  extendedKeyUsage: [],
  subjectNames: 'none',
  validityDays: tenYears,
} as const;

const callManager = {
  issuer: 'callmanager-ca',
  organizationalUnit: 'CallManager',
  authority: false,
  extendedKeyUsage: ['serverAuth', 'clientAuth', 'sipDomain'],
  subjectNames: 'server',
  validityDays: fiveYears,
} as const;

/** What serves phones before they register, with certificates that stand in the trust lists themselves. */
const provisioner = {
  key: 'RSA-2048',
  issuer: 'callmanager-ca',
  authority: false,
  keyUsage: ['digitalSignature', 'keyEncipherment'],
  extendedKeyUsage: ['serverAuth'],
  subjectNames: 'server',
  validityDays: fiveYears,
} as const;

/** What signs trust lists: a key on a token, which is never used for TLS. */
const securityToken = {
  key: 'RSA-2048',
  issuer: 'manufacturing-ca',
  authority: false,
  // nonRepudiation (contentCommitment): a signature by a token is an act of a person (RFC 5280 §4.2.1.3).
  keyUsage: ['digitalSignature', 'nonRepudiation'],
  // Without an extended key usage it would permit all; this one keeps the certificate from passing for a MIC.
  extendedKeyUsage: ['trustAnchorConfigSigning'],
  subjectNames: 'none',
  // As long as its issuer at most: phones meet a token again after years in a safe.
  validityDays: tenYears,
} as const;

const securityTokenSources = [
  'The manufacturer issues the tokens as it issues MICs; CN=SAST-<serial> as real tokens are called (cisco-phones §1.2)',
  'RSA-2048: the largest key that trust lists carry (cisco-phones §1.2, tag 11)',
  'RFC 9809 §3 (id-kp-trustAnchorConfigSigning). What real tokens carry here is unknown, and phones are not known to look',
] as const;

const ipsecIdentity = {
  key: 'RSA-2048',
  issuer: 'ipsec-ca',
  authority: false,
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['ipsecIke'],
  validityDays: fiveYears,
  sources: ['RFC 4945 §5.1.3.2 (digitalSignature)', 'RFC 4945 §5.1.3.12 (id-kp-ipsecIKE)', 'RFC 4945 §5.1.3.6 (SAN)'],
} as const;

/**
 * Every certificate of the house, in one table. Whatever will sign trust lists or phone files is RSA-2048, the
 * largest key the file formats carry. Phones require CN, O and OU in the subject (usecallmanager.nz, device-security).
 */
export const profiles: Readonly<Record<CertificateRole, CertificateProfile>> = {
  'callmanager-ca': {
    ...authority,
    title: 'CallManager certificate authority',
    organizationalUnit: 'CallManager',
    sources: ['RFC 5280 §4.2.1.9 (basicConstraints)', 'RFC 5280 §4.2.1.3 (keyCertSign, cRLSign)'],
  },
  'callmanager-rsa': {
    ...callManager,
    title: 'CallManager identity (RSA)',
    key: 'RSA-2048',
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    sources: [
      'RFC 5922 §7.1 (SIP domain in a URI name, host in a DNS name)',
      'RFC 5924 §4 (id-kp-sipDomain; without it an EKU refuses SIP)',
      'Cisco Unified CM Security Guide: CallManager certificate is TLS server and client, 5 years',
      'keyEncipherment for the RSA key exchange of TLS 1.0 phones (RFC 5246 §7.4.2)',
    ],
  },
  'callmanager-ecdsa': {
    ...callManager,
    title: 'CallManager identity (ECDSA)',
    key: 'EC-P-256',
    keyUsage: ['digitalSignature'],
    sources: ['as callmanager-rsa', 'RFC 8422 §5.3 (digitalSignature for ECDHE_ECDSA)'],
  },
  'capf-ca': {
    ...authority,
    title: 'CAPF certificate authority',
    organizationalUnit: 'CAPF',
    sources: ['Cisco Unified CM Security Guide, CAPF: CA:TRUE, pathlen:0; digitalSignature and keyCertSign required'],
  },
  capf: {
    title: 'CAPF identity',
    key: 'RSA-2048',
    issuer: 'capf-ca',
    organizationalUnit: 'CAPF',
    authority: false,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: ['serverAuth'],
    subjectNames: 'server',
    validityDays: fiveYears,
    sources: ['Enrolment port 3804 is TLS with a server certificate only', 'Cisco: CAPF certificate, 5 years'],
  },
  tftp: {
    ...provisioner,
    title: 'TFTP identity (signs phone files and the identity trust list, serves them by HTTPS)',
    organizationalUnit: 'TFTP',
    sources: [
      'Phones verify .sgn files by an RSA key of role TFTP, 2048 bits at most (cisco-phones §1.4, §1.6)',
      'HTTPS 6971 shows a certificate of role TFTP (usecallmanager.nz, http-provisioning)',
    ],
  },
  tvs: {
    ...provisioner,
    title: 'Trust Verification Service identity',
    organizationalUnit: 'TVS',
    sources: ['Phones verify port 2445 by the record of role TVS (usecallmanager.nz, trust-verification)'],
  },
  'manufacturing-ca': {
    ...authority,
    title: 'manufacturing certificate authority (of security tokens and simulated phones)',
    organizationalUnit: 'Manufacturing',
    sources: ['Plays "Cisco Manufacturing CA" for tokens and simulated phones; a key of its own'],
  },
  'manufacturer-installed': {
    title: 'manufacturer installed certificate (MIC)',
    key: 'RSA-2048',
    issuer: 'manufacturing-ca',
    organizationalUnit: 'LAB STAND-IN for a manufacturer',
    authority: false,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: ['clientAuth'],
    subjectNames: 'none',
    validityDays: tenYears,
    sources: ['Cisco: CN=<model>-SEP<MAC> in a MIC', 'keyEncipherment: file keys are wrapped to it (.enc.sgn)'],
  },
  sast: {
    ...securityToken,
    title: 'system administrator security token',
    organizationalUnit: 'Security tokens',
    sources: securityTokenSources,
  },
  'lab-sast': {
    ...securityToken,
    title: 'system administrator security token (software, for labs)',
    organizationalUnit: LAB_TOKEN_UNIT,
    sources: [...securityTokenSources, 'Its subject says what it is, in every list that it signs'],
  },
  'locally-significant': {
    title: 'locally significant certificate (LSC)',
    key: 'RSA-2048',
    issuer: 'capf-ca',
    organizationalUnit: 'Devices',
    authority: false,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    // Never serverAuth: what proves a phone must not be able to play a server.
    extendedKeyUsage: ['clientAuth'],
    subjectNames: 'none',
    validityDays: fiveYears,
    sources: ['Cisco: CN=SEP<MAC>, RSA-2048, 5 years', 'keyEncipherment: file keys are wrapped to it (.enc.sgn)'],
  },
  'operator-ca': {
    ...authority,
    title: 'operator certificate authority',
    key: 'EC-P-256',
    organizationalUnit: 'Operators',
    sources: ['RFC 5280 §4.2.1.9', 'No phone ever sees it, so the smaller key'],
  },
  operator: {
    title: 'operator certificate',
    key: 'EC-P-256',
    issuer: 'operator-ca',
    organizationalUnit: 'Operators',
    authority: false,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
    subjectNames: 'none',
    validityDays: 365,
    sources: ['RFC 5280 §4.2.1.12 (clientAuth)', 'People change: one year'],
  },
  'ipsec-ca': {
    ...authority,
    title: 'IPsec certificate authority',
    organizationalUnit: 'IPsec',
    sources: ['RFC 4945 §5.1.3 (CA certificates for IKE)', 'RSA: voice gateways with older IKE read nothing else'],
  },
  ipsec: { ...ipsecIdentity, title: 'IPsec identity', organizationalUnit: 'IPsec', subjectNames: 'server' },
  'ipsec-gateway': {
    ...ipsecIdentity,
    title: 'IPsec identity of a gateway',
    organizationalUnit: 'Gateways',
    subjectNames: 'given',
  },
};

export function isAuthorityRole(role: CertificateRole): role is AuthorityRole {
  return profiles[role].authority;
}

/** True when a key is of the kind a profile asks for. */
export function isKeyOfType(key: CertificateKey, type: KeyType): boolean {
  switch (type) {
    case 'RSA-2048':
      return key.kind === 'RSA' && key.bits === 2048;
    case 'EC-P-256':
      return key.kind === 'EC' && key.curve === 'prime256v1';
  }
}
