import { entryContent } from '@trustline/evidence';
import type { Configuration } from '../configuration/schema.ts';
import { interruptedCall } from '../interrupted-calls.ts';
import type { Journal } from './journal.ts';
import type { Store } from './store/store.ts';

/** Gives a record to every call that ran when the manager was killed. Afterwards each call that has begun has one. */
export async function recordInterruptedCalls(
  store: Store,
  journal: Journal,
  { node, calls }: Configuration,
  now: number,
): Promise<void> {
  for (const call of await store.evidence.unfinishedCalls()) {
    const entries = await store.evidence.ofCall(call);
    const events = entries.flatMap((entry) => {
      const content = entryContent(entry);
      return content?.kind === 'event' ? [content.event] : [];
    });
    const record = interruptedCall(events, { endedAt: new Date(now).toISOString(), node, policy: calls.policy });
    if (record !== undefined) await journal.append({ kind: 'call', record });
  }
}
