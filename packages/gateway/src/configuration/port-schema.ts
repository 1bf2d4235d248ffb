import { z } from 'zod';
import { numberingArea } from './numbering-schema.ts';

/** What ports of all kinds have. */
const common = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9/._-]{1,32}$/, 'Allowed are letters, digits and / . _ -')
    .describe('As records and displays show it: `0/1`.'),
  numbering: numberingArea.optional(),
};

const pri = z.strictObject({
  ...common,
  kind: z.literal('pri').describe('A primary rate access (Q.921, Q.931).'),
  access: z.enum(['E1', 'T1']).default('E1').describe('E1 has 30 B channels and A-law, T1 23 and µ-law.'),
  side: z
    .enum(['user', 'network'])
    .default('user')
    .describe('Towards the public network we are the user; towards a private exchange the network.'),
  line: z
    .literal('simulation')
    .describe(
      '`simulation` is a public network within this program, for demonstrations and tests: it answers every number and sends back what it ' +
        'hears. A card would be another line; there is none here.',
    ),
});

const callerId = z
  .enum(['bell-202', 'v23', 'dtmf', 'none'])
  .default('bell-202')
  .describe('How the caller’s number is sent between rings: Bell 202 in North America, V.23 or DTMF in Europe.');

const fxs = z.strictObject({
  ...common,
  kind: z.literal('fxs').describe('A line for a telephone, loop start.'),
  number: z
    .string()
    .regex(/^\+?[0-9*#]{1,24}$/, 'Allowed are digits, * and #, and a leading +')
    .optional()
    .describe('The telephone’s own number: who its calls are said to come from.'),
  callerId,
  line: z
    .literal('simulation')
    .describe(
      '`simulation` is a telephone within this program that answers after two seconds and sends back what it hears.',
    ),
});

const fxo = z.strictObject({
  ...common,
  kind: z.literal('fxo').describe('A line of an exchange, loop start: the gateway is the telephone.'),
  callerId,
  dialling: z.enum(['dtmf', 'pulse']).default('dtmf').describe('How numbers are dialled.'),
  answerSupervision: z
    .enum(['battery-reversal', 'none'])
    .default('none')
    .describe(
      'How the exchange says that the called has answered. With `none` a call counts as answered as soon as it is dialled: nothing better is known.',
    ),
  line: z
    .literal('simulation')
    .describe('`simulation` is an exchange within this program, with the numbers of that of `pri`.'),
});

export const port = z.discriminatedUnion('kind', [pri, fxs, fxo]);
