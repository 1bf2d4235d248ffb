/**
 * Calls over the death of the process that held them. What is kept of an answered call is plain data without any key: whoever
 * starts anew knows who talks to whom, and not what they send. Media that went straight between the ends went on
 * meanwhile; what went through the manager is gone, and those calls are ended.
 */
import type {
  CallRecord,
  CallRecordLeg,
  LevelChange,
  RouteStep,
  SecurityLevel,
  SecurityPolicy,
} from '@trustline/evidence';
import { beginCall, type Call, heardLeg, type Leg, levelOf } from './call.ts';
import { demarcationOf } from './far-side.ts';
import type { CallerIdentity, LegId } from './inputs.ts';
import { openLeg } from './placing.ts';
import type { DeviceSecurityMode, LegProtection } from './protection.ts';
import { recordOf } from './transfer-state.ts';
import { conferenceOf, keyingOf, recordedLegs, type World } from './world.ts';

/** One end of a call, as {@link KeptCall} has it. */
export interface KeptLeg extends Pick<CallRecordLeg, 'keying' | 'suite' | 'level' | 'demarcation'> {
  readonly leg: LegId;
  readonly role: 'calling' | 'called';
  readonly device: string;
  readonly line: string;
  readonly mode: DeviceSecurityMode;
  readonly protection: LegProtection;
}

/** What is kept of an answered call. */
export interface KeptCall extends Pick<CallRecord, 'transfer' | 'conference' | 'recoveredAt' | 'protection'> {
  readonly call: string;
  readonly startedAt: string;
  readonly answeredAt?: string;
  readonly destination: string;
  readonly identity: Omit<CallerIdentity, 'signed'>;
  readonly policy: SecurityPolicy;
  readonly level: SecurityLevel;
  readonly lowest?: SecurityLevel;
  readonly levels: readonly LevelChange[];
  readonly route: readonly RouteStep[];
  readonly isEmergency: boolean;
  /** Its media go straight between its two ends, and need nobody. */
  readonly isDirect: boolean;
  /** The ends that talk: one where its other is the manager, or is away. */
  readonly legs: readonly KeptLeg[];
}

/**
 * What is to be kept of a call now; undefined while nobody has answered. An end that is away to be joined with somebody else
 * is kept where it goes back to should that fail.
 */
export function keptOf(world: World, call: Call): KeptCall | undefined {
  const isHere = (leg: Leg) => world.owns(call, leg) && !call.homes.some((home) => home.leg === leg);
  const legs = [call.caller, ...call.called].filter(
    (leg) => leg.state === 'connected' && (isHere(leg) || isExpected(world, call, leg)),
  );
  if (legs.length === 0) return undefined;
  const { number, displayName, anonymous } = call.identity;
  return {
    call: call.id,
    startedAt: call.startedAt,
    ...(call.answeredAt === undefined ? {} : { answeredAt: call.answeredAt }),
    destination: call.destination,
    identity: { number, anonymous, ...(displayName === undefined ? {} : { displayName }) },
    policy: call.policy,
    level: call.level,
    ...(call.lowest === undefined ? {} : { lowest: call.lowest }),
    levels: call.levels,
    ...(call.protection.length === 0 ? {} : { protection: call.protection }),
    route: call.route,
    isEmergency: call.isEmergency,
    isDirect: legs.length === 2 && isDirect(call),
    ...(call.recovered === undefined ? {} : { recoveredAt: call.recovered.at }),
    ...conferenceOf(call),
    ...recordOf(call),
    legs: legs.map((leg) => keptLeg(call, leg)),
  };
}

/** A leg that comes back to this call if it is not joined with whom it is being joined with. */
function isExpected(world: World, call: Call, leg: Leg): boolean {
  return world.legs.get(leg.id)?.call.homes.some((home) => home.leg === leg && home.call === call) === true;
}

function isDirect(call: Call): boolean {
  const isOurs = call.conference !== undefined || call.parked !== undefined || call.answeredAt === undefined;
  return !isOurs && heardLeg(call)?.relay === undefined && call.caller.relay === undefined;
}

