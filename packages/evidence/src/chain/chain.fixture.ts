import { generateKeyPairSync } from 'node:crypto';
import { securityEvent } from '../event.ts';
import type { CallRecord } from '../record.ts';
import {
  appendEntry,
  type ChainEntry,
  type ChainState,
  type EntryContent,
  ed25519Signer,
  emptyChain,
} from './entry.ts';

/** For the tests of this folder: a key, contents of every kind, and a chain of them. */
export const keys = generateKeyPairSync('ed25519');
export const otherKeys = generateKeyPairSync('ed25519');
export const sign = ed25519Signer(keys.privateKey);
export const at = '2026-11-23T18:42:00.000Z';

export const record: CallRecord = {
  schema: 1,
  node: 'node-1',
  call: 'call-1',
  policy: 'require',
  startedAt: at,
  answeredAt: at,
  endedAt: at,
  outcome: 'answered',
  cause: 'Line 1001 hung up.',
  level: 'encrypted',
  levels: [{ at, level: 'encrypted', cause: 'Line 1002 answered with SRTP.' }],
  protection: [{ at, leg: 'leg-2', state: 'lost', cause: 'IPsec to gw1 is gone' }],
  route: [{ at, cause: '1002 is a line.' }],
  legs: [
    {
      leg: 'a',
      role: 'calling',
      protocol: 'sip',
      signalling: 'tls-mutual',
      proof: 'certificate',
      keying: 'sdes',
      suite: 'AES_CM_128_HMAC_SHA1_80',
      level: 'encrypted',
      party: { device: 'SEP001122334455', line: '1001', displayName: 'Ada Lovelace', remoteAddress: '192.0.2.7:49152' },
    },
  ],
};

export function content(index: number): EntryContent {
  if (index % 3 === 2) return { kind: 'call', record: { ...record, call: `call-${index}` } };
  const event = securityEvent('handshake-refused', {
    at,
    node: 'node-1',
    device: `SEP00112233445${index % 10}`,
    remoteAddress: '192.0.2.7:49152',
    reason: 'certificate-expired',
    cause: `Its certificate expired (${index}).`,
    actor: 'operator Ada',
    statedReason: 'Lovelace asked for it',
  });
  return { kind: 'event', event };
}

/** @param together so many entries share a signature */
export function chainOf(contents: readonly EntryContent[], together = 1): { entries: ChainEntry[]; state: ChainState } {
  let state = emptyChain(keys.publicKey);
  const entries = contents.map((item, index) => {
    const isSigned = (index + 1) % together === 0;
    const salt = new Uint8Array(32).fill(index + 1);
    const appended = appendEntry(state, item, { at, salt, sign: isSigned ? sign : undefined });
    state = appended.state;
    return appended.entry;
  });
  return { entries, state };
}

export function chainOfLength(length: number): { entries: ChainEntry[]; state: ChainState } {
  return chainOf(Array.from({ length }, (_, index) => content(index)));
}
