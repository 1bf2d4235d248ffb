/** Names of modules in IMPORTS that no module has: the files abbreviate, or name the part that a file includes. */
export const aliases: Readonly<Record<string, string>> = {
  H225: 'H323-MESSAGES',
  X880: 'Remote-Operations-Apdus',
  H4501: 'H4501-Supplementary-ServiceAPDU-Structure',
  'H4501-General-Error-List': 'H4501-Supplementary-ServiceAPDU-Structure',
  'H225-generic-parameters-definition': 'H4501-Supplementary-ServiceAPDU-Structure',
  H4504: 'Call-Hold-Operations',
  // H.450.8 calls Call-Hold-Operations so.
  H4505: 'Call-Hold-Operations',
};

/** What H235-SRTP takes from elsewhere: its IMPORTS stand in a comment. */
export const forgottenImports: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'H235-SRTP': { GenericData: 'H323-MESSAGES' },
};

/** The files below `asn1`, and how what is generated from each is called. */
export const files: readonly { readonly asn: string; readonly name: string }[] = [
  { asn: 'h225v8.asn', name: 'h225' },
  { asn: 'h245v17.asn', name: 'h245' },
  { asn: 'h235.asn', name: 'h235' },
  { asn: 'h235-srtp.asn', name: 'h235-srtp' },
  { asn: 'x880.asn', name: 'x880' },
  { asn: 'h4501.asn', name: 'h4501' },
  { asn: 'h4502.asn', name: 'h4502' },
  { asn: 'h4503.asn', name: 'h4503' },
  { asn: 'h4504.asn', name: 'h4504' },
  { asn: 'h4506.asn', name: 'h4506' },
  { asn: 'h4508.asn', name: 'h4508' },
  { asn: 'h450-arguments.asn', name: 'h450-arguments' },
];

/**
 * Fields whose values are keys, passwords, or messages that carry keys: `module/type/field`, or `module/type` for the
 * whole of a type. They are `Redacted` in what is decoded.
 */
export const secrets: ReadonlySet<string> = new Set([
  'MULTIMEDIA-SYSTEM-CONTROL/EncryptionSync/h235Key',
  'H323-MESSAGES/H323-UU-PDU/h245Control',
  'H323-MESSAGES/Setup-UUIE/parallelH245Control',
  'H235-SECURITY-MESSAGES/Password',
  'H235-SECURITY-MESSAGES/KeyMaterial',
  'H235-SECURITY-MESSAGES/KeyMaterialExt',
  'H235-SECURITY-MESSAGES/V3KeySyncMaterial/genericKeyMaterial',
  'H235-SRTP/SrtpKeyParameters/masterKey',
  'H235-SRTP/SrtpKeyParameters/masterSalt',
]);
