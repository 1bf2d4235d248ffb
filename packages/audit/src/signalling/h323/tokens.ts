import type { H225 } from '@trustline/h323';
import type { DisclosureKind } from '../../model/disclosure.ts';
import { boundedText } from '../bounded-text.ts';
import type { ReaderContext } from '../reader.ts';
import type { TokenReader } from './call-signalling.ts';
import { partyOf } from './words.ts';

/** Disclosures of one connection or one address that are told: a gatekeeper has each of its messages carry a token. */
const MOST_TOLD = 1_000;

/** Tells of passwords in tokens, and of hashes that are made of them (H.235.0 §8, H.235.1): one of each kind and user. */
export function tokenReader({ observations }: ReaderContext): TokenReader {
  const told = new Set<string>();
  return (tokens, cryptoTokens, { path, place }) => {
    const disclose = (kind: DisclosureKind, subject: string, detail: string, secret?: string) => {
      const name = `${kind} ${path.from.address} ${subject} ${detail}`;
      if (told.has(name) || told.size >= MOST_TOLD) return;
      told.add(name);
      const { from, to, exposure } = path;
      const revealed = secret === undefined ? {} : { secret };
      observations.disclose({ kind, place, protocol: 'h323', from, to, exposure, subject, detail, ...revealed });
    };
    for (const { password } of tokens ?? []) {
      const secret = boundedText(password?.reveal());
      if (secret !== undefined) disclose('clear-password', path.from.address, 'a password in a token', secret);
    }
    for (const token of cryptoTokens ?? []) {
      const found = hashOf(token);
      if (found !== undefined) disclose('crackable-digest', found.subject ?? path.from.address, found.detail);
    }
  };
}

function hashOf(
  token: H225.CryptoH323Token,
): { readonly subject: string | undefined; readonly detail: string } | undefined {
  if (token.kind === 'cryptoEPPwdHash') {
    const { number, name, uri } = partyOf([token.value.alias]);
    return {
      subject: boundedText(number ?? name ?? uri),
      detail: 'a hash of the password with the time (H.235.0 §8.2)',
    };
  }
  if (token.kind === 'cryptoGKPwdHash') {
    return { subject: boundedText(token.value.gatekeeperId), detail: 'a hash of the password of the gatekeeper' };
  }
  if (token.kind !== 'nestedcryptoToken' || token.value.kind !== 'cryptoHashedToken') return undefined;
  const { generalID, sendersID } = token.value.value.hashedVals;
  return {
    subject: boundedText(sendersID ?? generalID),
    detail: 'a keyed hash of the message under the password (H.235.1)',
  };
}
