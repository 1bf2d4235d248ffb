import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { readPassphrase } from '@trustline/pki/node';
import type { Configuration } from '../../configuration/schema.ts';
import { version } from '../../version.ts';
import type { ManagerContext, ManagerPart } from '../parts.ts';
import { traceCall } from './call-traces.ts';

type TracesConfiguration = NonNullable<Configuration['telemetry']['traces']>;

/**
 * Sends each call that ends, as a trace, to a collector of OpenTelemetry (OTLP over HTTP). What it does not take is lost:
 * calls never wait for it, and the records have everything.
 *
 * @param base folder that the paths of the configuration are relative to
 */
export function createTelemetry(
  { configuration, journal }: Pick<ManagerContext, 'configuration' | 'journal'>,
  traces: TracesConfiguration,
  base: string,
): ManagerPart {
  let stop = async () => {};
  return {
    async start() {
      const provider = new TracerProvider({
        resource: resourceFromAttributes({
          'service.name': 'trustline',
          'service.version': version,
          'service.instance.id': configuration.node,
        }),
        spanProcessors: [new BatchSpanProcessor({ exporter: await exporterTo(traces, base) })],
      });
      const tracer = provider.getTracer('trustline', version);
      const unsubscribe = journal.subscribe(({ content }) => {
        if (content.kind === 'call') traceCall(tracer, content.record);
      });
      stop = async () => {
        unsubscribe();
        await provider.shutdown().catch(() => undefined);
      };
    },
    stop: () => stop(),
  };
}

async function exporterTo(
  { url, authorizationFile, trustFile }: TracesConfiguration,
  base: string,
): Promise<OTLPTraceExporter> {
  const secret =
    authorizationFile === undefined
      ? undefined
      : await readPassphrase({ kind: 'file', path: resolve(base, authorizationFile) }, {});
  return new OTLPTraceExporter({
    url,
    userAgent: `Trustline/${version}`,
    ...(secret === undefined ? {} : { headers: { authorization: secret.reveal() } }),
    ...(trustFile === undefined ? {} : { httpAgentOptions: { ca: readFileSync(resolve(base, trustFile), 'utf8') } }),
  });
}
