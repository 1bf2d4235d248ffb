import type { ChainVerdict, SecurityLevel } from '@trustline/evidence';
import type { IpsecExplanationAnswer } from '@trustline/manager';
import type { AuditorsView } from '../auditor.ts';
import type { DemoProtocol } from '../plan.ts';
import type { TappedDirection } from '../tap.ts';
import type { KeysFound } from './key-search.ts';
import type { GatewayScene } from './plan.ts';
import type { WireCounts } from './wire.ts';

/** Everything that a run with a gateway measured. What was not measured is undefined. */
export interface GatewayMeasurement {
  readonly protocol: DemoProtocol;
  readonly scene: GatewayScene;
  readonly node: string;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly ipsecProven: boolean;
  /** Each point of the proof, as the manager explains it; none where IPsec is not enabled. */
  readonly proof: IpsecExplanationAnswer['points'];
  /** Why the call ended, as the phone was told. */
  readonly reason: string;
  readonly answered: boolean;
  /** Of the running call, by the manager and on the phone. */
  readonly level: SecurityLevel | null;
  readonly levelShown: SecurityLevel | null;
  readonly suite: string | null;
  /** Octets of signalling that were overheard between the two; undefined where they went by IPsec. */
  readonly signallingOverheard: number | undefined;
  /** Undefined where nothing was overheard that they could be in. */
  readonly keys: KeysFound | undefined;
  readonly wire: WireCounts | null;
  /** What `trustline audit` says of the call; undefined where there was none. */
  readonly auditor: AuditorsView | undefined;
  /** What the phone said, as a tap heard it on its way to the gateway. */
  readonly tap: TappedDirection | undefined;
  readonly tapWithKeys: TappedDirection | undefined;
  /** How much of what the phone said came back from the far end, which sends back what it hears. */
  readonly heardBack: number | undefined;
  /** Calls that reached the gateway, as it wrote them down. */
  readonly gatewayCalls: number;
  /** Where security ended: as the gateway saw it, and as the signed record has it. */
  readonly gatewayDemarcation: string | null;
  readonly demarcation: string | null;
  readonly records: { readonly verdict: ChainVerdict; readonly level: SecurityLevel | null; readonly found: boolean };
  /** Packets of media at the phone. */
  readonly packets: number;
  /** Absolute. */
  readonly folder: string;
  readonly capture: string;
}
