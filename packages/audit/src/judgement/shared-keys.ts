import { hexadecimal } from '@trustline/base';
import type { Finding } from '../model/report.ts';
import { findingOf } from './catalogue.ts';
import type { CallDraft } from './stream-facts.ts';

interface Use {
  readonly call: CallDraft;
  /** Whose packets it protects, within its leg; undefined where that is left open. */
  readonly end: 'caller' | 'called' | undefined;
  readonly leg: object;
  readonly packet: number;
}

/** Keys that were handed out more than once: in two calls, or used in one that does not name it, or for both directions of one. By call. */
export function sharedKeys(calls: readonly CallDraft[]): ReadonlyMap<CallDraft, readonly Finding[]> {
  const uses = new Map<string, Use[]>();
  for (const call of calls) {
    for (const leg of call.legs) {
      for (const { end, keys, place, keysProtect } of leg.descriptions) {
        // Where both ends name the keys of both directions, that one is named twice shows nothing.
        const sender = keysProtect === undefined ? end : undefined;
        for (const { masterKey, masterSalt } of keys) {
          const text = textOf(masterKey, masterSalt);
          const known = uses.get(text);
          const use = { call, end: sender, leg, packet: place.number } as const;
          if (known === undefined) uses.set(text, [use]);
          else known.push(use);
        }
      }
    }
  }
  for (const call of calls) addUsesInMedia(call, uses);
  const findings = new Map<CallDraft, Finding[]>();
  for (const [, list] of uses) if (list.length > 1) report(list, findings);
  return findings;
}

/** A key that opened media of a call which does not name it: another call does. */
function addUsesInMedia(call: CallDraft, uses: ReadonlyMap<string, Use[]>): void {
  for (const stream of call.streams) {
    const { key, first } = stream;
    if (key?.source.kind !== 'signalling') continue;
    const named = uses.get(textOf(key.masterKey, key.masterSalt));
    if (named === undefined || named.some((use) => use.call === call)) continue;
    named.push({ call, end: undefined, leg: stream, packet: first.number });
  }
}

function textOf(masterKey: Uint8Array, masterSalt: Uint8Array): string {
  return `${hexadecimal(masterKey)} ${hexadecimal(masterSalt)}`;
}

function report(uses: readonly Use[], findings: Map<CallDraft, Finding[]>): void {
  const calls = new Set(uses.map(({ call }) => call));
  for (const call of calls) {
    const own = uses.filter((use) => use.call === call);
    const isBothWays = own.some(({ leg, end }) =>
      own.some((other) => other.leg === leg && end === 'caller' && other.end === 'called'),
    );
    if (calls.size < 2 && !isBothWays) continue;
    const packets = uses.map(({ packet }) => packet);
    const detail =
      calls.size > 1 ? `The same key is of ${calls.size} calls.` : 'The same key stands for both directions.';
    const list = findings.get(call) ?? [];
    if (list.length === 0) findings.set(call, list);
    else continue;
    list.push(findingOf('key-reused', detail, [{ packets, says: 'the same master key' }]));
  }
}
