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

/** Keys that were handed out more than once: in two calls, or for both directions of one. By call. */
export function sharedKeys(calls: readonly CallDraft[]): ReadonlyMap<CallDraft, readonly Finding[]> {
  const uses = new Map<string, Use[]>();
  for (const call of calls) {
    for (const leg of call.legs) {
      for (const { end, keys, place, keysProtect } of leg.descriptions) {
        // Where both ends name the keys of both directions, that one is named twice shows nothing.
        const sender = keysProtect === undefined ? end : undefined;
        for (const { masterKey, masterSalt } of keys) {
          const text = `${hexadecimal(masterKey)} ${hexadecimal(masterSalt)}`;
          const known = uses.get(text);
          const use = { call, end: sender, leg, packet: place.number } as const;
          if (known === undefined) uses.set(text, [use]);
          else known.push(use);
        }
      }
    }
  }
  const findings = new Map<CallDraft, Finding[]>();
  for (const [, list] of uses) if (list.length > 1) report(list, findings);
  return findings;
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
      calls.size > 1 ? `The same key stands in ${calls.size} calls.` : 'The same key stands for both directions.';
    const list = findings.get(call) ?? [];
    if (list.length === 0) findings.set(call, list);
    else continue;
    list.push(findingOf('key-reused', detail, [{ packets, says: 'the same master key' }]));
  }
}
