import { type CallControl, type Cause, causes, type LegId } from '@trustline/callcontrol';
import type { CallRecord } from '@trustline/evidence';
import type { InviteSession, KeptSession, SipFlow, SipMessage } from '@trustline/sip';
import type { DeviceDirectory } from '../device-directory.ts';
import type { SipLegs } from '../legs/sip/sip-legs.ts';
import { AwaitedFlows, isAwaited } from './awaited-flows.ts';
import { CallKeeper } from './call-keeper.ts';
import type { KeptState } from './kept-state.ts';
import { RingingCalls, type RingingOutput } from './ringing-calls.ts';
import { TakenUpLegs } from './taken-up-legs.ts';

export interface RecoveryPorts {
  readonly callControl: Pick<CallControl, 'keep' | 'recover' | 'legOf'>;
  readonly legs: SipLegs;
  readonly directory: Pick<DeviceDirectory, 'flowsOf' | 'devicesOn'>;
  /** Epoch milliseconds. */
  wallTime(now: number): number;
}

/** Calls over the death of the process: they are kept while they run, and taken up again by the one that comes after. */
export class Recovery {
  readonly #ports: RecoveryPorts;
  readonly #keeper: CallKeeper;
  readonly #awaited = new AwaitedFlows();
  readonly #ringing: RingingCalls;
  readonly #takenUp: TakenUpLegs;

