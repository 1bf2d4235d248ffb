import { isOpen } from '../model/exposure.ts';
import type { CallLeg, MediaDescription } from '../model/leg.ts';
import type { Finding } from '../model/report.ts';
import { agreementOn, sendingEnd } from './agreed-keys.ts';
import type { CallFacts, ExposedKey } from './call-facts.ts';
import { findingOf } from './catalogue.ts';
import { ofStrayKeys, strayKeysOf } from './stray-key-findings.ts';
import { countText, protocolNames } from './verdict.ts';

const codes = {
  sdes: 'sdes-key-in-clear',
  skinny: 'skinny-key-in-clear',
  'h235.8': 'h323-key-in-clear',
  mgcp: 'mgcp-key-in-clear',
} as const;

/** Where a key of the media lay open, or may be replaced. */
export function* keyFindings(facts: CallFacts): Generator<Finding> {
  const { legs } = facts;
  const exposedKeys = encryptedNothing(facts) ? [] : facts.exposedKeys;
  const leaked = exposedKeys.filter((exposed) => isLeakedLater(exposed, facts));
  const rest = exposedKeys.filter((exposed) => !leaked.includes(exposed));
  if (leaked.length > 0) yield ofKeys('key-leaked-later', leaked);
  const withinTls = rest.filter(({ isWithinTls }) => isWithinTls);
  if (withinTls.length > 0) yield ofKeys('key-in-null-cipher-tls', withinTls);
  for (const how of ['sdes', 'skinny', 'h235.8', 'mgcp'] as const) {
    const keys = rest.filter((exposed) => exposed.how === how && !exposed.isWithinTls);
    if (keys.length > 0) yield ofKeys(codes[how], keys);
  }
  yield* keysOfOtherCalls(facts);
  const strays = strayKeysOf(facts.crackedStreams);
  if (strays.length > 0) yield ofStrayKeys(strays);
  yield* fingerprintFindings(legs);
  const keyings = new Set(legs.flatMap(({ descriptions }) => descriptions.flatMap(({ keying }) => keying)));
  if (keyings.has('mikey')) yield ofKeying('mikey-seen', legs, 'mikey');
  if (keyings.has('zrtp')) yield ofKeying('zrtp-seen', legs, 'zrtp');
}

/** All of the media went in the clear, so its keys opened nothing: the other end took none, or did not use its own. */
function encryptedNothing({ streams, legs }: CallFacts): boolean {
  const isClear = streams.every(
    ({ report, weaknesses }) =>
      report.state === 'clear' && weaknesses.length === 0 && report.closedPackets + report.openedPackets === 0,
  );
  if (streams.length === 0 || !isClear) return false;
  const senders = new Set(streams.map((stream) => sendingEnd(stream, legs) ?? stream.report.source));
  return senders.size > 1 || streams.every((stream) => agreementOn(stream, legs) === 'declined');
}

function ofKeys(code: string, keys: readonly ExposedKey[]): Finding {
  const packets = [...new Set(keys.map(({ place }) => place.number))];
  const suites = [...new Set(keys.map(({ key }) => key.profile))].join(', ');
  const detail = `${countText(keys.length, 'key')} (${suites}) in ${[...new Set(keys.map(({ leg }) => protocolNames[leg.protocol]))].join(' and ')}, first in packet ${packets[0]}.`;
  return findingOf(code, detail, [{ packets, says: 'a master key of SRTP stands in it' }]);
}

/** Keys that opened media of this call, and stood open in the signalling of another. */
function* keysOfOtherCalls({ exposedKeys, crackedStreams }: CallFacts): Generator<Finding> {
  const own = new Set(exposedKeys.map(({ place }) => place.number));
  const byCode = new Map<string, Set<number>>();
  for (const { key } of crackedStreams) {
    if (key?.source.kind !== 'signalling' || own.has(key.source.place.number)) continue;
    if (key.source.isUnexplained === true) continue;
    const { how, place, exposure } = key.source;
    const code = exposure.kind === 'null-cipher' ? 'key-in-null-cipher-tls' : codes[how];
    byCode.set(code, (byCode.get(code) ?? new Set()).add(place.number));
  }
  for (const [code, packets] of byCode) {
    const [first] = packets;
    const detail = `The key that opened it stood open in the signalling of another call, in packet ${first}.`;
    yield findingOf(code, detail, [{ packets: [...packets], says: 'the key, in another call' }]);
  }
}

/** Media that a key opens began so long before the key was seen, in microseconds. */
const LATER = 3_000_000;

/** A key that shows in the clear after the call was begun with keys that did not. */
function isLeakedLater({ place, isWithinTls }: ExposedKey, { legs, exposedKeys, crackedStreams }: CallFacts): boolean {
  if (isWithinTls || exposedKeys[0]?.place.number !== place.number) return false;
  const wasClosed = legs.some((leg) =>
    leg.descriptions.some((description) => description.place.number < place.number && wasClosedTo(leg, description)),
  );
  const openedBefore = crackedStreams.some(
    ({ first, report }) => report.key?.packet === place.number && place.microseconds - first.microseconds > LATER,
  );
  return wasClosed || openedBefore;
}

/** It agreed on keys, where only a key of the auditor's reads them. */
function wasClosedTo(leg: CallLeg, { place, keying }: MediaDescription): boolean {
  if (!keying.some((one) => one !== 'none')) return false;
  const message = leg.messages.find((one) => one.place.number === place.number);
  return message !== undefined && !isOpen(message.path.exposure);
}

function* fingerprintFindings(legs: readonly CallLeg[]): Generator<Finding> {
  const packets: number[] = [];
  for (const leg of legs) {
    for (const { place, fingerprints } of leg.descriptions) {
      if (fingerprints === undefined || fingerprints.length === 0) continue;
      const message = leg.messages.find((one) => one.place.number === place.number);
      if (message !== undefined && isOpen(message.path.exposure)) packets.push(place.number);
    }
  }
  if (packets.length === 0) return;
  yield findingOf('dtls-fingerprint-in-clear', `The fingerprint stood open in packet ${packets[0]}.`, [
    { packets, says: 'a=fingerprint' },
  ]);
}

function ofKeying(code: string, legs: readonly CallLeg[], keying: 'mikey' | 'zrtp'): Finding {
  const packets = legs.flatMap(({ descriptions }) =>
    descriptions.filter((one) => one.keying.includes(keying)).map(({ place }) => place.number),
  );
  return findingOf(code, `${keying.toUpperCase()} in packet ${packets[0]}.`, [
    { packets, says: 'named in a description' },
  ]);
}
