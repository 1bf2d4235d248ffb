import { setTimeout as delay } from 'node:timers/promises';
import type { SecurityLevel } from '@trustline/evidence';
import type { ManagerClient } from '@trustline/manager/node';
import type { RunningCall } from '@trustline/phone/node';
import { demoFailed } from '../error.ts';
import { within } from '../patience.ts';
import { phonePlans, SPEECH_SECONDS } from '../plan.ts';
import type { Station } from '../station.ts';
import { type GatewayDemoOptions, gatewayPlan } from './plan.ts';

const patience = { call: 20_000, end: 10_000 } as const;
/** Silence before the speech, and after it until the last of it has come back, in milliseconds. */
const PAUSE = 400;
const ECHO = 1_000;

/** What was seen of the call to the public network. */
export interface GatewayConversation {
  readonly call: RunningCall;
  readonly answered: boolean;
  /** The manager's name of it; undefined where it was refused before there was one. */
  readonly id: string | undefined;
  readonly level: SecurityLevel | null;
  readonly levelShown: SecurityLevel | null;
  readonly suite: string | null;
  readonly end: Awaited<RunningCall['ended']>;
}

/** The phone calls a number of the public network; where it is answered it speaks, and hangs up. */
export async function converse(
  { say }: GatewayDemoOptions,
  client: ManagerClient,
  station: Station,
): Promise<GatewayConversation> {
  const number = `${gatewayPlan.accessCode}${gatewayPlan.number}`;
  say(`${phonePlans.caller.line} calls ${number}, a number of the public network`);
  await station.dial(number);
  const { call } = station;
  const isUp = call.established.then(() => true);
  isUp.catch(() => undefined);
  const answered = await within(
    patience.call,
    'the call was neither answered nor refused',
    Promise.race([isUp, call.ended.then(() => false)]),
  );
  if (!answered) {
    const end = await call.ended;
    say(`the call was refused: ${end.reason}`);
    const { ended } = await client.calls();
    return { call, answered, id: ended[0]?.call, level: null, levelShown: null, suite: null, end };
  }
  await delay(PAUSE);
  const [running] = (await client.calls()).calls;
  if (running === undefined) throw demoFailed('The manager knows of no call.');
  const { level } = running;
  say(`the public network has answered, ${level}: ${SPEECH_SECONDS} s of speech, which it sends back`);
  await within(SPEECH_SECONDS * 1_000 + patience.end, 'the speech did not end', station.voice.speak());
  await delay(ECHO);
  const levelShown = call.level ?? null;
  const suite = call.media?.suite ?? null;
  call.hangUp();
  const end = await within(patience.end, 'the call did not end', call.ended);
  return { call, answered, id: running.call, level, levelShown, suite, end };
}
