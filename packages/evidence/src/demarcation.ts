import type { CallRecordLeg } from './record.ts';
import type { SignallingProtection } from './security.ts';

/** What is told of a leg that ends at a trunk or gateway, of a record or of a running call. */
interface LegTowardsOutside extends Pick<CallRecordLeg, 'signalling' | 'keying' | 'level'> {
  readonly demarcation: NonNullable<CallRecordLeg['demarcation']>;
  readonly device?: string | undefined;
  /** What it has proved: the certificate's subject. */
  readonly provenIdentity?: string | undefined;
  readonly remoteAddress?: string | undefined;
}

const carriedBy: Readonly<Record<SignallingProtection, string>> = {
  'tls-mutual': 'TLS',
  'tls-server-only': 'TLS',
  ipsec: 'IPsec',
  none: 'no TLS',
};

/**
 * Where what we can prove of a call ends, in words: `encrypted to gateway gw1, port 0/1:7; beyond it the public network`,
 * `trunk carrier-a: TLS and SRTP to sip.carrier-a, beyond is theirs`.
 */
export function demarcationWords(leg: LegTowardsOutside): string {
  const { demarcation, level, signalling, keying, device = '' } = leg;
  if (demarcation.kind === 'gateway') {
    const port = demarcation.port === undefined ? '' : `, port ${demarcation.port}`;
    const how =
      level === 'encrypted'
        ? 'encrypted'
        : level === 'authenticated'
          ? 'authenticated, not encrypted,'
          : 'not protected';
    return `${how} to gateway ${device}${port}; beyond it the public network`;
  }
  const port = demarcation.port === undefined ? '' : `, their port ${demarcation.port}`;
  const media = keying === 'none' ? 'no SRTP' : 'SRTP';
  return `trunk ${device}: ${carriedBy[signalling]} and ${media} to ${farEnd(leg)}${port}, beyond is theirs`;
}

/** Its name as it was proved, else where it is. */
function farEnd({ provenIdentity, remoteAddress, device = '' }: LegTowardsOutside): string {
  const name = provenIdentity === undefined ? undefined : /(?:^|,)\s*CN=([^,]+)/.exec(provenIdentity)?.[1];
  return name ?? remoteAddress?.replace(/:\d+$/, '') ?? device;
}

/** The same of each leg of a record that goes outside. */
export function demarcationsOf(legs: readonly CallRecordLeg[]): readonly string[] {
  return legs.flatMap(({ demarcation, party, ...leg }) =>
    demarcation === undefined ? [] : [demarcationWords({ ...leg, ...party, demarcation })],
  );
}
