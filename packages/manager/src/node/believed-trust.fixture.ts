import type { TestCertificates } from '@trustline/testing';
import type { ManagerContext } from './parts.ts';

/** A cluster with the trust of a test in the place of its own: that is all that is not the manager's. */
export function believing(
  cluster: ManagerContext['cluster'],
  { trust }: Pick<TestCertificates, 'trust'>,
): ManagerContext['cluster'] {
  return new Proxy(cluster, {
    get(target, property) {
      if (property === 'trust') return trust;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
