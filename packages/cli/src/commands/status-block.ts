import type { StatusAnswer } from '@trustline/manager';

/** `mixed mode · lab trust`: said in every status line until real tokens replace the lab's trust. */
function modeLine({ securityMode, trustNotice }: StatusAnswer): string {
  return trustNotice === null ? `${securityMode} mode` : `${securityMode} mode · ${trustNotice}`;
}

function awaited(phones: number): string {
  const who = phones === 1 ? '1 phone waits' : `${phones} phones wait`;
  return `${who} for a certificate of the outside authority: trustline capf csr`;
}

/** Nothing where there is none. */
function trunks({ trunks: { connected, out, unproven } }: StatusAnswer): readonly string[][] {
  if (connected + out.length + unproven.length === 0) return [];
  const withoutProof =
    unproven.length === 0 ? '' : `; IPsec NOT PROVEN: ${unproven.join(', ')} (trustline ipsec explain)`;
  const missing = out.length === 0 ? '' : `; OUT: ${out.join(', ')} (trustline devices)`;
  return [['trunks', `${connected} trunks and gateways connected${missing}${withoutProof}`]];
}

function ipsecLine({
  tunnels,
  protected: isProtected,
  isGuardInPlace,
  problem,
}: NonNullable<StatusAnswer['ipsec']>): string {
  const gateways = `${isProtected} of ${tunnels} gateways protected`;
  if (problem !== null) return `${gateways}, NO KEY GOES: ${problem}`;
  return isGuardInPlace ? gateways : `${gateways}, NO KEY GOES: the guard is not in place`;
}

/** Phones alone register: how many there are is said where others are among the devices. */
function devicesLine({ devices, phones, registered }: StatusAnswer): string {
  const ofPhones = phones === devices ? '' : ` (${phones} ${phones === 1 ? 'phone' : 'phones'})`;
  return `${devices}${ofPhones}, ${registered} registered`;
}

/** What a manager is and does now, for a terminal. */
export function statusBlock(status: StatusAnswer): string {
  const { records, metrics, provisioning } = status;
  const services = provisioning.map(({ service, port }) => `${service} ${port}`);
  const listeners = status.listeners.map(
    ({ transport, host, port, legacy }) => `${transport} ${host}:${port}${legacy ? ' (LEGACY: insecure)' : ''}`,
  );
  const kept = records.full ? `, DISK FULL: ${records.kept} kept in memory, ${records.lost} lost` : '';
  const rows = [
    ['data folder', status.dataFolder],
    ['listening', listeners.join(', ') || 'nowhere'],
    ...(provisioning.length === 0 ? [] : [['provisioning', services.join(', ')]]),
    ...(metrics === null ? [] : [['metrics', `http ${metrics.host}:${metrics.port}`]]),
    ...(status.ipsec === null ? [] : [['ipsec', ipsecLine(status.ipsec)]]),
    ['devices', devicesLine(status)],
    ...trunks(status),
    ...(status.awaitingCertificate === 0 ? [] : [['awaited', awaited(status.awaitingCertificate)]]),
    ['calls', String(status.calls)],
    ['records', `${records.entries} entries, signed${kept}`],
  ];
  const draining = status.state === 'draining' ? ' · DRAINING' : '';
  const title = `Trustline ${status.version} · ${status.node} · ${modeLine(status)}${draining}`;
  const why = status.noKeysBecause === null ? [] : [`  No device is given keys: ${status.noKeysBecause}.`];
  return `${[title, ...why, ...rows.map(([name = '', value]) => `  ${name.padEnd(12)} ${value}`)].join('\n')}\n`;
}
