import { addressText, type TransportAddress } from '@trustline/capture';
import type { H225, H245 } from '@trustline/h323';
import type { Party } from '../../model/leg.ts';

/** Where H.245 says that media is received; undefined for networks other than IP. */
export function mediaAddress(address: H245.TransportAddress | undefined): TransportAddress | undefined {
  if (address?.kind !== 'unicastAddress' && address?.kind !== 'multicastAddress') return undefined;
  const { value } = address;
  if (value.kind !== 'iPAddress' && value.kind !== 'iP6Address') return undefined;
  return { address: addressText(value.value.network), port: value.value.tsapIdentifier };
}

/** Where H.225.0 says that somebody is; undefined for networks other than IP. */
export function signalAddress(address: H225.TransportAddress | undefined): TransportAddress | undefined {
  if (address?.kind !== 'ipAddress' && address?.kind !== 'ip6Address') return undefined;
  return { address: addressText(address.value.ip), port: address.value.port };
}

/** `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
export function textOf({ address, port }: TransportAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function hex(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += octet.toString(16).padStart(2, '0');
  return text;
}

/** An identifier of a call or conference in hexadecimal; undefined for none and for zeros, which name nothing. */
export function identifier(octets: Uint8Array | undefined): string | undefined {
  return octets?.some((octet) => octet !== 0) === true ? hex(octets) : undefined;
}

/**
 * What joins a call with its other legs, through a gatekeeper or to it: its identifier. That of the conference does only in
 * calls of version 1, which have no other: one stack takes it from so few that calls of strangers have the same.
 */
export function relatedOf(
  callIdentifier: Uint8Array | undefined,
  conferenceID: Uint8Array | undefined,
): string | undefined {
  const ofCall = identifier(callIdentifier);
  if (ofCall !== undefined) return `h225-call:${ofCall}`;
  const ofConference = identifier(conferenceID);
  return ofConference === undefined ? undefined : `h225-conference:${ofConference}`;
}

/** What addresses by name say of who somebody is: the first of each kind. */
export function partyOf(aliases: readonly H225.AliasAddress[] | undefined): Party {
  let party: Party = {};
  for (const alias of aliases ?? []) party = { ...aliasParty(alias), ...party };
  return party;
}

function aliasParty(alias: H225.AliasAddress): Party {
  switch (alias.kind) {
    case 'dialedDigits':
      return { number: alias.value };
    case 'partyNumber':
      return numberOf(alias.value);
    case 'h323-ID':
      return { name: alias.value };
    case 'url-ID':
    case 'email-ID':
      return { uri: alias.value };
    default:
      return {};
  }
}

function numberOf(number: H225.PartyNumber): Party {
  switch (number.kind) {
    case 'e164Number':
      return { number: number.value.publicNumberDigits };
    case 'privateNumber':
      return { number: number.value.privateNumberDigits };
    case 'dataPartyNumber':
    case 'telexPartyNumber':
    case 'nationalStandardPartyNumber':
      return { number: number.value };
    default:
      return {};
  }
}
