import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallAnswer } from '@trustline/manager';
import type { ManagerClient } from '@trustline/manager/node';
import { Attacker } from './attacker.ts';
import { demoFailed } from './error.ts';
import { forgePackets } from './forge.ts';
import type { Attack } from './measurement.ts';
import { eventually, within } from './patience.ts';
import { ATTACKS, type End, ends, MAXIMUM_LAG_SECONDS, otherEnd, phonePlans, SPEECH_SECONDS } from './plan.ts';
import type { Station } from './station.ts';

export type Stations = Readonly<Record<End, Station>>;

/** What was seen while the call ran. */
export interface Conversation {
  /** The call as the manager showed it. */
  readonly running: CallAnswer;
  readonly forged: Readonly<Record<End, Attack>>;
  readonly replayed: Readonly<Record<End, Attack>>;
}

/** How long may pass until the phones are registered, until a call is up, and until what was sent has come in. */
const patience = { registration: 30_000, call: 10_000, digits: 5_000, arrival: 3_000 } as const;
/** Silence before the speech and after the digits, in milliseconds. */
const PAUSE = 400;
/** Between speech and digits: events replace audio (RFC 4733), and no lag may lay their gaps over the speech. */
const PAUSE_BEFORE_DIGITS = MAXIMUM_LAG_SECONDS * 1_000;

/** Both phones register, call, speak, press keys, are attacked, and hang up. */
export async function converse(
  stations: Stations,
  client: ManagerClient,
  say: (sentence: string) => void,
): Promise<Conversation> {
  const { caller, called } = stations;
  const both = [caller, called];
  await within(
    patience.registration,
    'the phones did not register',
    Promise.all(both.map((station) => station.registered())),
  );
  say(
    `both phones have booted, enrolled at CAPF by ${caller.trust.enrolledBy ?? 'nothing'}, and are registered by ${caller.tls?.protocol ?? 'no TLS'}`,
  );

  const answered = called.answer();
  await caller.dial(phonePlans.called.line);
  await within(patience.call, 'the call was not answered', established(stations, answered));
  await delay(PAUSE);
  const { calls } = await client.calls();
  const [running] = calls;
  if (running === undefined) throw demoFailed('The manager knows of no call.');
  say(
    `${phonePlans.caller.line} talks with ${phonePlans.called.line}, ${running.level}: ${SPEECH_SECONDS} s of speech each way`,
  );

  await within(
    SPEECH_SECONDS * 1_000 + patience.call,
    'the speech did not end',
    Promise.all(both.map(({ voice }) => voice.speak())),
  );
  await delay(PAUSE_BEFORE_DIGITS);
  say('both press keys (DTMF)');
  await pressKeys(stations);
  say('somebody sends forged and replayed packets to both phones');
  const attacked = await attackPhones(stations);
  caller.call.hangUp();
  await within(patience.call, 'the call did not end', Promise.all(both.map(({ call }) => call.ended)));
  return { running, ...attacked };
}

/** Waits until all digits have come in; what did not is a figure of its own. */
async function pressKeys(stations: Stations): Promise<void> {
  for (const end of ends) stations[end].call.sendDigits(phonePlans[end].digits);
  await eventually(patience.digits, () =>
    ends.every((end) => stations[end].call.digits.length >= phonePlans[otherEnd(end)].digits.length),
  );
  await eventually(patience.digits, () => ends.every((end) => !stations[end].call.sendsDigits));
  await delay(PAUSE);
}

async function attackPhones(stations: Stations): Promise<Pick<Conversation, 'forged' | 'replayed'>> {
  const attacker = await Attacker.open(stations.caller.mediaAddress.address);
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const forged = await attackBoth(stations, attacker, (from) => forgePackets(sentBy(from), ATTACKS, random));
  const replayed = await attackBoth(stations, attacker, (from) => Array<Uint8Array>(ATTACKS).fill(sentBy(from)));
  attacker.close();
  return { forged, replayed };
}

/** Up at both ends; a call that ends before is an error with its reason. */
async function established({ caller, called }: Stations, answered: Promise<void>): Promise<void> {
  const refused = caller.call.ended.then(({ ending, reason }) => {
    throw demoFailed(`The call ended before it was answered: ${ending}, ${reason}.`);
  });
  refused.catch(() => undefined);
  const up = answered.then(() => Promise.all([caller.call.established, called.call.established]));
  await Promise.race([up, refused]);
}

function sentBy(station: Station): Uint8Array {
  if (station.lastSent === undefined) throw demoFailed(`The phone ${station.plan.line} has sent nothing.`);
  return station.lastSent;
}

/** Sends each phone what is made of the other's packets, and counts what came in and what was refused. */
async function attackBoth(
  stations: Stations,
  attacker: Attacker,
  make: (from: Station) => readonly Uint8Array[],
): Promise<Readonly<Record<End, Attack>>> {
  const attack = async (end: End): Promise<Attack> => {
    const target = stations[end];
    const [arrivedBefore, before] = [target.arrivedFrom(attacker.address), target.rejections()];
    const datagrams = make(stations[otherEnd(end)]);
    await attacker.send(target.mediaAddress, datagrams);
    const arrived = () => target.arrivedFrom(attacker.address) - arrivedBefore;
    await eventually(patience.arrival, () => arrived() >= datagrams.length);
    const reasons = increase(before, target.rejections());
    const refused = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    return { sent: datagrams.length, arrived: arrived(), refused, reasons };
  };
  return { caller: await attack('caller'), called: await attack('called') };
}

/** What has grown, and by how much. */
function increase(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const grown = Object.entries(after).map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}
