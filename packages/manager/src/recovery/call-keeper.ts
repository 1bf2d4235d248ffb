import type { KeptCall, LegId } from '@trustline/callcontrol';
import type { CallRecord } from '@trustline/evidence';
import type { InviteSession } from '@trustline/sip';
import type { KeptSipLeg } from '../legs/sip/kept-leg.ts';
import { KEPT_STATE_SCHEMA, type KeeperOutput, type KeptState } from './kept-state.ts';

export interface CallKeeperPorts {
  /** The call that a leg is in. */
  callOf(leg: LegId): string | undefined;
  /** What call control keeps of a call; undefined before its answer. */
  keepCall(call: string): KeptCall | undefined;
  /** What SIP keeps of a leg: `later` while it is not established; undefined for a leg of another protocol. */
  keepLeg(now: number, leg: LegId): KeptSipLeg | 'later' | undefined;
  /** Epoch milliseconds. */
  wallTime(now: number): number;
}

/**
 * Keeps answered calls for the manager after this one: as they are when they are answered and whenever their ends have agreed
 * on something, and of a call that is over its record and whoever has not been told.
 */
export class CallKeeper {
  readonly #ports: CallKeeperPorts;
  /** Legs whose call may be another now. */
  #touched = new Set<LegId>();
  /** Calls that are kept and not over. */
  readonly #kept = new Set<string>();
  /** Legs that are being hung up; of the call whose record comes next. */
  readonly #leaving = new Map<InviteSession, KeptSipLeg>();
  /** Call that is over → its sessions that are not. */
  readonly #over = new Map<string, Set<InviteSession>>();
  readonly #callOf = new Map<InviteSession, string>();
  readonly #outputs: KeeperOutput[] = [];

  constructor(ports: CallKeeperPorts) {
    this.#ports = ports;
  }

  /** How many calls are kept, and how many that are over have ends which do not know it yet. */
  get sizes(): { readonly kept: number; readonly over: number } {
    return { kept: this.#kept.size, over: this.#over.size };
  }

  /** Something was agreed with this leg. */
  touch(leg: LegId): void {
    this.#touched.add(leg);
  }

  /** A leg is about to be hung up, and was so. */
  leaves(session: InviteSession, leg: KeptSipLeg): void {
    this.#leaving.set(session, leg);
  }

  /** A call is over. */
  ended(now: number, record: CallRecord): void {
    const leaving = [...this.#leaving];
    this.#leaving.clear();
    if (!this.#kept.delete(record.call)) return;
    const legs = leaving.map(([, leg]) => leg);
    this.#keep(now, { id: record.call, legs, record });
    this.isOver(
      record.call,
      leaving.map(([session]) => session),
    );
  }

  /** These sessions of a call that is over have to be hung up yet. */
  isOver(call: string, sessions: readonly InviteSession[]): void {
    if (sessions.length === 0) {
      this.#outputs.push({ kind: 'call-settled', call });
      return;
    }
    this.#over.set(call, new Set(sessions));
    for (const session of sessions) this.#callOf.set(session, call);
  }

  /** A session has finished everything. */
  settled(session: InviteSession): void {
    this.#leaving.delete(session);
    const call = this.#callOf.get(session);
    if (call === undefined) return;
    this.#callOf.delete(session);
    const left = this.#over.get(call);
    left?.delete(session);
    if (left === undefined || left.size > 0) return;
    this.#over.delete(call);
    this.#outputs.push({ kind: 'call-settled', call });
  }

  /** A call that the process before this one had kept goes on. */
  goesOn(call: string): void {
    this.#kept.add(call);
  }

  /** Keeps what was touched, once everything that follows from an input is done. */
  settle(now: number): void {
    if (this.#touched.size === 0) return;
    const touched = this.#touched;
    this.#touched = new Set();
    const calls = new Set<string>();
    for (const leg of touched) {
      const call = this.#ports.callOf(leg);
      if (call !== undefined) calls.add(call);
    }
    for (const id of calls) {
      const call = this.#ports.keepCall(id);
      if (call === undefined) continue;
      const legs = call.legs.map(({ leg }) => ({ leg, kept: this.#ports.keepLeg(now, leg) }));
      const coming = legs.find(({ kept }) => kept === 'later'); // its acceptance waits for a PRACK
      if (coming !== undefined) {
        this.#touched.add(coming.leg);
        continue;
      }
      this.#kept.add(id);
      this.#keep(now, { id, call, legs: legs.flatMap(({ kept }) => (typeof kept === 'object' ? kept : [])) });
    }
  }

  poll(): KeeperOutput | undefined {
    return this.#outputs.shift();
  }

  #keep(now: number, state: Omit<KeptState, 'schema' | 'keptAt'>): void {
    const keptAt = Math.round(this.#ports.wallTime(now));
    this.#outputs.push({ kind: 'keep-call', state: { schema: KEPT_STATE_SCHEMA, keptAt, ...state } });
  }
}
