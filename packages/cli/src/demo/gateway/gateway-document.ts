import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayCertificateAnswer } from '@trustline/manager';
import type { ManagerClient } from '@trustline/manager/node';
import { type GatewayDemoOptions, gatewayPlan } from './plan.ts';

/** The document of the gateway; where IPsec is to protect it, with its certificate and key beside it. */
export async function gatewayDocument(
  { scene, network }: GatewayDemoOptions,
  client: ManagerClient,
  folder: string,
): Promise<string> {
  const { name, port } = gatewayPlan;
  const isProtected = scene === 'protected';
  const issued = isProtected ? await client.issueGatewayCertificate(name, { addresses: [network.gateway] }) : undefined;
  const manager = [
    'name: cm1',
    `address: ${network.manager}`,
    `srtp: ${scene === 'clear' ? 'prefer' : 'require'}`,
    'tunnelling: true',
    ...(issued === undefined ? [] : [`ipsec: { identity: ${issued.managerIdentity} }`]),
  ];
  const lines = [
    `name: ${name}`,
    'h323:',
    `  address: ${network.gateway}`,
    `  port: ${isProtected ? 1720 : 0}`,
    '  callManagers:',
    `    - { ${manager.join(', ')} }`,
    `media: { address: ${network.gatewayMedia} }`,
    `ports: [{ name: ${port}, kind: pri, line: simulation }]`,
    'dialPeers:',
    `  - { name: out, pattern: T, to: { port: ${port} } }`,
  ];
  if (issued !== undefined) lines.push(...ipsecLines(network, issued, folder));
  return `${lines.join('\n')}\n`;
}

function ipsecLines(
  { gateway }: GatewayDemoOptions['network'],
  { certificatePem, privateKeyPem, authorityPem }: GatewayCertificateAnswer,
  folder: string,
): readonly string[] {
  const own = join(folder, 'gateway');
  mkdirSync(own, { mode: 0o700 });
  const write = (name: string, text: string) => writeFileSync(join(own, name), text, { mode: 0o600 });
  write('gateway.crt.pem', certificatePem);
  write('gateway.key.pem', privateKeyPem ?? '');
  write('ipsec-ca.pem', authorityPem);
  return [
    'ipsec:',
    '  helper: own',
    `  folder: ${own}/ipsec`,
    `  stateFile: ${own}/guard.json`,
    `  localIdentity: ${gateway}`,
    '  certificate: gateway/gateway.crt.pem',
    '  key: gateway/gateway.key.pem',
    '  authority: gateway/ipsec-ca.pem',
  ];
}
