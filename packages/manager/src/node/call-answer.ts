import type { CallSnapshot } from '@trustline/callcontrol';
import { demarcationWords } from '@trustline/evidence';
import type { CallAnswer } from '../api/contract.ts';

/** A call that is there, as the interface shows it. */
export function callAnswer(
  call: CallSnapshot,
  lost: (device: string) => CallAnswer['legs'][number]['lost'],
): CallAnswer {
  return {
    call: call.call,
    state: call.state !== 'connected' ? 'ringing' : call.legs.some(({ holds }) => holds) ? 'held' : 'answered',
    startedAt: call.startedAt,
    answeredAt: call.answeredAt ?? null,
    level: call.level,
    policy: call.policy,
    destination: call.destination,
    levels: call.levels,
    protection: call.protection,
    route: call.route,
    relayed: call.relayed ?? null,
    recovered: call.recovered ?? null,
    transcoded: call.transcoded ?? null,
    legs: call.legs.map((leg) => ({
      leg: leg.leg,
      role: leg.role,
      device: leg.device,
      line: leg.line,
      signalling: leg.signalling,
      proof: leg.proof,
      keying: leg.keying,
      suite: leg.suite ?? null,
      level: leg.level,
      demarcation: leg.demarcation === undefined ? null : demarcationWords({ ...leg, demarcation: leg.demarcation }),
      unprotected: leg.unprotected ?? null,
      lost: lost(leg.device),
    })),
  };
}
