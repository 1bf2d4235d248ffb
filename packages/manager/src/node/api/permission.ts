import { type Actor, actorText, mayUse, neededRoles } from '../../api/roles.ts';
import { ManagerError } from '../../error.ts';
import { onBehalfOf } from '../operations/attribution.ts';
import type { Services } from '../operations/services.ts';

/**
 * Refuses an operation that the role of whoever asks does not allow, with an event.
 *
 * @throws {ManagerError} manager.role-needed
 */
export async function assertMayUse(
  services: Pick<Services, 'store' | 'journal'>,
  actor: Actor,
  { method, path }: { readonly method: string; readonly path: string },
): Promise<void> {
  if (actor.kind === 'local') return;
  const operation = `${method} ${path}`;
  const needed = neededRoles[operation];
  const { name, role } = actor;
  if (role !== undefined && needed !== undefined && mayUse(role, needed)) return;
  const has = role === undefined ? 'has no role here' : `is ${role}`;
  const message = `${operation} needs ${needed === undefined ? 'the owner of the local socket' : `the role ${needed}`}; ${name} ${has}.`;
  const holders = needed === undefined ? [] : await holdersOf(services, needed);
  const who =
    holders.length === 0
      ? 'Nobody holds it'
      : `Ask ${holders.join(', ')}, who hold${holders.length === 1 ? 's' : ''} it`;
  const nextStep = `${who}; or run the command where the manager runs, as its user.`;
  await onBehalfOf({ actor: actorText(actor) }, async () =>
    services.journal.event('operation-refused', { reason: 'role-needed', cause: message, nextStep }),
  );
  throw new ManagerError('manager.role-needed', message, { nextStep });
}

async function holdersOf({ store }: Pick<Services, 'store'>, needed: (typeof neededRoles)[string]): Promise<string[]> {
  return (await store.operators.list()).filter(({ role }) => mayUse(role, needed)).map(({ name }) => name);
}
