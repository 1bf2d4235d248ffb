import { randomBytes } from 'node:crypto';
import { SipUserAgent, type SipUserAgentOutput } from '@trustline/sip';
import { SipDriver } from '@trustline/sip/node';
import { trunk as trunkSchema } from '../configuration/trunk-schema.ts';
import type { ProvenCarrier } from './trunk-credentials.ts';
import { type TrunkCheck, TrunkLink } from './trunk-link.ts';

/** How a carrier is to be tried. */
export interface TrunkTrial {
  readonly name: string;
  /** A domain or host, with or without port. */
  readonly server: string;
  readonly transport: 'tls' | 'tcp' | 'udp';
  /** What its certificate has to be for, where that is not the server. */
  readonly domain?: string;
  /** File with the authorities of its certificate (PEM); those of the system by default. */
  readonly authorities?: string;
  /** Our certificate and key (PEM), for mutual TLS. */
  readonly certificate?: string;
  readonly key?: string;
  readonly nameServers?: readonly string[];
}

/**
 * Tries a carrier once: finds it by DNS, connects, looks at its certificate, and asks it by OPTIONS. It is not registered with,
 * so that nobody's registration moves here.
 *
 * @throws {GatewayError} gateway.file-unreadable
 */
export async function tryTrunk({ nameServers, ...trial }: TrunkTrial): Promise<readonly TrunkCheck[]> {
  const decided = Promise.withResolvers<readonly TrunkCheck[]>();
  const agent = new SipUserAgent({
    random: (length) => new Uint8Array(randomBytes(length)),
    contact: (flow) => link.contact(flow),
    product: 'Trustline',
    authorize: () => ({ kind: 'refuse', status: 403 }),
  });
  const driver = new SipDriver<ProvenCarrier, SipUserAgentOutput>({
    machine: agent,
    onOutput: (output) => {
      if (output.kind === 'response') link.handleResponse(performance.now(), output.transaction, output.response);
      if (output.kind === 'request-failed') link.handleFailure(performance.now(), output.transaction, output.cause);
    },
    onFlowClosed: (flow) => link.flowClosed(flow.id),
  });
  const link = new TrunkLink(
    {
      trunk: trunkSchema.parse(trial),
      folder: '.',
      ...(nameServers === undefined ? {} : { nameServers }),
      notice: () => {},
      tested: (checks) => {
        const isOver = checks.some(({ what, passed }) => what === 'options' || passed === false);
        if (isOver) decided.resolve(checks);
      },
    },
    { hub: driver.hub, agent, command: (act) => driver.command(act) },
  );
  try {
    await link.start();
    return await decided.promise;
  } finally {
    link.stop();
    driver.close();
  }
}
