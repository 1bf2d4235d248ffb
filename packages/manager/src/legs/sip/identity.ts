import type { CallerIdentity, Device } from '@trustline/callcontrol';
import {
  fromAddress,
  headerValue,
  type NameAddr,
  parseNameAddr,
  parseUri,
  type SipRequest,
  toAddress,
  unescapeUri,
} from '@trustline/sip';

/** Whom a request claims to be from, once the device that sent it may claim it; or why it may not. */
export type ClaimedIdentity =
  | { readonly granted: true; readonly caller: CallerIdentity }
  | { readonly granted: false; readonly reason: string; readonly sentence: string };

/**
 * Binds a request outside a dialog to the device whose certificate or password came with it: From, or
 * P-Preferred-Identity when From is anonymous (RFC 3325 §9.2), must be one of the device's lines, and of a REGISTER
 * the To as well. Trunks and gateways are bound by their connection and may name any caller. Contact is free.
 *
 * @param device the device that proved itself
 * @param devicesOf the names of the devices that a line appears on, for the operator's sentence
 */
export function claimIdentity(
  request: SipRequest,
  device: Device,
  devicesOf: (line: string) => readonly string[],
): ClaimedIdentity {
  const sender = fromAddress(request);
  const anonymous = isAnonymous(sender) || withholdsIdentity(request);
  const preferred = preferredIdentity(request);
  const claimed = isAnonymous(sender) ? preferred : sender;
  const number = userOf(claimed?.uri);
  const displayName = claimed?.displayName;
  const caller = { number: number ?? '', anonymous, ...(displayName === undefined ? {} : { displayName }) };
  if (device.kind !== 'phone') return { granted: true, caller };

  if (number === undefined) {
    const sentence = `${device.name} sent ${request.method} with no line in From or P-Preferred-Identity`;
    return { granted: false, reason: 'no-line-named', sentence };
  }
  const strangers = request.method === 'REGISTER' ? [number, userOf(toAddress(request)?.uri) ?? ''] : [number];
  for (const line of strangers) {
    if (device.lines.includes(line)) continue;
    const owners = devicesOf(line);
    const belongs = owners.length === 0 ? 'is no line of any device' : `belongs to ${owners.join(', ')}`;
    const sentence = `the sender proved to be ${device.name} but line ${line} ${belongs}`;
    return { granted: false, reason: 'line-of-another-device', sentence };
  }
  return { granted: true, caller };
}

/** The user part of a URI without its escapes, or the number of a tel URI without its separators. */
export function userOf(uri: string | undefined): string | undefined {
  const parsed = uri === undefined ? undefined : parseUri(uri);
  if (parsed?.kind === 'sip') return parsed.user === undefined ? undefined : unescapeUri(parsed.user);
  if (parsed?.kind === 'tel') return parsed.number.replace(/[-.() ]/g, '');
  return undefined;
}

/** RFC 3323 §4.1.1.3: `"Anonymous" <sip:anonymous@anonymous.invalid>`. */
function isAnonymous(sender: NameAddr | undefined): boolean {
  const parsed = sender === undefined ? undefined : parseUri(sender.uri);
  return parsed?.kind === 'sip' && (parsed.user === 'anonymous' || parsed.host.toLowerCase().endsWith('.invalid'));
}

function withholdsIdentity(request: SipRequest): boolean {
  const tokens = (headerValue(request, 'Privacy') ?? '').toLowerCase().split(/[;,\s]+/);
  return tokens.includes('id') || tokens.includes('user');
}

function preferredIdentity(request: SipRequest): NameAddr | undefined {
  const value = headerValue(request, 'P-Preferred-Identity');
  return value === undefined ? undefined : parseNameAddr(value);
}
