import { setTimeout as delay } from 'node:timers/promises';
import type { HeardFlow } from '@trustline/audit';
import type { TransportAddress } from '@trustline/capture';
import type { SecurityLevel } from '@trustline/evidence';
import { speechLike } from '@trustline/phone';
import type { RunningCall } from '@trustline/phone/node';
import type { DirectionKeys } from '@trustline/srtp';
import { demoFailed } from './error.ts';
import type { SceneProof } from './measurement.ts';
import { eventually, within } from './patience.ts';
import {
  type End,
  eachEnd,
  type Guest,
  guestPlans,
  otherEnd,
  phonePlans,
  SCENE_LAG_SECONDS,
  SCENE_SPEECH_SECONDS,
} from './plan.ts';
import type { Station } from './station.ts';
import { compare } from './tap.ts';
import { Voice } from './voice.ts';

/** The phones of the scenes: the two of the demo, and those that they meet. */
export type Cast = Readonly<Record<End | Guest, Station>>;

/** One end of a call, while it runs. */
interface SceneEnd {
  readonly station: Station;
  readonly call: RunningCall;
  readonly voice: Voice;
  readonly speech: Int16Array;
}

type ScenePair = Readonly<Record<End, SceneEnd>>;

/** What was seen of a call; what a tap heard of it is known when the capture is read. */
export interface PlayedScene {
  readonly proof: Omit<SceneProof, 'tap'>;
  /** Without its keys. */
  readonly said: Readonly<Record<End, { readonly speech: Int16Array; readonly address: TransportAddress }>>;
}

const patience = { call: 10_000, hold: 5_000 } as const;
/** How long is listened for packets on hold, in milliseconds; some may be under way when it begins. */
const HOLD = { settles: 300, lasts: 600 } as const;

/** The calls that phones of Skinny have beside the first: with a phone by SIP both ways, held, transferred, and without protection. */
export async function playScenes(cast: Cast, say: (sentence: string) => void): Promise<readonly PlayedScene[]> {
  const skinny = phonePlans.caller.line;
  say(`${skinny} calls ${guestPlans.sip.line}, a phone by SIP`);
  const toSip = await callAndSpeak('to-sip', cast.caller, cast.sip);
  say(`${guestPlans.sip.line} calls ${skinny} back`);
  const fromSip = await callAndSpeak('from-sip', cast.sip, cast.caller);
  say(
    `${skinny} calls ${phonePlans.called.line}, puts it on hold, resumes, and transfers it to ${guestPlans.sip.line}`,
  );
  const transferred = await holdAndTransfer(cast);
  say(`${skinny} calls ${guestPlans.open.line}, a phone without any protection`);
  const open = await callAndSpeak('open-lock', cast.caller, cast.open);
  return [toSip, fromSip, transferred, open];
}

/** Compares what was said in each scene with what a tap heard, without keys and with all of them. */
export function tapScenes(
  played: readonly PlayedScene[],
  heard: readonly HeardFlow[],
  understood: readonly HeardFlow[],
): readonly SceneProof[] {
  return played.map(({ proof, said }) => {
    const directions = eachEnd((end) => ({
      speech: said[end].speech,
      source: said[end].address,
      destination: said[otherEnd(end)].address,
      maximumLagSeconds: SCENE_LAG_SECONDS,
    }));
    const [without, withKeys] = [compare(heard, directions), compare(understood, directions)];
    const both = [without.caller, without.called];
    return {
      ...proof,
      tap: {
        packets: Math.min(...both.map((one) => one.packets)),
        highest: Math.max(...both.map(({ highest }) => highest)),
        lowest: Math.min(...both.map(({ lowest }) => lowest)),
        lowestWithKeys: Math.min(withKeys.caller.lowest, withKeys.called.lowest),
      },
    };
  });
}

async function callAndSpeak(name: SceneProof['name'], from: Station, to: Station): Promise<PlayedScene> {
  const pair = await connect(from, to);
  await speak(pair);
  const scene = played(name, pair, { hold: null, keysAreNew: null });
  await hangUp(pair.caller.call, pair.called.call);
  return scene;
}

/** The caller holds: what both send meanwhile is counted. */
async function holdAndResume({ caller, called }: ScenePair): Promise<SceneProof['hold']> {
  const before = keysOf(caller);
  caller.call.hold();
  await eventually(patience.hold, () => caller.call.media === undefined);
  await delay(HOLD.settles);
  const sent = () => [caller, called].map(({ call }) => call.statistics()?.packetsSent ?? 0);
  const heard = () => [caller, called].map(({ call }) => call.statistics()?.packetsReceived ?? 0);
  const since = sent();
  await delay(HOLD.lasts);
  const packets = sumOf(sent()) - sumOf(since);
  const heardOnHold = heard();
  caller.call.resume();
  const goesOn = await eventually(patience.hold, () => heard().every((count, at) => count > (heardOnHold[at] ?? 0)));
  const after = keysOf(caller);
  return { packets, goesOn, keysAreNew: after.length > 0 && !after.some((one) => before.includes(one)) };
}

