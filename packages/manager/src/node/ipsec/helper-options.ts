import { readFileSync } from 'node:fs';
import { IpsecError } from '@trustline/ipsec';
import type { IpsecHelperOptions } from '@trustline/ipsec/node';
import type { Configuration } from '../../configuration/schema.ts';

/**
 * How the helper is run by this configuration.
 *
 * @throws {IpsecError} ipsec.setting when there is no such group on this machine
 */
export function helperOptions({
  folder,
  stateFile,
  stack,
  table,
  group,
  helper,
}: Configuration['ipsec']): Omit<IpsecHelperOptions, 'say'> {
  return {
    folder,
    stateFile,
    stack: stack === 'kernel' ? 'kernel' : 'kernel-libipsec',
    table,
    // Of its own process nobody else needs the sockets.
    ...(helper === 'own' ? {} : { group: groupOf(group) }),
  };
}

/** group(5): name, password, number, members. */
function groupOf(name: string): number {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  const number = Number(line?.split(':')[2] ?? Number.NaN);
  if (Number.isSafeInteger(number)) return number;
  throw new IpsecError('ipsec.setting', `There is no group ${name} on this machine`, {
    nextStep: `make it (groupadd --system ${name}), or name that of the manager’s user as ipsec.group`,
  });
}
