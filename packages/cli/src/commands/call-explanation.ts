import { demarcationsOf, eventLine } from '@trustline/evidence';
import type { CallExplanation } from '@trustline/manager';
import { printable, table } from '../terminal.ts';

type Running = NonNullable<CallExplanation['running']>;
type Record = NonNullable<CallExplanation['record']>;

/** One leg, of a running call or of a record. */
interface LegRow {
  readonly role: string;
  readonly device: string;
  readonly line: string;
  readonly signalling: string;
  readonly proof: string;
  readonly keying: string;
  readonly suite: string | null;
  readonly level: string;
}

/** All that is known of a call, for somebody who asks why it went as it did. */
export function explanation({ running, record, events }: CallExplanation): string {
  const call = record ?? running;
  const legs = record === null ? (running?.legs ?? []) : record.legs.map(legRow);
  return [
    `${headline(running, record, events[0]?.call ?? '')}\n`,
    section(
      'Its way',
      (call?.route ?? []).map(({ at, cause }) => `${time(at)}  ${cause}`),
    ),
    section(
      'Its level',
      (call?.levels ?? []).map(({ at, level, cause }) => `${time(at)}  ${level}: ${cause}`),
    ),
    section(
      'Its protection',
      (call?.protection ?? []).map(({ at, state, cause }) => `${time(at)}  ${cause}: ${ofProtection[state]}`),
    ),
    section('What holds it down', holdsDown(call?.level, legs)),
    legs.length === 0 ? '' : `\nIts legs\n${legsTable(legs)}`,
    section('Where protection ends', demarcations(running, record)),
    section('Its media', media(running, record)),
    section('Its times', timings(running, record)),
    section('Its recovery', recovery(running, record)),
    record === null ? '' : section('Why it ended', [whyItEnded(record)]),
    section('What was said of it', events.map(eventLine)),
  ].join('');
}

/** What follows from a change of what protects the signalling of a leg. */
const ofProtection: {
  readonly [State in Running['protection'][number]['state']]: string;
} = {
  lost: 'no new keys and no signalling; the media go on with the keys that they have',
  returned: 'new keys may go, once that is proven',
  'given-up': 'the call was ended',
};

/**
 * A call is as secure as its weakest leg: of one that is not encrypted the legs that make it so, and why. Over the relay the others
 * may be encrypted all the same, and protect nothing of the call as a whole.
 */
function holdsDown(level: string | undefined, legs: readonly LegRow[]): readonly string[] {
  if (level === undefined || level === 'encrypted') return [];
  const weak = legs.filter((leg) => leg.level === level);
  const others = legs.filter((leg) => leg.level === 'encrypted').map(({ line, device }) => line || device);
  return weak.map((leg) => {
    const rest =
      others.length === 0 ? '' : `; ${others.join(', ')} has SRTP, which protects the way to the relay alone`;
    return `the leg of ${leg.line || leg.device} is ${leg.level}: ${lacking(leg).join(', ')}${rest}`;
  });
}

function lacking({ signalling, proof, keying, suite }: LegRow): readonly string[] {
  const hasMedia = keying !== 'none' && suite !== null && suite !== '';
  return [
    ...(signalling === 'none' ? ['its signalling is not protected'] : []),
    ...(proof === 'none' ? ['it has not proved who it is'] : []),
    ...(hasMedia ? [] : ['its media have no SRTP']),
    ...(hasMedia && signalling !== 'none' && proof !== 'none' ? ['its device may have no more'] : []),
  ];
}

function whyItEnded({ cause, reason, outcome, endedBy, legs }: Record): string {
  const what = `${cause} (${reason ?? outcome})`;
  if (endedBy === undefined) return what;
  const role = endedBy === 'caller' ? 'calling' : 'called';
  const leg = endedBy === 'manager' ? undefined : legs.findLast((one) => one.role === role);
  const line = leg?.party.line ?? leg?.party.number;
  const who = endedBy === 'manager' ? 'the call manager' : `the ${endedBy}${line === undefined ? '' : `, ${line}`}`;
  return `${what}, by ${who}`;
}

function headline(running: Running | null, record: Record | null, name: string): string {
  if (record !== null)
    return `Call ${record.call} is over: ${record.outcome}, ${record.level}; encryption: ${record.policy}.`;
  if (running === null) return `Call ${name}: no record was kept.`;
  return `Call ${running.call} to ${printable(running.destination)} is ${running.state}, ${running.level}; encryption: ${running.policy}.`;
}

function legRow({ role, party, signalling, proof, keying, suite = '', level }: Record['legs'][number]): LegRow {
  const { device = '', line = party.number ?? '' } = party;
  return { role, device, line, signalling, proof, keying, suite, level };
}

function legsTable(legs: readonly LegRow[]): string {
  const rows = legs.map(({ role, device, line, signalling, proof, keying, suite, level }) => [
    `  ${role}`,
    line,
    device,
    `${signalling}, proved by ${proof}`,
    keying === 'none' || suite === null || suite === '' ? 'no SRTP' : `${suite}, key by ${keying}`,
    level,
  ]);
  return table(['  LEG', 'LINE', 'DEVICE', 'SIGNALLING', 'MEDIA', 'LEVEL'], rows);
}

/** At which trunks and gateways, where it goes outside. */
function demarcations(running: Running | null, record: Record | null): readonly string[] {
  if (record !== null) return demarcationsOf(record.legs);
  return (running?.legs ?? []).flatMap(({ demarcation }) => demarcation ?? []);
}

/** Which way they go now, and that they are or were transcoded. */
function media(running: Running | null, record: Record | null): readonly string[] {
  const transcoded = record?.transcoded ?? running?.transcoded;
  const way = running === null ? [] : [running.relayed === null ? 'direct' : `over the relay: ${running.relayed}`];
  if (transcoded === null || transcoded === undefined) return way;
  return [...way, `transcoded: ${transcoded.caller} of the caller, ${transcoded.called} of the called`];
}

function timings(running: Running | null, record: Record | null): readonly string[] {
  const startedAt = (record ?? running)?.startedAt;
  if (startedAt === undefined) return [];
  const answeredAt = record?.answeredAt ?? running?.answeredAt ?? undefined;
  const after = (from: string, to: string) => `${((Date.parse(to) - Date.parse(from)) / 1_000).toFixed(3)} s`;
  return [
    `began ${startedAt.replace('T', ' ').replace('Z', ' UTC')}`,
    ...(answeredAt === undefined ? [] : [`answered after ${after(startedAt, answeredAt)}`]),
    ...(record === null ? [] : [`over after ${after(startedAt, record.endedAt)}`]),
  ];
}

/** What a call manager that started anew knows of a call, and what not. */
function recovery(running: Running | null, record: Record | null): readonly string[] {
  const at = record?.recoveredAt ?? running?.recovered?.at;
  if (at === undefined) return [];
  const takenUp = `taken up again ${at.replace('T', ' ').replace('Z', ' UTC')}: the call manager had ended and has started anew`;
  if (record !== null) return [takenUp];
  const unknown = [
    'its media went on straight between its ends, with keys that nobody here knows any more',
    'nothing was agreed since then: its level and its keys are said as they were before',
  ];
  const known = ['its ends have agreed on media since then, and its level is that of these'];
  return [takenUp, ...(running?.recovered?.isMediaKnown === true ? known : unknown)];
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `\n${title}\n${lines.map((line) => `  ${printable(line)}\n`).join('')}`;
}

function time(at: string): string {
  return at.slice(11, 23);
}
