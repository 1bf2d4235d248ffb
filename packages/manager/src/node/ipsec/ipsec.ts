import { createPrivateKey } from 'node:crypto';
import { IpsecError, type ProofPoint } from '@trustline/ipsec';
import {
  IpsecHelper,
  IpsecNode,
  type IpsecNodeStatus,
  type SignallingProtection,
  type TunnelCheck,
  type TunnelCredentials,
} from '@trustline/ipsec/node';
import type { GatewayTunnel } from '../../configuration/ipsec-schema.ts';
import type { GatewaySettings } from '../../legs/h323/gateway-settings.ts';
import type { ManagerContext, ManagerPart } from '../parts.ts';
import { IpsecEvents } from './events.ts';
import { helperOptions } from './helper-options.ts';
import { type TunnelSurroundings, tunnelOf } from './tunnel-of.ts';
import { type UsualGateway, usualTunnel } from './usual-tunnel.ts';

/** What a leg is told of its gateways. */
export interface ProtectionWatcher {
  /**
   * Whether new keys may go to the gateway or be taken from it, once proven. While they may not, signalling waits and media
   * that are keyed go on.
   */
  onProtectionChanged(gateway: string, isProtected: boolean): void;
  /** It stayed away for `ipsec.mediaSeconds`: the calls whose signalling it protects end. */
  onProtectionGivenUp(gateway: string): void;
}

/** IPsec of the manager: its tunnels, the proof of each connection, and what is known of both. */
export interface ManagerIpsec extends ManagerPart, SignallingProtection {
  /** Adds the tunnel of a gateway, or changes it, while the others go on. @throws {IpsecError} ipsec.setting */
  add(tunnel: GatewayTunnel): Promise<void>;
  /** Takes the tunnel of a gateway away, and at last its guard. @throws {IpsecError} */
  remove(gateway: string): Promise<void>;
  /**
   * Gives a gateway of this name a tunnel as they are by default, with a certificate of the cluster, unless the
   * configuration has one for it. Its guard is closed when this resolves.
   *
   * @throws {IpsecError}
   */
  gatewayAdded(gateway: AddedGateway): Promise<void>;
  /** Takes it away again. @throws {IpsecError} */
  gatewayRemoved(name: string): Promise<void>;
  /** Calls the watcher from now on; the returned function ends that. */
  watch(watcher: ProtectionWatcher): () => void;
  status(): Promise<IpsecNodeStatus>;
  /** What would be found if a call were proven now. @throws {IpsecError} ipsec.setting for a gateway without a tunnel */
  explain(gateway: string): Promise<readonly ProofPoint[]>;
  /** Sends packets in the clear around the tunnel, and says whether they left. @throws {IpsecError} ipsec.setting */
  check(gateway: string): Promise<TunnelCheck>;
  /** Certificates or what is revoked changed: tunnels show and believe the new from now on. */
  trustChanged(): Promise<void>;
}

/** What is known of a gateway that was added, as far as its tunnel needs it. */
type AddedGateway = UsualGateway & Pick<GatewaySettings, 'isProtected'>;

type Context = Pick<ManagerContext, 'configuration' | 'clock' | 'cluster' | 'journal' | 'log' | 'store'>;