  constructor(ports: RecoveryPorts) {
    this.#ports = ports;
    const { callControl, legs, wallTime, directory } = ports;
    this.#ringing = new RingingCalls({
      awaited: this.#awaited,
      devicesOn: (flowId) => directory.devicesOn(flowId),
      hangUp: (now, device, flow, dialog, answer) => {
        const ending = { cause: 'interrupted', warning: 'The call was over before it was answered' } as const;
        const left = legs.resumeHangUp(now, { device, session: { direction: 'outgoing', dialog } }, flow, ending);
        left.acknowledgeForBefore(now, answer);
        legs.comeBack(now, device, flow);
      },
      wallTime,
    });
    this.#takenUp = new TakenUpLegs({
      stateOf: (id) => {
        const leg = legs.leg(id);
        if (leg === undefined) return 'over';
        return this.isThere(leg.device, leg.session.flow) ? 'there' : 'away';
      },
      ask: (now, leg) => legs.ask(now, leg),
    });
    this.#keeper = new CallKeeper({
      callOf: (leg) => callControl.legOf(leg)?.call,
      keepCall: (call) => callControl.keep(call),
      keepLeg: (now, leg) => (legs.leg(leg) === undefined ? undefined : (legs.keep(now, leg) ?? 'later')),
      wallTime,
    });
  }

  /** How many calls are kept, and how many that are over have ends which do not know it yet. */
  get sizes(): { readonly kept: number; readonly over: number } {
    return this.#keeper.sizes;
  }

  /** Takes up again what the process before this one had kept. */
  recover(now: number, states: readonly KeptState[]): void {
    const { callControl, legs: sipLegs, wallTime } = this.#ports;
    this.#ringing.recover(now, states);
    // An end that is kept in two calls is in the one that was kept last.
    for (const { id, keptAt, call, record, legs } of states.toSorted((a, b) => b.keptAt - a.keptAt)) {
      const elapsed = Math.max(0, wallTime(now) - keptAt);
      const known = legs.map((leg) => ({ ...leg, session: afterwards(leg.session, elapsed) }));
      if (record !== undefined) {
        const ending = { cause: causeOfRecord(record), warning: record.cause };
        const sessions = known.map((leg) => sipLegs.resumeHangUp(now, leg, this.#awaited.of(leg.flow), ending));
        this.#keeper.isOver(id, sessions);
      } else if (call !== undefined) {
        const there = known.filter((leg) => sipLegs.resume(now, leg, this.#awaited.of(leg.flow)));
        const isThere = ({ leg }: { readonly leg: LegId }) => there.some((one) => one.leg === leg);
        this.#keeper.goesOn(id);
        const lost = call.legs.filter((leg) => !isThere(leg));
        callControl.recover(now, { ...call, legs: call.legs.filter(isThere) }, lost);
        for (const { leg } of there) {
          this.#keeper.touch(leg); // they are kept as they go on from here
          this.#takenUp.add(leg);
        }
      }
    }
  }

  /** Where devices of calls that go on are reached by UDP: a flow to each is wanted as soon as there is a socket. */
  addresses(): readonly SipFlow[] {
    return this.#awaited.datagrams();
  }

  /** A flow is there; true where calls go on that it was awaited for. */
  arrived(now: number, flow: SipFlow): boolean {
    const awaited = this.#awaited.arrived(flow);
    if (awaited === undefined) return false;
    this.#ports.legs.moveFlow(now, awaited, flow);
    this.#ringing.reached(now, flow, { before: awaited });
    this.#takenUp.someReached(now);
    return true;
  }

  /** A device is there on this connection. */
  cameBack(now: number, device: string, flow: SipFlow): void {
    this.#ringing.reached(now, flow, { device });
    this.#takenUp.reached(
      now,
      this.#ports.legs.legsOf(device).map(({ id }) => id),
    );
  }

  /** A device that was asked whether it still has a call has answered, or has lost its connection. */
  answered(now: number, leg: LegId, outcome: 'told' | 'connection-lost'): void {
    this.#takenUp.answered(now, leg, outcome);
  }

  /** A message has come, before it has any effect; or goes out. */
  passes(now: number, direction: 'received' | 'sent', flow: SipFlow, message: SipMessage): void {
    this.#ringing[direction](now, flow, message);
  }

  /** Once a second, about. */
  handleTime(now: number): void {
    this.#ringing.handleTime(now);
    this.#takenUp.handleTime(now);
  }

  /** Whether a device can be told something on a flow; one that has lost its connection comes back on another. */
  isThere(device: string, flow: SipFlow): boolean {
    if (isAwaited(flow)) return false;
    return flow.transport === 'udp' || this.#ports.directory.flowsOf(device).some(({ id }) => id === flow.id);
  }

  /** Until when a device is waited for whose calls go on; undefined where it need not be. */
  awaitedUntil(now: number, device: string): number | undefined {
    const leg = this.#ports.legs.legsOf(device).find(({ session }) => isAwaited(session.flow));
    const endIn = leg?.session.keep(now)?.endIn;
    return endIn === undefined ? undefined : now + endIn;
  }

  /** Something was agreed with this leg: its call is kept anew. */
  agreed(leg: LegId): void {
    this.#keeper.touch(leg);
  }

  /** A leg is about to be hung up. */
  leaves(now: number, id: LegId): void {
    const leg = this.#ports.legs.leg(id);
    const kept = this.#ports.legs.keep(now, id);
    if (leg !== undefined && kept !== undefined) this.#keeper.leaves(leg.session, kept);
  }

  /** A call is over. */
  ended(now: number, record: CallRecord): void {
    this.#keeper.ended(now, record);
  }

  /** A session has finished everything. */
  settled(session: InviteSession): void {
    this.#keeper.settled(session);
  }

  /** Everything that follows from an input is done. */
  settle(now: number): void {
    this.#keeper.settle(now);
  }

  poll(): RingingOutput | undefined {
    return this.#keeper.poll() ?? this.#ringing.poll();
  }
}

/** A session that was kept a while ago: its times have come nearer. */
function afterwards(session: KeptSession, elapsed: number): KeptSession {
  const { refreshIn, endIn } = session;
  return {
    ...session,
    ...(refreshIn === undefined ? {} : { refreshIn: Math.max(0, refreshIn - elapsed) }),
    ...(endIn === undefined ? {} : { endIn: Math.max(0, endIn - elapsed) }),
  };
}

function causeOfRecord({ reason }: CallRecord): Cause {
  return causes.find((cause) => cause === reason) ?? 'normal-clearing';
}
