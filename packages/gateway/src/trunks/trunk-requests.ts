import { hexadecimal } from '@trustline/base';
import {
  addresses,
  escapeUser,
  fromAddress,
  headerValue,
  parseSipUri,
  type SipHeader,
  type SipRequest,
  unescapeUri,
} from '@trustline/sip';
import type { CallRequest } from '../calls/leg.ts';

/** What a carrier is known by in requests to it. */
export interface CarrierNames {
  /** The domain of its URIs. */
  readonly domain: string;
  /** Our main number, asserted for callers who have none of E.164. */
  readonly number: string | undefined;
  /** The user part of what we register, where we do: some carriers want it in From. */
  readonly secure: boolean;
}

export interface OutgoingInvite {
  readonly requestUri: string;
  readonly from: string;
  readonly to: string;
  readonly headers: readonly SipHeader[];
}

/** The INVITE for a call: numbers are those of E.164, the caller is asserted (RFC 3325), and withheld where he wants it (RFC 3323). */
export function inviteOf({ called, caller, diverted }: CallRequest, names: CarrierNames): OutgoingInvite {
  const uriOf = (number: string) => `${names.secure ? 'sips' : 'sip'}:${escapeUser(number)}@${names.domain};user=phone`;
  const own = caller.number.startsWith('+') || names.number === undefined ? caller.number : names.number;
  const shown = caller.name === undefined ? '' : `${quoted(caller.name)} `;
  const asserted: SipHeader[] = own === '' ? [] : [{ name: 'P-Asserted-Identity', value: `${shown}<${uriOf(own)}>` }];
  const number = caller.number === '' ? own : caller.number;
  return {
    requestUri: uriOf(called),
    from:
      caller.restricted || number === ''
        ? '"Anonymous" <sip:anonymous@anonymous.invalid>'
        : `${shown}<${uriOf(number)}>`,
    to: `<${uriOf(called)}>`,
    headers: [
      ...asserted,
      ...(caller.restricted ? [{ name: 'Privacy', value: 'id' }] : []),
      ...(diverted === undefined ? [] : [{ name: 'Diversion', value: `<${uriOf(diverted.number)}>` }]),
    ],
  };
}

/** What an INVITE of a carrier says; undefined where it names no number that is called. */
export function requestOf(invite: SipRequest): CallRequest | undefined {
  const called = numberIn(invite.uri);
  if (called === undefined) return undefined;
  const from = fromAddress(invite);
  const asserted = addresses(invite, 'P-Asserted-Identity')?.find(({ uri }) => numberIn(uri) !== undefined);
  const said = asserted ?? from;
  const number = said === undefined ? undefined : numberIn(said.uri);
  const withheld =
    /\b(?:id|user|header)\b/i.test(headerValue(invite, 'Privacy') ?? '') || /anonymous/i.test(from?.uri ?? '');
  const name = said?.displayName;
  return {
    called,
    complete: true,
    caller: {
      number: number ?? '',
      ...(name === undefined || name === '' || withheld ? {} : { name }),
      restricted: withheld,
      screening: asserted === undefined ? 0 : 3,
    },
  };
}

/** An OPTIONS that asks whether somebody is there (RFC 3261 §11). */
export function optionsRequest(domain: string, contact: string, random: (length: number) => Uint8Array): SipRequest {
  const token = () => hexadecimal(random(8));
  return {
    kind: 'request',
    method: 'OPTIONS',
    uri: `sip:${domain}`,
    headers: [
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: `<sip:${domain}>;tag=${token()}` },
      { name: 'To', value: `<sip:${domain}>` },
      { name: 'Call-ID', value: token() + token() },
      { name: 'CSeq', value: '1 OPTIONS' },
      { name: 'Contact', value: contact },
      { name: 'Accept', value: 'application/sdp' },
    ],
    body: new Uint8Array(0),
  };
}

/** A telephone number in a SIP or tel URI. */
function numberIn(uri: string): string | undefined {
  const tel = /^tel:(\+?[0-9().-]+)/i.exec(uri)?.[1];
  const user = tel ?? parseSipUri(uri)?.user;
  const digits =
    user === undefined
      ? ''
      : unescapeUri(user)
          .split(';')[0]
          ?.replaceAll(/[().-]/g, '');
  return digits !== undefined && /^\+?[0-9*#]{1,32}$/.test(digits) ? digits : undefined;
}

function quoted(name: string): string {
  return `"${name.replaceAll(/[\\"]/g, '\\$&').replaceAll(/[\r\n]/g, ' ')}"`;
}
