/** What is said about the protection of a call: the words that events, records, console and command line share. */

/** The level of a leg or a call, from weakest to strongest; that of a call is the minimum over its legs. */
export type SecurityLevel = 'non-secure' | 'authenticated' | 'encrypted';

/** How the signalling of a leg is protected. */
export type SignallingProtection = 'tls-mutual' | 'tls-server-only' | 'ipsec' | 'none';

/** What a route demands of its calls. */
export type SecurityPolicy = 'require' | 'prefer' | 'forbid';

/** How a far end proved who it is. */
export type Proof = 'certificate' | 'digest' | 'ipsec' | 'none';

/** How the media of a leg got its keys. */
export type MediaKeying = 'sdes' | 'sccp' | 'h235' | 'mikey' | 'zrtp' | 'dtls' | 'none';
