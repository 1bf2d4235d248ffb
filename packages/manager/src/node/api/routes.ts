import { entryContent } from '@trustline/evidence';
import type { z } from 'zod';
import { issuedRequest, lscAuthoritiesRequest } from '../../api/capf-contract.ts';
import {
  API_SCHEMA,
  addDeviceRequest,
  backupRequest,
  certificateRequest,
  type DoneAnswer,
  drainRequest,
  eraseRequest,
  importRequest,
  operatorRequest,
  pinRequest,
  tokenCertificateRequest,
} from '../../api/contract.ts';
import { enrolmentRequest } from '../../api/enrolment-contract.ts';
import { gatewayRequest } from '../../api/gateways-contract.ts';
import { gatewayCertificateRequest } from '../../api/ipsec-contract.ts';
import { forwardingRequest, lineLimitsRequest, waitingMessagesRequest } from '../../api/lines-contract.ts';
import {
  manufacturerRemovalRequest,
  manufacturerRenewalRequest,
  manufacturersRequest,
  revocationListRequest,
  revokeRequest,
} from '../../api/outside-contract.ts';
import { renewalRequest } from '../../api/renewal-contract.ts';
import { completeWaveRequest, publishRequest } from '../../api/trust-contract.ts';
import { following } from '../following.ts';
import type { JournalNotice } from '../journal.ts';
import { testAlarms } from '../operations/alarms.ts';
import { writeBackup } from '../operations/backup.ts';
import { explainCall, listCalls } from '../operations/calls.ts';
import {
  importIssued,
  importLscAuthorities,
  listLscAuthorities,
  removeLscAuthority,
  waitingRequests,
} from '../operations/capf.ts';
import {
  addDevice,
  deviceCredentials,
  listDevices,
  pinDevice,
  removeDevice,
  resetDevice,
} from '../operations/devices.ts';
import {
  cancelEnrolment,
  listEnrolments,
  manufacture,
  openEnrolment,
  unlockEnrolment,
} from '../operations/enrolment.ts';
import { addGateway, listGateways, showGateway } from '../operations/gateways.ts';
import { checkGateway, explainGateway, ipsecStatus, issueGatewayCertificate } from '../operations/ipsec.ts';
import { forwardLine, limitLine, listLines, setWaitingMessages } from '../operations/lines.ts';
import {
  importManufacturers,
  listManufacturers,
  removeManufacturer,
  renewManufacturer,
} from '../operations/manufacturers.ts';
import { addOperator, listOperators, removeOperator } from '../operations/operators.ts';
import { importRevocationList, publishedRevocationList, revokeCertificate } from '../operations/outside.ts';
import { importCertificate, issueTokenCertificate, pkiStatus, requestCertificate } from '../operations/pki.ts';
import { renewCertificate } from '../operations/renewal.ts';
import type { Services } from '../operations/services.ts';
import { showConfiguration, status } from '../operations/status.ts';
import { callMessages, deviceMessages } from '../operations/tracing.ts';
import {
  completeWave,
  publishList,
  signItl,
  trustList,
  trustServers,
  trustStatus,
  waveStatus,
} from '../operations/trust.ts';
import type { Stream } from './answers.ts';

const day = 86_400_000;
const eventsShown = 50;
const eventsShownAtMost = 1_000;

interface RouteInput {
  /** The variable parts of the path, in order. */
  readonly parameters: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Aborted when the reader has gone, or the manager stops. */
  readonly signal: AbortSignal;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Segments behind the version; `:name` stands for any. */
  readonly path: string;
  readonly body?: z.ZodType;
  handle(services: Services, input: RouteInput): Promise<unknown> | Stream;
}

