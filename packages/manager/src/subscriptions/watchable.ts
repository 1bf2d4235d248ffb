import type { LineCall, Route } from '@trustline/callcontrol';
import {
  DIALOG_EVENT,
  DIALOG_INFO_TYPE,
  MESSAGE_SUMMARY_EVENT,
  MESSAGE_SUMMARY_TYPE,
  PIDF_TYPE,
  PRESENCE_EVENT,
  REG_EVENT,
  REG_INFO_TYPE,
  type SipFlow,
  type SipHeader,
} from '@trustline/sip';
import type { DeviceDirectory } from '../device-directory.ts';
import {
  activityOf,
  type DialogIdentifiers,
  dialogDocument,
  type LineActivity,
  messageSummaryDocument,
  presenceDocument,
  regDocument,
  type WaitingMessages,
} from './documents.ts';
import type { DialogView, Watcher } from './watching-rights.ts';

/** Something that a watcher may watch, as he may see it. */
export interface Watchable {
  readonly line: string;
  readonly contentType: string;
  /** Milliseconds between two changes that are told. */
  readonly leastInterval: number;
  /** What is true now, in short: while it stays the same, nobody is told. */
  state(): string;
  /** What is true now, as a document. */
  write(now: number, version: number): Uint8Array;
}

/** Why something may not be watched. */
export interface WatchRefusal {
  readonly status: number;
  /** For the person at the phone. */
  readonly warning?: string;
  readonly headers?: readonly SipHeader[];
  /** Who asked. */
  readonly device?: string;
  /** For the operator, where he should know. */
  readonly reason?: string;
  readonly cause?: string;
}

/** What the event packages look at. */
export interface WatchedWorld {
  readonly directory: DeviceDirectory;
  lineCalls(line: string): readonly LineCall[];
  identifiersOf(leg: string): DialogIdentifiers | undefined;
  messagesOf(line: string): WaitingMessages;
  /** Where a number leads that this watcher dials. */
  route(now: number, number: string, watcher: Watcher): Route | undefined;
  /** What a watcher sees of a line's calls by a configured right. */
  viewOf(watcher: Watcher, watched: string): DialogView | undefined;
}

/** "SHOULD NOT generate notifications for a single presentity at a rate of more than once every five seconds" (RFC 3856 §6.10). */
const PRESENCE_INTERVAL = 5_000;

type Opened = Watchable | WatchRefusal;

const packages: Readonly<Record<string, (world: WatchedWorld, asked: Asked) => Opened>> = {
  [DIALOG_EVENT]: openDialogs,
  [PRESENCE_EVENT]: openPresence,
  [MESSAGE_SUMMARY_EVENT]: openMessages,
  [REG_EVENT]: openRegistrations,
};

interface Asked {
  readonly now: number;
  readonly watcher: Watcher;
  /** The number that was asked for; empty where the request is for the manager itself. */
  readonly number: string;
  /** The host by which the watcher knows us. */
  readonly host: string;
}

/**
 * Says what may be watched: rights first, then existence, so that nobody learns of lines that he may not call.
 *
 * @param number that is asked for; empty where it is the manager itself
 */
export function openWatchable(
  world: WatchedWorld,
  now: number,
  watcher: Watcher,
  event: string,
  number: string,
  flow: SipFlow,
): Opened {
  const open = Object.hasOwn(packages, event) ? packages[event] : undefined;
  if (open === undefined) {
    const headers = [{ name: 'Allow-Events', value: Object.keys(packages).join(', ') }];
    return { status: 489, warning: 'There is nothing of this event package here', headers };
  }
  return open(world, { now, watcher, number, host: flow.local.host });
}

