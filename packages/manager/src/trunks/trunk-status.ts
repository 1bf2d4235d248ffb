import type { CallControl, LegId } from '@trustline/callcontrol';
import type { TrunkStatus } from '../api/contract.ts';
import type { DeviceDirectory } from '../device-directory.ts';
import type { GatekeeperStanding } from '../legs/h323/gatekeepers.ts';
import { addressOf } from '../legs/sip/authority.ts';

type Told = Omit<GatekeeperStanding, 'since'> & { readonly since: string };

/** How it is with a trunk or gateway; `gatekeeper` is of one that is behind one. */
export function trunkStatus(
  name: string,
  callControl: CallControl,
  directory: DeviceDirectory,
  gatekeeper: Told | undefined,
): TrunkStatus {
  const { inUse, aside = null } = callControl.trunk(name);
  const flows = directory.flowsOf(name).toReversed();
  // A gateway is connected to for each call; where, is known before.
  const { remoteAddress, signalling } = directory.registration(name, '') ?? {};
  const reached =
    flows.length > 0 || remoteAddress === undefined
      ? []
      : [{ transport: signalling === 'ipsec' ? 'h323 by ipsec' : 'h323', remoteAddress }];
  return {
    connections: [...flows.map((flow) => ({ transport: flow.transport, remoteAddress: addressOf(flow) })), ...reached],
    channels: directory.device(name)?.channels ?? null,
    inUse,
    setAside: aside,
    isUnproven: directory.gateway(name)?.isUnproven === true,
    gatekeeper:
      gatekeeper === undefined
        ? null
        : {
            address: gatekeeper.gatekeeper,
            state: gatekeeper.state,
            since: gatekeeper.since,
            cause: gatekeeper.because ?? null,
          },
  };
}

/** A phone is told by which trunk or gateway its call goes; to one of those the names of the others are nothing. */
export function shownFarSide(callControl: CallControl, leg: LegId): string | undefined {
  const far = callControl.farSideOf(leg);
  return callControl.legOf(leg)?.kind === 'phone' ? far?.device : undefined;
}
