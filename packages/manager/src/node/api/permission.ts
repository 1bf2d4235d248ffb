import { type Actor, actorText, mayUse, neededRoles, type OperatorRole } from '../../api/roles.ts';
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
  const nextStep = needed === undefined ? `Run it ${there}.` : await whoMay(services, needed);
  await onBehalfOf({ actor: actorText(actor) }, async () =>
    services.journal.event('operation-refused', { reason: 'role-needed', cause: message, nextStep }),
  );
  throw new ManagerError('manager.role-needed', message, { nextStep });
}

const there = 'where the manager runs, as its user';

/** Who can do it, and who can give the role to somebody. */
async function whoMay({ store }: Pick<Services, 'store'>, needed: OperatorRole): Promise<string> {
  const operators = await store.operators.list();
  const holders = operators.filter(({ role }) => mayUse(role, needed)).map(({ name }) => name);
  const officers = operators.filter(({ role }) => role === 'trust-officer').map(({ name }) => name);
  const hold = `who hold${holders.length === 1 ? 's' : ''} it`;
  const who = holders.length === 0 ? 'Nobody holds it' : `Ask ${holders.join(', ')}, ${hold}`;
  const givers = officers.length === 0 ? 'there' : `by ${officers.join(', ')}, or there`;
  const give = `The role is given ${givers}: trustline operator add NAME --role ${needed}`;
  return `${who}; or run the command ${there}. ${give}`;
}
