import type { CallerIdentity, Device } from '@trustline/callcontrol';
import {
  addresses,
  fromAddress,
  headerValue,
  headerValues,
  type NameAddr,
  parseUri,
  type SipRequest,
  toAddress,
  unescapeUri,
} from '@trustline/sip';

/** Whom a request claims to be from, once the device that sent it may claim it; or why it may not. */
export type ClaimedIdentity =
  | { readonly granted: true; readonly caller: CallerIdentity }
  | {
      readonly granted: false;
      readonly reason: 'no-line-named' | 'line-of-another-device';
      readonly sentence: string;
    };

/**
 * Binds a request outside a dialog to the device whose certificate or password came with it: From, or
 * P-Preferred-Identity when From is anonymous (RFC 3325 §9.2), must be one of the device's lines, and of a REGISTER
 * the To as well. Trunks and gateways are bound by their connection and may name any caller: they are inside the trust
 * domain, so that what they assert goes before what From says (RFC 3325 §5), and what others signed (RFC 8224) goes on.
 * Of a phone neither is believed. Contact is free.
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
  const said = isAnonymous(sender) ? firstNumber(request, 'P-Preferred-Identity') : sender;
  const claimed = device.kind === 'phone' ? said : (firstNumber(request, 'P-Asserted-Identity') ?? said);
  const number = userOf(claimed?.uri);
  const displayName = claimed?.displayName;
  const caller = { number: number ?? '', anonymous, ...(displayName === undefined ? {} : { displayName }) };
  if (device.kind !== 'phone') return { granted: true, caller: { ...caller, ...signedOf(request) } };

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
  const wanted = privacyOf(request);
  return wanted.has('id') || wanted.has('user');
}

/** What a request wants withheld, in lower case (RFC 3323 §4.2). */
export function privacyOf(request: SipRequest): ReadonlySet<string> {
  const lines = headerValues(request, 'Privacy').flatMap((line) => line.toLowerCase().split(/[;,\s]+/));
  return new Set(lines.filter((token) => token !== ''));
}

/** Of a `sip` and a `tel` URI the first that has a number (RFC 3325 §9.1, §9.2). */
function firstNumber(request: SipRequest, header: string): NameAddr | undefined {
  return addresses(request, header)?.find(({ uri }) => userOf(uri) !== undefined);
}

function signedOf(request: SipRequest): Pick<CallerIdentity, 'signed'> {
  const statements = headerValues(request, 'Identity');
  const date = headerValue(request, 'Date');
  return statements.length === 0 ? {} : { signed: { statements, ...(date === undefined ? {} : { date }) } };
}
