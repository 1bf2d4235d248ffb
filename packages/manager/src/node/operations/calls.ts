import { entryContent } from '@trustline/evidence';
import type { CallExplanation, CallsAnswer } from '../../api/contract.ts';
import { ManagerError } from '../../error.ts';
import { envelope, type Services } from './services.ts';

/** Calls that ended which `trustline calls` shows. */
const endedCallsShown = 20;

export async function listCalls(services: Services): Promise<CallsAnswer> {
  const { signalling, journal, store } = services;
  await journal.flush();
  const entries = await store.evidence.latestCalls(endedCallsShown);
  const ended = entries.flatMap((entry) => {
    const content = entryContent(entry);
    return content?.kind === 'call' ? [content.record] : [];
  });
  return { ...envelope(services), calls: signalling?.calls() ?? [], ended };
}

/**
 * All that is known of one call, running or over.
 *
 * @param beginning of its name: enough of it to be that of one call
 * @throws {ManagerError} manager.call-unknown, manager.call-ambiguous
 */
export async function explainCall(services: Services, beginning: string): Promise<CallExplanation> {
  const { signalling, journal, store } = services;
  await journal.flush();
  const running = (signalling?.calls() ?? []).filter(({ call }) => call.startsWith(beginning));
  const contents = (await store.evidence.ofCall(beginning)).flatMap((entry) => entryContent(entry) ?? []);
  const events = contents.flatMap((content) => (content.kind === 'event' ? [content.event] : []));
  const records = contents.flatMap((content) => (content.kind === 'call' ? [content.record] : []));
  const names = new Set([...running, ...records, ...events].map(({ call }) => call));
  if (names.size === 0) {
    throw new ManagerError('manager.call-unknown', `There is no call ${beginning}.`, {
      nextStep: 'trustline calls shows those that run and the last that ended; events name theirs.',
    });
  }
  if (names.size > 1) {
    throw new ManagerError('manager.call-ambiguous', `${names.size} calls begin with ${beginning}.`, {
      nextStep: `Give more of its name: ${[...names].slice(0, 3).join(', ')} …`,
    });
  }
  return { ...envelope(services), running: running[0] ?? null, record: records[0] ?? null, events };
}
