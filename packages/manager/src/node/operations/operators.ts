import { API_SCHEMA, type DoneAnswer, type OperatorAddedAnswer, type OperatorsAnswer } from '../../api/contract.ts';
import type { OperatorRole } from '../../api/roles.ts';
import { ManagerError } from '../../error.ts';
import type { Services } from './services.ts';

/** Everybody with a role, and until when their newest certificate holds. */
export async function listOperators({ store, cluster, configuration }: Services): Promise<OperatorsAnswer> {
  const operators = (await store.operators.list()).map(({ name, role, addedAt }) => {
    const certificate = cluster.issuedTo(name).findLast((one) => one.role === 'operator');
    return {
      name,
      role,
      addedAt: new Date(addedAt).toISOString(),
      notAfter: certificate === undefined ? null : new Date(certificate.notAfter).toISOString(),
    };
  });
  return { schema: API_SCHEMA, node: configuration.node, operators };
}

/** Gives a person a role, and a certificate with its key, which is in the answer and nowhere else. */
export async function addOperator(
  { cluster, configuration, clock, journal, store, trustChanged }: Services,
  { name, role }: { readonly name: string; readonly role: OperatorRole },
): Promise<OperatorAddedAnswer> {
  // A certificate of an earlier holder of the name must not bring back what they lost.
  if ((await store.operators.roleOf(name)) === undefined) {
    const earlier = await cluster.revokeOperator(name, 'the name was given anew', clock.now());
    if (earlier > 0) await trustChanged();
  }
  await store.operators.add({ name, role, addedAt: clock.now() });
  try {
    const issued = await cluster.issueOperatorCertificate(name, clock.now());
    await journal.event('operator-added', { reason: role, cause: `The operator ${name} was added as ${role}.` });
    return {
      schema: API_SCHEMA,
      node: configuration.node,
      certificatePem: issued.chainPem,
      privateKeyPem: issued.privateKeyPem.reveal(),
      trustBundlePem: cluster.trustBundlePem(),
    };
  } catch (error) {
    await store.operators.remove(name);
    throw error;
  }
}

/** Takes a person's role, stops believing their certificates, and closes their connections. */
export async function removeOperator(
  { cluster, configuration, clock, journal, store, trustChanged }: Services,
  name: string,
): Promise<DoneAnswer> {
  // The role first: whatever happens then, nothing more is allowed.
  if (!(await store.operators.remove(name))) {
    throw new ManagerError('manager.operator-unknown', `There is no operator ${name}.`, {
      nextStep: `List them with: trustline operator list. One who was removed is added again with: trustline operator add ${name} --role ROLE --out FOLDER`,
    });
  }
  const revoked = await cluster.revokeOperator(name, 'the operator was removed', clock.now());
  await trustChanged();
  await journal.event('operator-removed', {
    cause: `The operator ${name} was removed; ${revoked} certificates are no longer believed.`,
  });
  return { schema: API_SCHEMA, node: configuration.node, done: true };
}
