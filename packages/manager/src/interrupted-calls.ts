import {
  CALL_RECORD_SCHEMA,
  type CallRecord,
  type LevelChange,
  type SecurityEvent,
  type SecurityLevel,
  type SecurityPolicy,
} from '@trustline/evidence';

/** Weakest first. */
const levels: readonly SecurityLevel[] = ['non-secure', 'authenticated', 'encrypted'];

/**
 * The record of a call that ran when the manager was killed, made at the next start from what had been said of it until
 * then; undefined when that was nothing. Its legs are gone with the manager that knew them: where the media went straight
 * between two phones these may have talked on.
 *
 * @param events of this call, oldest first
 * @param policy the cluster's own, as that of the call's route is not among its events
 */
export function interruptedCall(
  events: readonly SecurityEvent[],
  { endedAt, node, policy }: { readonly endedAt: string; readonly node: string; readonly policy: SecurityPolicy },
): CallRecord | undefined {
  const started = events.find(({ kind }) => kind === 'call-started');
  if (started?.call === undefined) return undefined;
  const answered = events.find(({ kind }) => kind === 'call-answered');
  const changes = events.flatMap((event): LevelChange[] =>
    event.kind === 'level-changed' ? [{ at: event.at, level: event.to, cause: event.cause }] : [],
  );
  const lowest = levels.find((level) => changes.some((change) => change.level === level)) ?? 'non-secure';
  return {
    schema: CALL_RECORD_SCHEMA,
    node,
    call: started.call,
    policy,
    startedAt: started.at,
    ...(answered === undefined ? {} : { answeredAt: answered.at }),
    endedAt,
    outcome: answered === undefined ? 'failed' : 'answered',
    reason: 'interrupted',
    cause: `the call manager was killed: ${started.cause}`,
    level: lowest,
    levels: changes,
    legs: [],
  };
}
