import { unescapeUri } from '@trustline/sip';
import type { Party } from '../../model/leg.ts';
import { boundedText } from '../bounded-text.ts';

/** From, To, Contact and their like (RFC 3261 §20.10), read as far as they can be. */
export interface HeardAddress {
  readonly name: string | undefined;
  /** Without brackets and header parameters. */
  readonly uri: string;
  /** Of the header: `;tag=…`. */
  readonly parameters: string;
}

/** The first address of a header value. */
export function readAddress(value: string): HeardAddress {
  const quoted = /^\s*"((?:[^"\\]|\\.)*)"\s*/.exec(value);
  const afterName = quoted === null ? value : value.slice(quoted[0].length);
  const open = afterName.indexOf('<');
  if (open < 0) {
    // Without brackets parameters are the header's, not the URI's (RFC 3261 §20.10).
    const [uri = ''] = afterName.split(/[;,]/, 1);
    return { name: nameOf(quoted?.[1]), uri: uri.trim(), parameters: afterName.slice(uri.length) };
  }
  const close = afterName.indexOf('>', open);
  const end = close < 0 ? afterName.length : close;
  // A quote that never closes is no reason to lose who it is.
  const name = quoted === null ? afterName.slice(0, open).trim().replace(/^"/, '') : quoted[1];
  return { name: nameOf(name), uri: afterName.slice(open + 1, end).trim(), parameters: afterName.slice(end + 1) };
}

function nameOf(written: string | undefined): string | undefined {
  return boundedText(written?.replace(/\\(.)/g, '$1').trim());
}

export function parameterOf(parameters: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;,>]+))`, 'i').exec(parameters);
  return boundedText(found?.[1] ?? found?.[2]);
}

export function tagOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : parameterOf(readAddress(value).parameters, 'tag');
}

/** Who an address names. */
export function partyOf(value: string): Party {
  const { name, uri } = readAddress(value);
  const number = userOf(uri);
  return {
    ...(number === undefined ? {} : { number }),
    ...(name === undefined ? {} : { name }),
    ...(uri === '' ? {} : { uri: boundedText(withoutParameters(uri)) ?? '' }),
  };
}

/** The user part of a SIP URI, the number of a tel URI; a number with its parameters is cut to the number. */
export function userOf(uri: string): string | undefined {
  const scheme = /^\s*(sips?|tel):/i.exec(uri);
  const rest = scheme === null ? uri : uri.slice(scheme[0].length);
  if (scheme?.[1]?.toLowerCase() === 'tel') return boundedText(rest.split(/[;?]/, 1)[0]);
  const at = rest.indexOf('@');
  if (at < 0) return undefined;
  const [user = ''] = rest.slice(0, at).split(/[:;]/, 1);
  return boundedText(unescapeUri(user));
}

function withoutParameters(uri: string): string {
  const at = Math.max(uri.indexOf('@'), 0);
  const end = uri.slice(at).search(/[;?]/);
  return end < 0 ? uri : uri.slice(0, at + end);
}
