/** Calls for help: said at once, with how they go out, for they pass an encryption that is required and cannot be had. */
import { type Call, isLive, levelOf } from './call.ts';
import { isEncrypted, offeredSecurity } from './media.ts';
import type { World } from './world.ts';

const encryptHelp =
  'To have calls for help encrypted, give the emergency row of the dial plan a trunk with TLS and SRTP as its first.';

/**
 * Places a call for help, and says so before anything of that goes out, with what became of it.
 *
 * @param passesRequire encryption is required on its way, which a call for help passes where it cannot be had
 * @param place places it
 */
export function callForHelp(world: World, now: number, call: Call, passesRequire: boolean, place: () => void): void {
  call.isEmergency = true;
  if (passesRequire) call.clearHelp ??= 'unsaid';
  const { line, device } = call.caller;
  const from = world.outputs.length;
  place();
  const outcome = outcomeOf(world, call, from);
  const isClear = call.clearHelp === 'unsaid' && goesInClear(call);
  const at = world.outputs.length;
  const cause = `${line} on ${device} calls for help: ${call.destination}. ${outcome}`;
  const reason = isClear ? 'emergency-call-clear' : 'emergency-call';
  if (isClear) call.clearHelp = 'said';
  world.event(now, 'emergency-call', call, call.caller, reason, cause, isClear ? encryptHelp : undefined);
  world.outputs.splice(from, 0, ...world.outputs.splice(at));
}

/** Says of a call for help, once, that it has come to go in the clear on a way that requires encryption. */
export function watchHelp(world: World, now: number, call: Call): void {
  if (call.clearHelp !== 'unsaid' || !goesInClear(call)) return;
  call.clearHelp = 'said';
  const { line, device } = call.caller;
  const cause = `The call for help of ${line} on ${device} ${inClear(world, now, call)}`;
  world.event(now, 'emergency-call', call, call.caller, 'emergency-call-clear', cause, encryptHelp);
}

/** What became of it when it was placed, as sentences. */
function outcomeOf(world: World, call: Call, from: number): string {
  const rung = call.called.filter(isLive);
  if (rung.length === 0 || !world.calls.has(call.id)) {
    const refusal = world.outputs.slice(from).find((output) => output.kind === 'refuse');
    return `It is not placed: ${refusal?.warning ?? 'no trunk took it'}.`;
  }
  if (call.clearHelp === 'unsaid' && goesInClear(call)) return `It ${inClear(world, world.now, call)}`;
  const isOffered = rung.every(({ told }) => told !== undefined && offeredSecurity(told) !== 'clear');
  const how = isOffered ? ', with SRTP offered' : goesInClear(call) ? ', without SRTP' : '';
  return `It goes to ${trunks(call)}${how}.`;
}

/** That it goes so, and what its caller is shown. Notes it for the record. */
function inClear(world: World, now: number, call: Call): string {
  const words = `goes to ${trunks(call)} in the clear, though encryption is required: a call for help passes that.`;
  world.noteRoute(now, call, `It ${words}`);
  return `${words} Its caller is shown ${call.level}; the caller's own leg is ${levelOf(call.caller)}.`;
}

function trunks({ called, connected }: Call): string {
  return (connected === undefined ? called.filter(isLive) : [connected]).map(({ device }) => device).join(', ');
}

/** Whether what its ends say can be heard on the way to help; of an offer that is not made yet nothing is known. */
function goesInClear({ caller, called, connected }: Call): boolean {
  const rung = connected === undefined ? called.filter(isLive) : [connected];
  return [caller, ...rung].some((leg) => {
    if (leg.relay?.isClear === true) return true;
    if (leg.told === undefined) return false;
    return leg.state === 'connected' ? !isEncrypted(leg.told) : leg !== caller && offeredSecurity(leg.told) === 'clear';
  });
}