async function holdAndTransfer(cast: Cast): Promise<PlayedScene> {
  const first = await connect(cast.caller, cast.called);
  const hold = await holdAndResume(first);
  const second = cast.sip.nextCall();
  first.caller.call.transfer(guestPlans.sip.line);
  const call = await within(patience.call, 'the transferred call did not come in', second);
  const sip = await taken(cast.sip, call);
  const isTransferred = await within(patience.call, 'the transfer was not decided', first.caller.call.transferred);
  if (!isTransferred) throw demoFailed('The manager did not transfer the call.');
  await within(patience.call, 'the transferred call was not answered', call.established);
  const pair = { caller: first.called, called: sip };
  const known = cast.caller.keysOf(first.caller.call).flatMap(({ send, receive }) => [send, receive].map(printOf));
  await eventually(patience.call, () => keysOf(pair.caller).every((one) => !known.includes(one)));
  await speak(pair);
  const keysAreNew = [...keysOf(pair.caller), ...keysOf(pair.called)].every((one) => !known.includes(one));
  const scene = played('held-and-transferred', pair, { hold, keysAreNew });
  await hangUp(pair.caller.call, pair.called.call);
  return scene;
}

async function connect(from: Station, to: Station): Promise<ScenePair> {
  const arriving = to.nextCall();
  const { speech, voice } = voiceOf(from);
  const call = await from.place(to.plan.line, voice);
  const ended = call.ended.then(({ ending, reason }) => {
    throw demoFailed(`The call to ${to.plan.line} ended before it was answered: ${ending}, ${reason}.`);
  });
  ended.catch(() => undefined);
  const arrived = Promise.race([arriving, ended]);
  const called = await taken(to, await within(patience.call, `${to.plan.line} did not ring`, arrived));
  await within(patience.call, 'the call was not answered', Promise.all([call.established, called.call.established]));
  await eventually(patience.call, () => call.media !== undefined && called.call.media !== undefined);
  return { caller: { station: from, call, voice, speech }, called };
}

async function taken(station: Station, call: RunningCall): Promise<SceneEnd> {
  const { speech, voice } = voiceOf(station);
  await station.take(call, voice);
  return { station, call, voice, speech };
}

function voiceOf({ plan }: Station): { readonly speech: Int16Array; readonly voice: Voice } {
  const speech = speechLike(SCENE_SPEECH_SECONDS, plan.seed).samples;
  return { speech, voice: new Voice(speech) };
}

async function speak({ caller, called }: ScenePair): Promise<void> {
  const both = Promise.all([caller.voice.speak(), called.voice.speak()]);
  await within(SCENE_SPEECH_SECONDS * 1_000 + patience.call, 'the speech did not end', both);
  await delay(HOLD.settles);
}

async function hangUp(call: RunningCall, other: RunningCall): Promise<void> {
  call.hangUp();
  await within(patience.call, 'the call did not end', Promise.all([call.ended, other.ended]));
}

function played(
  name: SceneProof['name'],
  pair: ScenePair,
  { hold, keysAreNew }: Pick<SceneProof, 'hold' | 'keysAreNew'>,
): PlayedScene {
  const shown = (end: End): SecurityLevel | null => pair[end].call.level ?? null;
  const [near, far] = [pair.caller, pair.called].map(({ station, call }) => station.keysOf(call).at(-1));
  const agree =
    near !== undefined &&
    far !== undefined &&
    printOf(near.send) === printOf(far.receive) &&
    printOf(far.send) === printOf(near.receive);
  return {
    proof: {
      name,
      from: pair.caller.station.plan.line,
      to: pair.called.station.plan.line,
      levelsShown: [shown('caller'), shown('called')],
      suite: pair.caller.call.media?.suite ?? null,
      keysAgree: agree,
      hold,
      keysAreNew,
    },
    said: eachEnd((end) => ({ speech: pair[end].speech, address: addressOf(pair[end].call) })),
  };
}

function addressOf({ mediaAddress }: RunningCall): TransportAddress {
  if (mediaAddress === undefined) throw demoFailed('A call has no media.');
  return mediaAddress;
}

/** Prints of the keys that an end has now, of both directions. */
function keysOf({ station, call }: SceneEnd): readonly string[] {
  const keys = station.keysOf(call).at(-1);
  return keys === undefined ? [] : [printOf(keys.send), printOf(keys.receive)];
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function printOf({ fingerprint }: DirectionKeys): string {
  return fingerprint;
}
