import type { CapfAuthentication, DeviceSecurityMode, SipTransport } from './phone-configuration.ts';

/** The numbers that stand for words in a configuration. */
export const securityModes: Readonly<Record<DeviceSecurityMode, number>> = {
  'non-secure': 1,
  authenticated: 2,
  encrypted: 3,
};

export const transports: Readonly<Record<SipTransport, number>> = { tcp: 1, udp: 2, tls: 3, 'tcp-and-udp': 4 };

export const capfAuthentications: Readonly<Record<CapfAuthentication, number>> = {
  'none-pending': 0,
  string: 1,
  'null-string': 2,
  'existing-certificate': 3,
  manufactured: 4,
};

/** The word that a number stands for. */
export function wordOf<Word extends string>(words: Readonly<Record<Word, number>>, number: number): Word | undefined {
  return (Object.keys(words) as Word[]).find((word) => words[word] === number);
}

/** Call managers, and TVS servers, that a phone has room for. */
export const MAXIMUM_SERVERS = 5;

export const PORT_OF_CAPF = 3804;
export const PORT_OF_TVS = 2445;