/** Every request that the interface knows. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/status', handle: (services) => status(services) },
  { method: 'GET', path: '/devices', handle: (services) => listDevices(services) },
  withBody('POST', '/devices', addDeviceRequest, (services, body) => addDevice(services, body)),
  {
    method: 'DELETE',
    path: '/devices/:name',
    async handle(services, { parameters: [name = ''] }) {
      await removeDevice(services, name);
      return done(services);
    },
  },
  {
    method: 'POST',
    path: '/devices/:name/reset',
    async handle(services, { parameters: [name = ''] }) {
      await resetDevice(services, name);
      return done(services);
    },
  },
  {
    method: 'POST',
    path: '/devices/:name/credentials',
    handle: (services, { parameters: [name = ''] }) => deviceCredentials(services, name),
  },
  withBody('POST', '/devices/:name/pin', pinRequest, (services, body, [name = '']) => pinDevice(services, name, body)),
  withBody('POST', '/devices/:name/enrolment', enrolmentRequest, (services, body, [name = '']) =>
    openEnrolment(services, name, body),
  ),
  {
    method: 'DELETE',
    path: '/devices/:name/enrolment',
    async handle(services, { parameters: [name = ''] }) {
      await cancelEnrolment(services, name);
      return done(services);
    },
  },
  {
    method: 'POST',
    path: '/devices/:name/enrolment/unlock',
    async handle(services, { parameters: [name = ''] }) {
      unlockEnrolment(services, name);
      return done(services);
    },
  },
  {
    method: 'POST',
    path: '/devices/:name/manufacture',
    handle: (services, { parameters: [name = ''] }) => manufacture(services, name),
  },
  { method: 'GET', path: '/gateways', handle: (services) => listGateways(services) },
  withBody('POST', '/gateways', gatewayRequest, (services, body) => addGateway(services, body)),
  {
    method: 'GET',
    path: '/gateways/:name',
    handle: (services, { parameters: [name = ''] }) => showGateway(services, name),
  },
  { method: 'GET', path: '/lines', handle: (services) => listLines(services) },
  withBody('POST', '/lines/:number/forwarding', forwardingRequest, (services, body, [number = '']) =>
    forwardLine(services, number, body),
  ),
  withBody('POST', '/lines/:number/limits', lineLimitsRequest, (services, body, [number = '']) =>
    limitLine(services, number, body),
  ),
  withBody('POST', '/lines/:number/messages', waitingMessagesRequest, (services, body, [number = '']) =>
    setWaitingMessages(services, number, body),
  ),
  { method: 'GET', path: '/enrolments', handle: (services) => listEnrolments(services) },
  { method: 'GET', path: '/capf/requests', handle: async (services) => waitingRequests(services) },
  withBody('POST', '/capf/certificates', issuedRequest, (services, body) => importIssued(services, body)),
  { method: 'GET', path: '/trust', handle: (services) => trustStatus(services) },
  { method: 'GET', path: '/trust/servers', handle: (services) => trustServers(services) },
  {
    method: 'GET',
    path: '/trust/lists/:number',
    handle: (services, { parameters: [number = ''] }) => trustList(services, Number(number)),
  },
  withBody('POST', '/trust/lists', publishRequest, (services, body) => publishList(services, body)),
  {
    method: 'POST',
    path: '/trust/itl',
    handle: async (services) => {
      await signItl(services);
      return done(services);
    },
  },
  { method: 'GET', path: '/trust/wave', handle: (services) => waveStatus(services) },
  withBody('POST', '/trust/wave/complete', completeWaveRequest, async (services, body) => {
    await completeWave(services, body);
    return done(services);
  }),
  { method: 'GET', path: '/calls', handle: (services) => listCalls(services) },
  {
    method: 'GET',
    path: '/calls/messages',
    handle: (services, { signal }) => ({ lines: callMessages(services, signal) }),
  },
  {
    method: 'GET',
    path: '/calls/:call',
    handle: (services, { parameters: [call = ''] }) => explainCall(services, call),
  },
  {
    method: 'POST',
    path: '/devices/:name/messages',
    handle: async (services, { parameters: [name = ''], signal }) => ({
      lines: await deviceMessages(services, name, false, signal),
    }),
  },
  {
    method: 'POST',
    path: '/devices/:name/messages/decrypted',
    handle: async (services, { parameters: [name = ''], signal }) => ({
      lines: await deviceMessages(services, name, true, signal),
    }),
  },
  { method: 'GET', path: '/events', handle: (services, input) => ({ lines: events(services, input) }) },
  { method: 'GET', path: '/records/export', handle: ({ journal }) => ({ lines: journal.exportLines() }) },
  {
    method: 'GET',
    path: '/records/head',
    handle: async ({ journal, configuration }) => ({
      schema: API_SCHEMA,
      node: configuration.node,
      head: await journal.head(),
    }),
  },
  withBody('POST', '/records/erase', eraseRequest, async ({ journal, clock, configuration }, { olderThanDays }) => ({
    schema: API_SCHEMA,
    node: configuration.node,
    erased: await journal.erase(clock.now() - olderThanDays * day, `older than ${olderThanDays} days, by an operator`),
  })),
  { method: 'GET', path: '/pki', handle: async (services) => pkiStatus(services) },
  withBody('POST', '/pki/requests', certificateRequest, (services, { role }) => requestCertificate(services, role)),
  withBody('POST', '/pki/certificates', importRequest, (services, body) => importCertificate(services, body)),
  withBody('POST', '/pki/renewals', renewalRequest, (services, body) => renewCertificate(services, body)),
  {
    method: 'GET',
    path: '/pki/revocation/:role',
    handle: (services, { parameters: [role = ''] }) => publishedRevocationList(services, role),
  },
  withBody('POST', '/pki/revocation', revocationListRequest, (services, body) => importRevocationList(services, body)),
  withBody('POST', '/pki/revoked', revokeRequest, (services, body) => revokeCertificate(services, body)),
  { method: 'GET', path: '/pki/manufacturers', handle: async (services) => listManufacturers(services) },
  withBody('POST', '/pki/manufacturers', manufacturersRequest, (services, body) => importManufacturers(services, body)),
  withBody('POST', '/pki/manufacturers/renewals', manufacturerRenewalRequest, (services, body) =>
    renewManufacturer(services, body),
  ),
  withBody('POST', '/pki/manufacturers/removals', manufacturerRemovalRequest, (services, body) =>
    removeManufacturer(services, body),
  ),
  { method: 'GET', path: '/pki/lsc-authorities', handle: async (services) => listLscAuthorities(services) },
  withBody('POST', '/pki/lsc-authorities', lscAuthoritiesRequest, (services, body) =>
    importLscAuthorities(services, body),
  ),
  {
    method: 'DELETE',
    path: '/pki/lsc-authorities/:fingerprint',
    handle: (services, { parameters: [fingerprint = ''] }) => removeLscAuthority(services, fingerprint),
  },
  withBody('POST', '/tokens/certificates', tokenCertificateRequest, (services, body) =>
    issueTokenCertificate(services, body),
  ),
  { method: 'GET', path: '/operators', handle: (services) => listOperators(services) },
  withBody('POST', '/operators', operatorRequest, (services, body) => addOperator(services, body)),
  {
    method: 'DELETE',
    path: '/operators/:name',
    handle: (services, { parameters: [name = ''] }) => removeOperator(services, name),
  },
  { method: 'GET', path: '/ipsec', handle: (services) => ipsecStatus(services) },
  {
    method: 'GET',
    path: '/ipsec/:gateway',
    handle: (services, { parameters: [gateway = ''] }) => explainGateway(services, gateway),
  },
  {
    method: 'POST',
    path: '/ipsec/:gateway/check',
    handle: (services, { parameters: [gateway = ''] }) => checkGateway(services, gateway),
  },
  withBody('POST', '/ipsec/:gateway/certificates', gatewayCertificateRequest, (services, body, [gateway = '']) =>
    issueGatewayCertificate(services, gateway, body),
  ),
  { method: 'POST', path: '/alarms/test', handle: (services) => testAlarms(services) },
  {
    method: 'POST',
    path: '/backup',
    body: backupRequest,
    handle: (services, { body }) => writeBackup(services, (body as z.output<typeof backupRequest>).passphrase),
  },
  { method: 'GET', path: '/configuration', handle: async (services) => showConfiguration(services) },
  withBody('POST', '/drain', drainRequest, async (services, { seconds }) => {
    await services.journal.event('stop-requested', { cause: 'The call manager was asked to stop.' });
    services.drain((seconds ?? services.configuration.drainSeconds) * 1_000);
    return done(services);
  }),
];

function withBody<Schema extends z.ZodType>(
  method: 'POST',
  path: string,
  body: Schema,
  handle: (services: Services, body: z.output<Schema>, parameters: readonly string[]) => Promise<unknown>,
): Route {
  return {
    method,
    path,
    body,
    handle: (services, input) => handle(services, input.body as z.output<Schema>, input.parameters),
  };
}

export function done({ configuration }: Pick<Services, 'configuration'>): DoneAnswer {
  return { schema: API_SCHEMA, node: configuration.node, done: true };
}

/** The last events, one a line, and with `follow` all that come. Nothing is missed or told twice between the two. */
async function* events({ journal, store }: Services, { query, signal }: RouteInput): AsyncGenerator<string> {
  const wanted = Number(query.get('limit') ?? eventsShown);
  const limit = Number.isSafeInteger(wanted) ? Math.min(Math.max(wanted, 0), eventsShownAtMost) : eventsShown;
  const coming =
    query.get('follow') === '1'
      ? following<JournalNotice>((listener) => journal.subscribe(listener), signal)
      : undefined;
  await journal.flush();
  let last = 0;
  for (const entry of await store.evidence.latest(limit, 'events')) {
    last = entry.sequence;
    const content = entryContent(entry);
    if (content?.kind === 'event') yield `${JSON.stringify(content.event)}\n`;
  }
  if (coming === undefined) return;
  for await (const { sequence, content } of coming) {
    if (content.kind !== 'event' || (sequence !== undefined && sequence <= last)) continue;
    yield `${JSON.stringify(content.event)}\n`;
  }
}
