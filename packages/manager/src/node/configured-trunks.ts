import { isIP } from 'node:net';
import { type ServerTarget, SipError, type SipFlow } from '@trustline/sip';
import { ServerResolver, type SipTransportHub } from '@trustline/sip/node';
import { addressedTrunks } from '../configuration/trunks.ts';
import type { DeviceDirectory } from '../device-directory.ts';
import type { TlsPeer } from '../legs/sip/gate.ts';
import { judgeClient } from './client-judgement.ts';
import type { Listeners } from './listeners.ts';
import type { ManagerContext } from './parts.ts';
import type { SignallingEvents } from './signalling-events.ts';
import { tlsOptions } from './tls-options.ts';
import { type TrunkAddress, TrunkConnections, type TrunkConnectionsPorts } from './trunk-connections.ts';

/** What connecting to trunks needs of signalling. */
export interface ConfiguredTrunksPorts extends Pick<TrunkConnectionsPorts, 'connected' | 'settled'> {
  readonly hub: SipTransportHub<TlsPeer>;
  readonly listeners: Pick<Listeners, 'flowTo'>;
  readonly directory: DeviceDirectory;
  readonly events: Pick<SignallingEvents, 'event'>;
}

/** Connections to the trunks and gateways that have an address in the configuration. */
export function createTrunkConnections(context: ManagerContext, ports: ConfiguredTrunksPorts): TrunkConnections {
  const { configuration, clock } = context;
  const { directory, events, connected, settled } = ports;
  const resolver = new ServerResolver({ servers: configuration.dns.servers, transports: ['tls', 'tcp', 'udp'] });
  return new TrunkConnections(
    addressedTrunks(configuration),
    resolver,
    {
      mayConnect: (name, { transport }) => {
        const device = directory.device(name);
        return device !== undefined && (device.securityMode === 'non-secure') === (transport !== 'tls');
      },
      open: (device, target) => connect(context, ports, device, target),
      connected,
      settled,
      told: (device, is, cause, nextStep) =>
        events.event(`trunk-${is}`, { cause, device, reason: is, ...(nextStep === undefined ? {} : { nextStep }) }),
    },
    () => clock.monotonic(),
  );
}

/** Says of each trunk that is believed by its address alone that it is. */
export function sayIdentifiedByAddress(trunks: readonly TrunkAddress[], events: Pick<SignallingEvents, 'event'>): void {
  for (const { device, address, identifiedBy } of trunks) {
    if (identifiedBy !== 'address') continue;
    const cause = `Calls that come without TLS from where ${address} leads are taken for those of ${device}, by their address alone.`;
    const nextStep =
      'Keep others from sending with that address: at the router before the manager, or by TLS (sips:) in its place.';
    events.event('trunk-identified-by-address', { cause, nextStep, device, reason: 'identified-by-address' });
  }
}

async function connect(
  context: ManagerContext,
  { hub, listeners, directory }: ConfiguredTrunksPorts,
  device: string,
  { transport, host, port, domain }: ServerTarget,
): Promise<SipFlow> {
  const keepAlive = { interval: 30_000 };
  switch (transport) {
    case 'udp': {
      const flow = listeners.flowTo({ host, port });
      if (flow !== undefined) return flow;
      throw new SipError('sip.listen-failed', `no listener of this manager speaks UDP to ${host}`);
    }
    case 'tcp':
      return hub.connectTcp({ host, port, keepAlive });
    case 'tls':
      return hub.connectTls({
        host,
        port,
        ...(isIP(domain) === 0 ? { serverName: domain } : {}),
        keepAlive,
        secureContextOptions: tlsOptions(context.cluster, false),
        judge: (chain, { remote }) => {
          const judgement = judgeClient(context, directory, chain, remote, false);
          if (!judgement.accepted || judgement.peer.device === device) return judgement;
          return { accepted: false, reason: `its certificate is of ${judgement.peer.device}, not of ${device}` };
        },
      });
  }
}