function keptLeg(call: Call, leg: Leg): KeptLeg {
  const { id, device, line, mode, protection } = leg;
  const role = leg === call.caller ? 'calling' : 'called';
  // Of a leg that is away the call has noted how it was.
  const { keying, suite, level } = call.recorded?.find((one) => one.leg === id) ?? {
    ...keyingOf(leg),
    level: levelOf(leg),
  };
  return {
    leg: id,
    role,
    device,
    line,
    mode,
    protection,
    keying,
    level,
    ...demarcationOf(leg),
    ...(suite === undefined ? {} : { suite }),
  };
}

/**
 * Takes a call up again as it was kept, or ends it where it cannot go on. An end that another call has already is that one's.
 *
 * @param lost ends of it that did not live on, for its record
 */
export function recover(world: World, now: number, kept: KeptCall, lost: readonly KeptLeg[] = []): void {
  const legs = kept.legs.filter(({ leg }) => !world.legs.has(leg)).map(recoveredLeg);
  const [caller, called] = (['calling', 'called'] as const).map((role) => legs.find((leg) => leg.role === role));
  const call = beginCall({
    id: kept.call,
    startedAt: kept.startedAt,
    answeredAt: kept.answeredAt,
    destination: kept.destination,
    identity: kept.identity,
    caller: caller ?? nobody(world),
    called: called === undefined ? [] : [called],
    connected: called,
    policy: kept.policy,
    level: kept.level,
    lowest: kept.lowest,
    levels: [...kept.levels],
    protection: [...(kept.protection ?? [])],
    route: [...kept.route],
    isEmergency: kept.isEmergency,
    recovered: {
      at: world.ports.wallTime(now),
      ...(kept.conference === undefined ? {} : { conference: kept.conference }),
    },
    referral: referralOf(kept),
  });
  world.calls.set(call.id, call);
  for (const leg of legs) {
    leg.shown = call.level;
    world.addLeg(call, leg);
  }
  if (kept.isDirect && caller !== undefined && called !== undefined) {
    const cause = `${caller.line} and ${called.line} talk on: their media go straight between them, and the call manager has started anew.`;
    world.event(now, 'call-recovered', call, caller, 'recovered', cause);
    return;
  }
  const gone = lost.filter(({ leg }) => !world.legs.has(leg)).map(recoveredLeg);
  call.recorded = recordedLegs(asItWas(call, gone)).filter(({ leg }) =>
    [...legs, ...gone].some(({ id }) => id === leg),
  );
  const warning = kept.isDirect
    ? 'the call manager has started anew, and lost one end of the call'
    : 'the call manager has started anew, and the media that went through it are gone';
  const outcome = kept.answeredAt === undefined ? 'failed' : 'answered';
  world.endCall(now, call, { outcome, cause: 'interrupted', warning });
}

/** A call with the ends that are lost. */
function asItWas(call: Call, gone: readonly Leg[]): Call {
  const [caller, called] = (['calling', 'called'] as const).map((role) => gone.find((leg) => leg.role === role));
  const connected = call.connected ?? called;
  return { ...call, caller: caller ?? call.caller, connected, called: connected === undefined ? [] : [connected] };
}

function recoveredLeg({ leg, role, device, line, mode, protection, keying, suite, level, demarcation }: KeptLeg): Leg {
  return {
    ...openLeg(leg, role, device, line, undefined, protection),
    kind: demarcation?.kind ?? 'phone',
    port: demarcation?.port,
    mode,
    state: 'connected',
    recovered: { keying, level, ...(suite === undefined ? {} : { suite }) },
  };
}

/** In the place of a caller who was not there any more. */
function nobody(world: World): Leg {
  const protection = { protocol: 'sip', signalling: 'none', proof: 'none' } as const;
  return { ...openLeg(world.identifier(), 'calling', '', '', undefined, protection), state: 'ended' };
}

function referralOf({ transfer }: KeptCall): Call['referral'] {
  if (transfer === undefined) return undefined;
  const protection = { protocol: 'sip', signalling: 'none', proof: 'none' } as const;
  const { device = '', line = '' } = transfer.by;
  return {
    kind: transfer.kind,
    calls: transfer.calls,
    by: openLeg('', 'calling', device, line, undefined, protection),
  };
}
