import { assertNever } from '@trustline/base';
import type { CallControlInput, CallControlOutput, Cause, LegId, MediaDescription } from '@trustline/callcontrol';
import type { PhoneCalls } from './phone-calls.ts';
import { endText, type PhoneTexts } from './phone-texts.ts';

/** Ends that the user has wished, or that say themselves. */
const ordinaryEnds: ReadonlySet<Cause> = new Set(['normal-clearing', 'transferred', 'cancelled', 'answered-elsewhere']);

type LegOutput = Extract<CallControlOutput, { readonly leg: LegId }>;

/** What call control wants of a leg of this phone. */
export function controlPhone(
  now: number,
  calls: PhoneCalls,
  output: LegOutput,
  { texts, say }: { readonly texts: PhoneTexts; say(input: CallControlInput): void },
): void {
  if (output.kind === 'place') {
    calls.ring(output);
    return;
  }
  const call = calls.ofLeg(output.leg);
  if (call === undefined) return;
  if ('level' in output && output.level !== call.level) {
    call.level = output.level;
    if (call.state !== 'dialling' && call.state !== 'failed') calls.show(call);
  }
  switch (output.kind) {
    case 'ring':
      calls.ringsOut(call, output.callWaiting === true);
      return;
    case 'progress': // of a call that it made with an offer: the relay has something to say before it goes on
      call.media?.takeAnswer(now, output.answer);
      return;
    case 'accept':
      calls.answered(call);
      call.media?.takeAnswer(now, output.answer);
      return;
    case 'accept-with-offer':
      calls.answered(call, now, output.offer);
      return;
    case 'offer': {
      const fault = call.media?.takeOffer(now, output.offer, 'answer');
      if (fault !== undefined) say({ kind: 'offer-refused', leg: output.leg, cause: fault });
      else if (call.state === 'connected') {
        if (isHold(output.offer)) calls.promptHeld(call);
        else calls.promptTalking(call);
      }
      return;
    }
    case 'request-offer':
      call.media?.makeOffer(now, 'offer');
      return;
    case 'answer':
      call.media?.takeAnswer(now, output.answer);
      // Who was held and is joined with somebody else has offered itself.
      if (call.state === 'connected' && !isHold(output.answer)) calls.promptTalking(call);
      return;
    case 'refuse-offer':
      call.media?.offerRefused(now, output.cause);
      return;
    case 'refuse':
    case 'release':
      if (ordinaryEnds.has(output.cause)) calls.close(call);
      else calls.fail(now, call, output.cause, output.isFound ? output.warning : undefined);
      return;
    case 'cancel':
      calls.close(call);
      return;
    case 'forwarded':
      calls.forwarded(call, output.to);
      return;
    case 'show':
      calls.protectionShown(call, output.protection);
      return;
    case 'digit':
      calls.screen.digitTone(call, output.digit);
      return;
    case 'refuse-transfer':
    case 'transfer-failed':
      calls.screen.notify(endText(texts, output.cause));
      return;
    case 'transferred':
      calls.screen.notify(call.sent ?? texts.transferred);
      return;
    case 'accept-transfer':
    case 'transfer-rings':
      return;
    default:
      assertNever(output);
  }
}

/** The same, of a phone that has lost its connection: its calls can end, and nothing about them can be changed. */
export function controlLostPhone(now: number, calls: PhoneCalls, output: LegOutput): void {
  const call = output.kind === 'place' ? undefined : calls.ofLeg(output.leg);
  if (call === undefined) return;
  if ('level' in output) call.level = output.level;
  if (output.kind === 'show')
    call.unprotected = output.protection?.isThere === false ? output.protection.device : undefined;
  if (output.kind === 'release' || output.kind === 'refuse' || output.kind === 'cancel') calls.close(call);
  else if (output.kind === 'offer') calls.offeredAway(now, call, output.offer);
  else if (output.kind === 'request-offer') calls.leave(call);
}

function isHold({ streams }: MediaDescription): boolean {
  const active = streams.filter(({ port }) => port !== 0);
  return active.every(({ direction }) => direction === 'sendonly' || direction === 'inactive');
}
