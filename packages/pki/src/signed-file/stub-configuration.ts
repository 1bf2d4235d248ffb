import { invalid } from '../trust-list/tlv.ts';

export interface StubConfiguration {
  /** Firmware that the phone should run. */
  readonly loadInformation: string;
  /** 0: IPv4 only, 1: IPv6 only, 2: both. */
  readonly ipAddressMode: 0 | 1 | 2;
  /** 0: no enrolment is pending; 1 authentication string, 2 none, 3 LSC then MIC, 4 MIC. */
  readonly capfAuthMode: 0 | 1 | 2 | 3 | 4;
  readonly capf: readonly { readonly host: string; readonly port: number }[];
  /** `certificateHash` of the phone's certificate; empty while the phone has none. */
  readonly certHash: string;
}

/**
 * The configuration that stands in a `.cnf.xml.sgn` when the whole one is in the `.enc.sgn` beside it: nothing but
 * what a phone needs to see that it should fetch that one, or enrol first. The elements are those of CUCM.
 *
 * @throws {PkiError} pki.invalid-file-value for text that XML cannot carry
 */
export function writeStubConfiguration(stub: StubConfiguration): Uint8Array {
  const capf = stub.capf.map(
    ({ host, port }) => `    <capf>
      <phonePort>${port}</phonePort>
      <processNodeName>${escapeXml(host)}</processNodeName>
    </capf>
`,
  );
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>
<device>
  <fullConfig>false</fullConfig>
  <loadInformation>${escapeXml(stub.loadInformation)}</loadInformation>
  <ipAddressMode>${stub.ipAddressMode}</ipAddressMode>
  <capfAuthMode>${stub.capfAuthMode}</capfAuthMode>
  <capfList>
${capf.join('')}  </capfList>
  <certHash>${escapeXml(stub.certHash)}</certHash>
  <encrConfig>true</encrConfig>
</device>
`);
}

function escapeXml(text: string): string {
  if (/[\p{Cc}\p{Cs}]/u.test(text)) invalid('a text for a phone holds a control character');
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
