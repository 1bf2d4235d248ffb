import { entryContent } from '@trustline/evidence';
import type { Configuration } from '../configuration/schema.ts';
import { interruptedCall } from '../interrupted-calls.ts';
import type { Journal } from './journal.ts';
import type { KeptCalls } from './kept-calls.ts';
import type { Store } from './store/store.ts';

/**
 * Gives a record to every call that ran when the manager was killed and does not go on: the one that it had before it could
 * be stored, or one that says that it was interrupted. Afterwards each call that has begun has one, or goes on.
 */
export async function recordInterruptedCalls(
  store: Store,
  journal: Journal,
  keptCalls: KeptCalls,
  { node, calls }: Configuration,
  now: number,
): Promise<void> {
  const goesOn = new Set(keptCalls.states.filter(({ call }) => call !== undefined).map(({ id }) => id));
  for (const { id, record } of keptCalls.states) {
    if (record === undefined) continue;
    const isStored = (await store.evidence.ofCall(id)).some(({ kind }) => kind === 'call');
    const fate = isStored ? 'stored' : await journal.append({ kind: 'call', record });
    if (fate === 'stored') keptCalls.recorded(id);
  }
  for (const call of await store.evidence.unfinishedCalls()) {
    if (goesOn.has(call)) continue;
    const entries = await store.evidence.ofCall(call);
    const events = entries.flatMap((entry) => {
      const content = entryContent(entry);
      return content?.kind === 'event' ? [content.event] : [];
    });
    const record = interruptedCall(events, { endedAt: new Date(now).toISOString(), node, policy: calls.policy });
    if (record !== undefined) await journal.append({ kind: 'call', record });
  }
}
