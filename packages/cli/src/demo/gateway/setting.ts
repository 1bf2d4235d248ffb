import { setTimeout as delay } from 'node:timers/promises';
import type { ManagerClient } from '@trustline/manager/node';
import { demoFailed } from '../error.ts';
import { type GatewayDemoOptions, gatewayPlan } from './plan.ts';

/** How long IKE may take; it tries again by itself. */
const TUNNEL_PATIENCE = 30_000;

/** What the manager's document has beside what it has in every demo: H.323, the way to the gateway, and IPsec. */
export function managerLines(
  { scene, network }: Pick<GatewayDemoOptions, 'scene' | 'network'>,
  folder: string,
): readonly string[] {
  const { name, accessCode } = gatewayPlan;
  const lines = [
    'dialPlan:',
    `  - { to: trunk, pattern: "${accessCode}.!", devices: [${name}], discardAccessCode: true }`,
    // A relay would protect the phone's half of a call whose other half is heard.
    `media: { relay: ${scene === 'clear' ? 'never' : 'needed'} }`,
  ];
  if (scene !== 'protected') return lines;
  return [
    ...lines,
    'ipsec:',
    '  enabled: true',
    '  helper: own',
    `  folder: ${folder}/ipsec`,
    `  stateFile: ${folder}/guard.json`,
    '  group: root',
    `  tunnels: [{ gateway: ${name}, local: ${network.manager}, remote: ${network.gateway} }]`,
  ];
}

/** Adds the gateway, as an operator does, and waits for its tunnel where there is to be one. */
export async function addGateway(
  { scene, network, say }: GatewayDemoOptions,
  client: ManagerClient,
  port: number,
): Promise<void> {
  const { name } = gatewayPlan;
  await client.addGateway({
    name,
    addresses: [network.gateway],
    port,
    mediaAddress: network.gatewayMedia,
    policy: scene === 'clear' ? 'prefer' : 'require',
  });
  if (scene !== 'protected') return;
  say('waiting for IKE to make the tunnel to the gateway');
  const until = performance.now() + TUNNEL_PATIENCE;
  while (!(await client.ipsec()).tunnels.some(({ isProtected }) => isProtected)) {
    if (performance.now() > until) {
      const { points } = await client.explainGateway(name);
      const missing = points.filter(({ holds }) => holds === false).map(({ message }) => message);
      throw demoFailed(`There is no tunnel to the gateway after ${TUNNEL_PATIENCE / 1_000} s: ${missing.join('; ')}.`);
    }
    await delay(100);
  }
}
