import { readFileSync } from 'node:fs';
import { Redacted } from '@trustline/base';
import { type ConfigurationFile, type PhoneConfiguration, sipProfileOfDeskPhones } from './phone-configuration.ts';
import { parseConfiguration } from './read.ts';

export function vector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../vectors/configuration/${name}`, import.meta.url)));
}

/** A value in which secrets are compared too: those of `Redacted` are equal to any other. */
export function revealed(value: unknown): unknown {
  if (value instanceof Redacted) return { secret: value.reveal() };
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revealed(member)]));
}

export function readFile(octets: Uint8Array | string): ConfigurationFile {
  const result = parseConfiguration(typeof octets === 'string' ? new TextEncoder().encode(octets) : octets);
  if (!result.ok) throw new Error(`${result.code} at ${result.offset}: ${result.message}`);
  return result.file;
}

/** A SIP phone in mixed mode with everything set. */
export const deskPhone: PhoneConfiguration = {
  kind: 'full',
  deviceProtocol: 'SIP',
  ipAddressMode: 0,
  managers: [
    { host: 'cm1.example', ethernetPhonePort: 2000, sipPort: 5060, securedSipPort: 5061 },
    { host: '192.0.2.12', ethernetPhonePort: 2000, sipPort: 5060, securedSipPort: 5061 },
  ],
  phoneLabel: 'Reception',
  lines: [
    {
      button: 1,
      name: '1001',
      displayName: 'Zoë & <Ann> 🎉',
      label: 'Desk "1"',
      proxy: 'USECALLMANAGER',
      port: 5060,
      contact: '1001',
      authentication: { name: '1001', password: new Redacted('canary-digest&<') },
      others: [{ name: 'featureID', attributes: {}, children: [], text: '9' }],
    },
  ],
  loadInformation: 'SIP75.9-4-2SR3-1S',
  versionStamp: '1767225600-7',
  deviceSecurityMode: 'encrypted',
  transport: 'tls',
  tlsResumptionTimer: 3600,
  trustVerification: [{ host: 'cm1.example', port: 2445 }],
  capf: { authentication: 'string', servers: [{ host: 'cm1.example', port: 3804 }] },
  certificateHash: 'e9d83d81e50437211efebc2d37e52ee3',
  encrypted: false,
  others: { root: [], devicePool: [], sipProfile: sipProfileOfDeskPhones },
};
