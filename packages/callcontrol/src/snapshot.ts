import type {
  CallRecordLeg,
  LevelChange,
  Proof,
  ProtectionChange,
  RouteStep,
  SecurityLevel,
  SecurityPolicy,
  SignallingProtection,
} from '@trustline/evidence';
import { type Call, heardLeg, isLive, type Leg, levelOf } from './call.ts';
import { demarcationOf } from './far-side.ts';
import { isActive } from './media.ts';
import { knownProtection } from './protection.ts';
import type { ProtectionLoss } from './protection-loss.ts';
import { isMediaUnknown } from './recovered-media.ts';
import type { RelayReason } from './relay-state.ts';
import { type TranscodedCodecs, transcodedCodecs } from './transcoding.ts';
import { keyingOf, type World } from './world.ts';

/** The version of the snapshot's shape. */
export const CALL_SNAPSHOT_SCHEMA = 1;

/** A running call as `trustline calls --json` prints it; plain data without any key. */
export interface CallSnapshot {
  readonly schema: typeof CALL_SNAPSHOT_SCHEMA;
  readonly node: string;
  readonly call: string;
  readonly state: 'trying' | 'ringing' | 'connected';
  readonly policy: SecurityPolicy;
  readonly level: SecurityLevel;
  readonly levels: readonly LevelChange[];
  /** What became of the protection of its signalling, oldest first. */
  readonly protection: readonly ProtectionChange[];
  /** Where it was led, oldest first. */
  readonly route: readonly RouteStep[];
  readonly destination: string;
  readonly startedAt: string;
  readonly answeredAt?: string;
  /** Why its media go over the relay; absent where they go straight between the ends. */
  readonly relayed?: RelayReason;
  /** When a manager that started anew took it up again, and whether its ends have agreed on media since. */
  readonly recovered?: { readonly at: string; readonly isMediaKnown: boolean };
  /** What its ends speak, where the relay transcodes between them. */
  readonly transcoded?: TranscodedCodecs;
  readonly legs: readonly LegSnapshot[];
}

export interface LegSnapshot {
  readonly leg: string;
  readonly role: 'calling' | 'called';
  readonly state: 'trying' | 'ringing' | 'connected' | 'ended';
  readonly device: string;
  readonly line: string;
  readonly protocol: CallRecordLeg['protocol'];
  readonly signalling: SignallingProtection;
  readonly proof: Proof;
  readonly provenIdentity?: string;
  readonly remoteAddress?: string;
  readonly keying: CallRecordLeg['keying'];
  readonly suite?: string;
  readonly level: SecurityLevel;
  readonly demarcation?: CallRecordLeg['demarcation'];
  /** What protects its signalling is gone: since when, and in words. */
  readonly unprotected?: ProtectionLoss;
  /** This end holds the other. */
  readonly holds: boolean;
}

export function snapshotOf(world: World, call: Call): CallSnapshot {
  const relay = (call.conference === undefined ? heardLeg(call) : call.caller)?.relay;
  const transcoded = transcodedCodecs(call);
  return {
    schema: CALL_SNAPSHOT_SCHEMA,
    node: world.settings.node,
    call: call.id,
    state: stateOf(call),
    policy: call.policy,
    level: call.level,
    levels: [...call.levels],
    protection: [...call.protection],
    route: [...call.route],
    destination: call.destination,
    startedAt: call.startedAt,
    ...(call.answeredAt === undefined ? {} : { answeredAt: call.answeredAt }),
    ...(relay === undefined ? {} : { relayed: relay.reason }),
    ...(call.recovered === undefined ? {} : { recovered: { at: call.recovered.at, isMediaKnown: isMediaKnown(call) } }),
    ...(transcoded === undefined ? {} : { transcoded }),
    legs: [call.caller, ...call.called].filter(isLive).map(legSnapshot),
  };
}

function isMediaKnown({ caller, connected }: Call): boolean {
  return ![caller, connected].some((leg) => leg !== undefined && isMediaUnknown(leg));
}

/** A call is where its caller is; one whose caller has transferred the other and hung up is answered still. */
function stateOf({ caller, answeredAt }: Call): CallSnapshot['state'] {
  if (answeredAt !== undefined) return 'connected';
  return caller.state === 'ended' ? 'trying' : caller.state;
}

function legSnapshot(leg: Leg): LegSnapshot {
  const { id, role, state, device, line } = leg;
  const active = leg.media?.streams.filter(isActive) ?? [];
  const holds =
    active.length > 0 && active.every(({ direction }) => direction === 'sendonly' || direction === 'inactive');
  return {
    leg: id,
    role,
    state,
    device,
    line,
    ...knownProtection(leg.protection),
    ...keyingOf(leg),
    level: levelOf(leg),
    ...demarcationOf(leg),
    ...(leg.unprotected === undefined ? {} : { unprotected: leg.unprotected }),
    holds,
  };
}