/** A line of the watcher's own device, or one that a right names (RFC 4235 §6: who watches calls must be authorised). */
function openDialogs(world: WatchedWorld, { watcher, number, host }: Asked): Opened {
  const isOwn = world.directory.device(watcher.device)?.lines.includes(number) === true;
  const right = world.viewOf(watcher, number);
  if (!isOwn && right === undefined) {
    const cause = `${watcher.line} on ${watcher.device} has no right to watch the calls of ${number}`;
    return {
      status: 403,
      warning: 'There is no right to watch the calls of this line',
      reason: 'no-watching-right',
      cause,
    };
  }
  if (world.directory.line(number) === undefined) return unknownLine;
  const view = { identities: isOwn || right?.identities === true, identifiers: right?.identifiers === true };
  const state = () =>
    JSON.stringify(
      world.lineCalls(number).map((call) => [call, view.identifiers ? world.identifiersOf(call.leg) : undefined]),
    );
  return {
    line: number,
    contentType: DIALOG_INFO_TYPE,
    leastInterval: 0,
    state,
    write: (_now, version) =>
      dialogDocument(number, host, world.lineCalls(number), view, (leg) => world.identifiersOf(leg), version),
  };
}

/**
 * What a device may see of the calls of a line, without who is at the other end: by the same rights as the dialog event.
 * Undefined where it has none, and for a number that is no line.
 */
export function watchedActivity(world: WatchedWorld, device: string, number: string): LineActivity | undefined {
  const own = world.directory.device(device)?.lines ?? [];
  const mayWatch = own.includes(number) || own.some((line) => world.viewOf({ device, line }, number) !== undefined);
  if (!mayWatch || world.directory.line(number) === undefined) return undefined;
  return activityOf(world.lineCalls(number), isRegistered(world, number), mustNotRing(world, number));
}

/** A line of the watcher's own device, or one that it could call: partitions and calling search spaces count. */
function openPresence(world: WatchedWorld, { now, watcher, number, host }: Asked): Opened {
  const isOwn = world.directory.device(watcher.device)?.lines.includes(number) === true;
  const route: Route | undefined = isOwn
    ? { kind: 'line', line: number, policy: 'prefer' }
    : world.route(now, number, watcher);
  if (route?.kind === 'blocked') return { status: 403, warning: route.reason };
  if (route?.kind !== 'line') return unknownLine;
  const { line } = route;
  const activity = () => activityOf(world.lineCalls(line), isRegistered(world, line), mustNotRing(world, line));
  return {
    line,
    contentType: PIDF_TYPE,
    leastInterval: PRESENCE_INTERVAL,
    state: activity,
    write: () => presenceDocument(number, host, activity()),
  };
}

function openMessages(world: WatchedWorld, asked: Asked): Opened {
  const line = ownLine(world, asked);
  if (line === undefined) return notOwn('The messages of a line are told to its own phones alone');
  const { host } = asked;
  return {
    line,
    contentType: MESSAGE_SUMMARY_TYPE,
    leastInterval: 0,
    state: () => JSON.stringify(world.messagesOf(line)),
    write: () => messageSummaryDocument(line, host, world.messagesOf(line)),
  };
}

/** "a user [may] subscribe to its own registration state" (RFC 3680 §4.7); of a shared line each phone to its own contacts. */
function openRegistrations(world: WatchedWorld, asked: Asked): Opened {
  const line = ownLine(world, asked);
  if (line === undefined) return notOwn('Registrations are told to the phone that made them alone');
  const { device } = asked.watcher;
  const registrations = () => world.directory.registrations(device).filter((one) => one.line === line);
  return {
    line,
    contentType: REG_INFO_TYPE,
    leastInterval: 0,
    state: () => JSON.stringify(registrations().map(({ binding }) => [binding.uri, binding.callId])),
    write: (now, version) => regDocument(line, asked.host, registrations(), now, version),
  };
}

/** The line that is asked for, or the asking one where none is named; undefined where it is not on the watcher's device. */
function ownLine(world: WatchedWorld, { watcher, number }: Asked): string | undefined {
  const line = number === '' ? watcher.line : number;
  return world.directory.device(watcher.device)?.lines.includes(line) === true ? line : undefined;
}

function isRegistered({ directory }: WatchedWorld, line: string): boolean {
  return directory.devicesOf(line).some((device) => directory.registration(device, line) !== undefined);
}

/** Its phones are not to ring. */
function mustNotRing({ directory }: WatchedWorld, line: string): boolean {
  return directory.line(line)?.forwarding?.doNotDisturb === true;
}

const unknownLine: WatchRefusal = { status: 404, warning: 'There is no such line' };

function notOwn(warning: string): WatchRefusal {
  return { status: 403, warning };
}
