import { API_SCHEMA, type ConfigurationAnswer, type StatusAnswer, type TrunkStatus } from '../../api/contract.ts';
import { version } from '../../version.ts';
import type { StoredDevice } from '../store/devices.ts';
import { ipsecSummary } from './ipsec.ts';
import { noKeysBecause } from './no-keys.ts';
import type { Services } from './services.ts';

export async function status(services: Services): Promise<StatusAnswer> {
  const { configuration, loaded, cluster, store, journal, signalling, clock } = services;
  const bindings = (signalling?.registrations() ?? []).filter(({ expiresAt }) => expiresAt > clock.now());
  const https = services.httpsListener();
  const devices = await store.devices.list();
  return {
    schema: API_SCHEMA,
    node: configuration.node,
    version,
    processId: process.pid,
    state: services.draining() ? 'draining' : 'running',
    startedAt: new Date(services.startedAt).toISOString(),
    dataFolder: loaded.dataFolder,
    clusterKind: cluster.kind,
    securityMode: cluster.trust.securityMode(),
    trustNotice: cluster.trust.statusNotice() ?? null,
    noKeysBecause: await noKeysBecause(services),
    listeners: [
      ...(signalling?.listeners() ?? []),
      ...(https === undefined ? [] : [{ transport: 'https' as const, ...https, legacy: false, digestAlgorithms: [] }]),
    ],
    metrics: services.metricsListener() ?? null,
    provisioning: services.provisioning?.listeners() ?? [],
    ipsec: await ipsecSummary(services),
    devices: devices.length,
    phones: devices.filter(({ kind }) => kind === 'phone').length,
    // A phone whose connection is gone has a binding left, and is not there.
    registered: new Set(bindings.filter(({ remoteAddress }) => remoteAddress !== '').map(({ device }) => device)).size,
    trunks: trunksOf(services, devices),
    awaitingCertificate: (services.provisioning?.enrolment.enrolments.boundKeys() ?? []).filter(
      ({ outside }) => outside.certificate === undefined,
    ).length,
    calls: signalling?.calls().length ?? 0,
    records: journal.status(),
  };
}

function trunksOf({ signalling }: Services, devices: readonly StoredDevice[]): StatusAnswer['trunks'] {
  const trunks = devices.flatMap(({ name, kind }) => (kind === 'phone' ? [] : [{ name, is: signalling?.trunk(name) }]));
  const isConnected = (is: TrunkStatus | undefined) =>
    is !== undefined && is.connections.length > 0 && is.isUnproven !== true;
  const isIn = (is: TrunkStatus | undefined) => isConnected(is) && is?.setAside === null;
  return {
    connected: trunks.filter(({ is }) => isConnected(is)).length,
    out: trunks.flatMap(({ name, is }) => (isIn(is) || is?.isUnproven === true ? [] : [name])),
    unproven: trunks.flatMap(({ name, is }) => (is?.isUnproven === true ? [name] : [])),
  };
}

/** The effective configuration. It holds no secret itself; the file that does is not named to strangers. */
export function showConfiguration({ configuration, loaded }: Services): ConfigurationAnswer {
  return {
    schema: API_SCHEMA,
    node: configuration.node,
    file: loaded.file ?? null,
    configuration: redactedConfiguration(configuration),
  };
}

type WebhookConfiguration = NonNullable<Services['configuration']['alarms']['webhook']>;

/** The configuration with what leads to secrets hidden. */
export function redactedConfiguration(configuration: Services['configuration']): unknown {
  const { passphraseFile, ...identity } = configuration.identity;
  const { webhook, ...alarms } = configuration.alarms;
  const { traces } = configuration.telemetry;
  return {
    ...configuration,
    // The path of a webhook is a secret, more often than not.
    alarms: webhook === undefined ? alarms : { ...alarms, webhook: redactedWebhook(webhook) },
    telemetry: traces === undefined ? {} : { traces: redactedWebhook(traces) },
    identity: passphraseFile === undefined ? identity : { ...identity, passphraseFile: '[redacted]' },
  };
}

function redactedWebhook({ url, authorizationFile, ...rest }: WebhookConfiguration): unknown {
  const hidden = authorizationFile === undefined ? {} : { authorizationFile: '[redacted]' };
  return { url: `${new URL(url).origin}/[redacted]`, ...hidden, ...rest };
}
