/** The part of the HTTP interface that is about lines, whatever devices they are on. */
import { z } from 'zod';
import { dialableNumber } from '../dialable-number.ts';
import type { Answer } from './answer.ts';

/** Null takes back what was set; what is left out stays. */
const target = (title: string, option: string) =>
  dialableNumber
    .nullable()
    .optional()
    .meta({ title, option, examples: ['1002'] });

export const forwardingRequest = z.strictObject({
  always: target('number for every call', '--always'),
  busy: target('number while it is busy', '--busy'),
  noAnswer: target('number when nobody answers', '--unanswered'),
  unregistered: target('number while no phone is registered', '--unregistered'),
  noAnswerSeconds: z
    .int()
    .min(1)
    .max(600)
    .nullable()
    .optional()
    .meta({ title: 'seconds that it rings', option: '--after', examples: [15] }),
  doNotDisturb: z
    .boolean()
    .optional()
    .meta({ title: 'whether it is not to be disturbed', option: '--do-not-disturb', examples: [true] }),
});
export type ForwardingRequest = z.input<typeof forwardingRequest>;

const calls = (title: string, option: string) =>
  z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .optional()
    .meta({ title, option, examples: [1] });

/** Null takes back what was set; what is left out stays. */
export const lineLimitsRequest = z.strictObject({
  busyFrom: calls('number of calls from which it is busy', '--busy-from'),
  most: calls('number of calls it has at most', '--most'),
});
export type LineLimitsRequest = z.input<typeof lineLimitsRequest>;

const count = (title: string, option: string) =>
  z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .meta({ title, option, examples: [2] });

/** Of voice messages; what is left out is none. */
export const waitingMessagesRequest = z.strictObject({
  new: count('number of new messages', '--new'),
  old: count('number of old messages', '--old'),
});
export type WaitingMessagesRequest = z.input<typeof waitingMessagesRequest>;

/** Where the calls of a line go that it does not take; null where they end. */
export interface ForwardingAnswer {
  readonly always: string | null;
  readonly busy: string | null;
  readonly noAnswer: string | null;
  readonly unregistered: string | null;
  /** Null for `calls.forwardSeconds`. */
  readonly noAnswerSeconds: number | null;
  /** It is not rung: busy to whoever calls. */
  readonly doNotDisturb: boolean;
}

export interface LineAnswer {
  readonly number: string;
  readonly displayName: string | null;
  readonly devices: readonly string[];
  readonly forwarding: ForwardingAnswer;
  /** How many calls it has, both ways; null for as many as all have. */
  readonly limits: { readonly busyFrom: number | null; readonly most: number | null };
  /** Voice messages that wait for it. */
  readonly messages: { readonly new: number; readonly old: number };
}

export interface LinesAnswer extends Answer {
  readonly lines: readonly LineAnswer[];
}

export interface LineForwardedAnswer extends LinesAnswer {
  /** Numbers that calls go to now and that lead nowhere, in words. */
  readonly warnings: readonly string[];
}
