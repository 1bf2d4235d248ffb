import type { Services } from './services.ts';

/** Why no device is given keys, and what to do about it; null in mixed mode. */
export async function noKeysBecause({
  cluster,
  trust,
  configuration,
}: Pick<Services, 'cluster' | 'trust' | 'configuration'>): Promise<string | null> {
  if (cluster.trust.securityMode() === 'mixed') return null;
  const ctl = await trust.lists.current('CTL');
  if (cluster.kind === 'lab' && (ctl === undefined || trust.isLabs(ctl.list))) {
    return `trustline.yaml says securityMode: ${configuration.securityMode}; set it to mixed and start again`;
  }
  return ctl === undefined
    ? 'no CTL is published: trustline ctl create makes one with two security tokens'
    : 'the CTL says that the cluster is non-secure: trustline ctl set-cluster mixed changes that';
}
