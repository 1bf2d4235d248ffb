/** What is said of calls of gateways, to call control, to people and on the wire: pure functions. */
import type {
  CallControlInput,
  CallControlOutput,
  CallerIdentity,
  Cause,
  LegId,
  LegProtection,
} from '@trustline/callcontrol';
import type { H225, HostPort, ReceivedSetup, SetupTerms, TransferError } from '@trustline/h323';
import { diversionOf } from './diversions.ts';
import type { GatewayCall } from './gateway-call.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import type { GatewayNotice } from './h323-legs-ports.ts';

type LegOutput = Extract<CallControlOutput, { readonly leg: LegId }>;

export const unreachableWords = {
  refused: 'refuses connections',
  silent: 'does not answer',
  failed: 'cannot be connected to',
} as const;

/** Our gateway program shows the port as `port 0/1:7`; what others show is for people alone. */
export function portIn(display: string | undefined): string | undefined {
  return /^port ([A-Za-z0-9/._:-]{1,32})$/.exec(display ?? '')?.[1];
}

export function saidOf({ settings: { device }, unproven }: GatewayCall, because: string): string {
  switch (because) {
    case 'not-proven':
      return unproven === undefined
        ? `Its keys travel in its signalling, and ${device} has no IPsec`
        : unproven.startsWith(`IPsec to ${device} is not proven`)
          ? unproven
          : `IPsec to ${device} is not proven: ${unproven}`;
    case 'clear':
    case 'clear-fast-start':
    case 'bad-answer':
      return `${device} wants media without SRTP`;
    case 'sent-elsewhere':
      return `${device} sends the call to another address, which is not followed`;
    case 'no-control-channel':
      return `${device} did not begin H.245`;
    default:
      return `${device} and the other end have no media in common`;
  }
}

/** An operator hears why calls are not taken by the first gateway of their route. */
export function noSrtpNotice({ device, addresses, port }: GatewaySettings): GatewayNotice {
  const [address = ''] = addresses;
  return {
    kind: 'call-refused',
    device,
    cause: `${device} wants media without SRTP, and its calls are to be encrypted: another gateway is tried where the route has one, unless the call was answered`,
    nextStep: `Let ${device} do SRTP (H.235.8); or remove it, and add it with a --policy that says what it can.`,
    reason: 'clear-media',
    remoteAddress: authorityOf({ address, port }),
  };
}

export function protectionOf({ device, addresses, port }: GatewaySettings, isProtected: boolean): LegProtection {
  const [address = ''] = addresses;
  const remoteAddress = authorityOf({ address, port });
  if (!isProtected) return { protocol: 'h323', signalling: 'none', proof: 'none', remoteAddress };
  return { protocol: 'h323', signalling: 'ipsec', proof: 'ipsec', provenIdentity: device, remoteAddress };
}

/** The connection of its call signalling has proven what protects it. */
export function provenInput({ leg, settings: { device } }: GatewayCall): CallControlInput {
  return { kind: 'proven', leg, words: `IPsec to ${device} is proven` };
}

export function setupOf({ line, caller, diversions = [] }: Extract<LegOutput, { kind: 'place' }>): SetupTerms {
  const { number: digits, displayName, anonymous } = caller;
  const diversion = diversionOf(diversions);
  const presentation = { indicator: anonymous ? 1 : 0, screening: 3 } as const;
  return {
    calledNumber: line,
    ...(digits === '' ? {} : { callingNumber: { typeOfNumber: 0, numberingPlan: 1, presentation, digits } }),
    ...(displayName === undefined || anonymous ? {} : { callingName: displayName }),
    ...(diversion === undefined ? {} : { diversion }),
  };
}

export function callerOf({ callingNumber, callingName, restricted }: ReceivedSetup): CallerIdentity {
  return {
    number: callingNumber?.digits ?? '',
    anonymous: restricted,
    ...(callingName === undefined ? {} : { displayName: callingName }),
  };
}

export function authorityOf({ address, port }: HostPort): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function number(octets: Uint8Array): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** A number as an alias of H.225.0; none where there is no number. */
export function digitsAlias(digits: string): readonly H225.AliasAddress[] {
  return /^[0-9#*,]{1,128}$/.test(digits) ? [{ kind: 'dialedDigits', value: digits }] : [];
}

/** What a cause says of the number that a transfer was to go to; undefined where it says nothing of that. */
export function errorOfTransfer(cause: Cause): TransferError | undefined {
  const isOfNumber = cause === 'unallocated-number' || cause === 'invalid-number-format';
  return isOfNumber ? 'invalidReroutingNumber' : undefined;
}
