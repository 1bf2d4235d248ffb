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

export const port = z.discriminatedUnion('kind', [pri]);
