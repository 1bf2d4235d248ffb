/**
 * What the manager shows to Prometheus: its text format, version 0.0.4. Nothing in it names a device, a line or a
 * person, because whoever reaches the port may read it.
 */

/** Numbers of one moment. */
export interface MetricsSnapshot {
  readonly node: string;
  readonly version: string;
  readonly securityMode: string;
  readonly isDraining: boolean;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly devices: number;
  readonly registered: number;
  readonly calls: number;
  readonly transcodedCalls: number;
  readonly connections: number;
  /** Events since the start, by kind. */
  readonly events: ReadonlyMap<string, number>;
  readonly records: {
    readonly entries: number;
    readonly kept: number;
    readonly lost: number;
    readonly full: boolean;
  };
  /** The protection of gateways; undefined where IPsec is not enabled. */
  readonly ipsec:
    | {
        readonly tunnels: number;
        readonly protected: number;
        readonly isGuardInPlace: boolean;
        readonly dropped: { readonly inbound: number; readonly outbound: number };
      }
    | undefined;
  /** Certificates in use; `notAfter` in epoch milliseconds. */
  readonly certificates: readonly { readonly role: string; readonly notAfter: number }[];
}

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

/** The media type of {@link metricsText}. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** Writes a snapshot in the text format. */
export function metricsText(snapshot: MetricsSnapshot): string {
  return `${metricsOf(snapshot).map(metricText).join('\n')}\n`;
}

function metricsOf(snapshot: MetricsSnapshot): readonly Metric[] {
  const { node, version, securityMode, records } = snapshot;
  const gauge = (name: string, help: string, value: number): Metric => ({
    name,
    type: 'gauge',
    help,
    samples: [{ value }],
  });
  return [
    {
      name: 'trustline_info',
      type: 'gauge',
      help: 'The manager: always 1.',
      samples: [{ labels: { node, version, security_mode: securityMode }, value: 1 }],
    },
    gauge('trustline_start_time_seconds', 'When it started, in seconds since the epoch.', snapshot.startedAt / 1_000),
    gauge('trustline_draining', '1 while no new calls are taken.', Number(snapshot.isDraining)),
    gauge('trustline_devices', 'Devices that were added.', snapshot.devices),
    gauge('trustline_registered_devices', 'Devices that are registered and connected.', snapshot.registered),
    gauge('trustline_calls', 'Calls in progress.', snapshot.calls),
    gauge('trustline_transcoded_calls', 'Calls whose ends the relay transcodes between.', snapshot.transcodedCalls),
    gauge('trustline_connections', 'Open connections of devices, TLS and TCP.', snapshot.connections),
    {
      name: 'trustline_events_total',
      type: 'counter',
      help: 'Security events since the start, by kind.',
      samples: [...snapshot.events].map(([kind, value]) => ({ labels: { kind }, value })),
    },
    gauge('trustline_records_entries', 'Entries in the chain of records.', records.entries),
    gauge('trustline_records_kept', 'Entries that wait in memory because the disk is full.', records.kept),
    gauge('trustline_records_lost', 'Entries lost while the disk is full.', records.lost),
    gauge('trustline_records_full', '1 while the disk takes no records.', Number(records.full)),
    ...ipsecMetrics(snapshot.ipsec, gauge),
    {
      name: 'trustline_certificate_expiry_timestamp_seconds',
      type: 'gauge',
      help: 'When the certificate in use for a role expires, in seconds since the epoch.',
      samples: snapshot.certificates.map(({ role, notAfter }) => ({ labels: { role }, value: notAfter / 1_000 })),
    },
  ];
}

function ipsecMetrics(
  ipsec: MetricsSnapshot['ipsec'],
  gauge: (name: string, help: string, value: number) => Metric,
): readonly Metric[] {
  if (ipsec === undefined) return [];
  return [
    gauge('trustline_ipsec_tunnels', 'Gateways that are to be protected by IPsec.', ipsec.tunnels),
    gauge('trustline_ipsec_protected', 'Gateways that are.', ipsec.protected),
    gauge(
      'trustline_ipsec_guard',
      '1 while the guard against signalling in the clear is in place.',
      Number(ipsec.isGuardInPlace),
    ),
    {
      name: 'trustline_ipsec_clear_packets_dropped_total',
      type: 'counter',
      help: 'Packets that went around a tunnel and were dropped, by direction.',
      samples: Object.entries(ipsec.dropped).map(([direction, value]) => ({ labels: { direction }, value })),
    },
  ];
}

function metricText({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