/** @param base folder that the paths of the configuration are relative to */
export function createIpsec(
  { configuration, clock, cluster, journal, log, store }: Context,
  base: string,
): ManagerIpsec {
  const settings = configuration.ipsec;
  const events = new IpsecEvents(journal);
  const watchers = new Set<ProtectionWatcher>();
  const configured = new Set(settings.tunnels.map(({ gateway }) => gateway));
  const tunnels = new Map(settings.tunnels.map((tunnel) => [tunnel.gateway, tunnel]));
  let helper: IpsecHelper | undefined;
  let node: IpsecNode | undefined;
  let believed = '';

  async function material(): Promise<{ surroundings: TunnelSurroundings; credentials: TunnelCredentials }> {
    const now = clock.now();
    const own = await cluster.identity('ipsec', now);
    const [authority, ...above] = await cluster.ipsecAuthorities(now);
    if (authority === undefined) throw new IpsecError('ipsec.setting', 'The cluster has no authority for IPsec');
    const revoked = await cluster.certificateRevocationList('ipsec-ca', now);
    const privateKey = createPrivateKey(own.privateKeyPem.reveal()).export({ type: 'pkcs8', format: 'der' });
    believed = JSON.stringify([own.certificate.fingerprint, authority.fingerprint, [...revoked.entries.keys()]]);
    return {
      surroundings: {
        own,
        localIdentity: configuration.identity.hosts[0] ?? 'localhost',
        authority: authority.der,
        base,
      },
      credentials: {
        privateKey: new Uint8Array(privateKey),
        authorities: [authority, ...above].map(({ der }) => der),
        revocationLists: [revoked.der],
      },
    };
  }

  function running(): IpsecNode {
    if (node !== undefined) return node;
    throw new IpsecError('ipsec.setting', 'IPsec has not started', { nextStep: 'ask again in a moment' });
  }

  const tell = (what: Promise<void>) => {
    what.catch((error: Error) => log.error(`An event of IPsec was not kept: ${error.message}`));
  };

  async function startHelper(): Promise<void> {
    if (settings.helper === 'separate') return;
    helper = await IpsecHelper.start({ ...helperOptions(settings), say: (sentence) => log.warn(sentence) });
  }

  async function addStored(): Promise<void> {
    for (const gateway of await store.gateways.list()) {
      if (!gateway.isProtected || configured.has(gateway.device)) continue;
      // One that has no tunnel gets no keys: the others need not wait for what is wrong with it.
      try {
        tunnels.set(gateway.device, await usualTunnel(gateway));
      } catch (error) {
        log.warn(`The gateway ${gateway.device} has no tunnel: ${(error as Error).message}`);
      }
    }
  }

  return {
    async start() {
      await startHelper();
      await addStored();
      const { surroundings, credentials } = await material();
      node = await IpsecNode.start(
        {
          folder: settings.folder,
          stack: settings.stack === 'kernel' ? 'kernel' : 'kernel-libipsec',
          credentials,
          initiates: true,
          mediaPatience: settings.mediaSeconds * 1_000,
          onEvent: (event) => tell(events.tell(event)),
          onHold(gateway, output) {
            tell(events.tellHold(gateway, output, settings.mediaSeconds));
            for (const watcher of watchers) {
              if (output.kind === 'given-up') watcher.onProtectionGivenUp(gateway);
              else watcher.onProtectionChanged(gateway, output.kind === 'returned');
            }
          },
        },
        await Promise.all([...tunnels.values()].map((tunnel) => tunnelOf(tunnel, surroundings))),
      );
    },
    async stop() {
      await node?.stop();
      // Its guard stays: nothing leaves in the clear because the manager ended.
      await helper?.stop();
    },
    async add(tunnel) {
      const { surroundings } = await material();
      await running().add(await tunnelOf(tunnel, surroundings));
      tunnels.set(tunnel.gateway, tunnel);
    },
    async remove(gateway) {
      await running().remove(gateway);
      tunnels.delete(gateway);
    },
    async gatewayAdded(gateway) {
      if (!gateway.isProtected || configured.has(gateway.device)) return;
      await this.add(await usualTunnel(gateway));
    },
    async gatewayRemoved(name) {
      if (tunnels.has(name) && !configured.has(name)) await this.remove(name);
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    isProtected: (gateway) => node?.isProtected(gateway) === true,
    baseline: (gateway) => running().baseline(gateway),
    prove: (gateway, signalling, before, octetsSent) => running().prove(gateway, signalling, before, octetsSent),
    status: () => running().status(),
    explain: (gateway) => running().explain(gateway),
    async check(gateway) {
      const result = await running().check(gateway);
      if (result.near.leaked === true) await events.tellLeak(gateway, 'here', result.near.message);
      if (result.far.leaked === true) await events.tellLeak(gateway, 'there', result.far.message);
      return result;
    },
    async trustChanged() {
      const before = believed;
      const { surroundings, credentials } = await material();
      if (node === undefined || believed === before) return;
      const made = await Promise.all([...tunnels.values()].map((tunnel) => tunnelOf(tunnel, surroundings)));
      await node.renew(credentials, made);
    },
  };
}
