/** How a call came to a number, between call control's steps and what H.450.3 tells of the first and the last of them. */
import type { Diversion } from '@trustline/callcontrol';
import type { DiversionInformation } from '@trustline/h323';

const reasons: Readonly<Record<Diversion['reason'], DiversionInformation['reason']>> = {
  unconditional: 'cfu',
  'user-busy': 'cfb',
  'no-answer': 'cfnr',
  unavailable: 'unknown',
  deflection: 'unknown',
  unknown: 'unknown',
};
const reasonsOfH450: Readonly<Record<DiversionInformation['reason'], Diversion['reason']>> = {
  cfu: 'unconditional',
  cfb: 'user-busy',
  cfnr: 'no-answer',
  unknown: 'unknown',
};

/** Undefined where the call was for the number from the start. */
export function diversionOf(diversions: readonly Diversion[]): DiversionInformation | undefined {
  const [first, last] = [diversions[0], diversions.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return {
    count: diversions.length,
    reason: reasons[last.reason],
    divertingNumber: last.from,
    ...(first === last ? {} : { original: { number: first.from, reason: reasons[first.reason] } }),
  };
}

/** Oldest first; what is between the first and the last nobody has told. */
export function diversionsOf(information: DiversionInformation | undefined, called: string): readonly Diversion[] {
  if (information === undefined) return [];
  const { reason, divertingNumber, original } = information;
  const steps = [
    ...(original === undefined || original.number === divertingNumber ? [] : [original]),
    ...(divertingNumber === '' ? [] : [{ number: divertingNumber, reason }]),
  ];
  return steps.map((step, at) => ({
    from: step.number,
    to: steps[at + 1]?.number ?? called,
    reason: reasonsOfH450[step.reason],
  }));
}
