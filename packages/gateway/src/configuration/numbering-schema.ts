import { z } from 'zod';

/** Where the numbers of a port or carrier are at home. */
export const numberingArea = z
  .strictObject({
    countryCode: z
      .string()
      .regex(/^[1-9]\d{0,2}$/, 'Allowed is a country code of E.164 without plus, in quotes')
      .describe('Country code of E.164: `"49"`, `"1"`.'),
    areaCode: z
      .string()
      .regex(/^\d*$/, 'Allowed are digits, in quotes')
      .default('')
      .describe('Put before numbers that come as those of a subscriber.'),
    nationalPrefix: z
      .string()
      .regex(/^\d*$/, 'Allowed are digits, in quotes')
      .default('0')
      .describe('Dialled before a number of the country.'),
    internationalPrefix: z
      .string()
      .regex(/^\d*$/, 'Allowed are digits, in quotes')
      .default('00')
      .describe('Dialled before a number of another country.'),
    send: z
      .enum(['typed', 'dialled'])
      .default('typed')
      .describe(
        'How numbers are sent: with their type (national, international), to a carrier as E.164 with plus; or as one would dial them.',
      ),
  })
  .describe(
    'Where the numbers of this side are at home: those that come are made numbers of E.164 (`+49301234`), and those that go are made ' +
      'national or international again. Without it only numbers that say that they are international become those of E.164.',
  );

/** What a dial peer does to a number. */
export const rewriting = z.strictObject({
  strip: z.int().min(0).max(32).default(0).describe('Digits that are taken from the front; a plus is one.'),
  prefix: z
    .string()
    .regex(/^\+?[0-9*#]{0,32}$/, 'Allowed are digits, * and #, after a plus or none, in quotes')
    .default('')
    .describe('Put before what is left.'),
  translate: z
    .array(
      z.strictObject({
        from: z
          .string()
          .max(200)
          .refine(isExpression, 'Allowed is a regular expression')
          .describe('Regular expression that the number has to match.'),
        to: z.string().max(64).describe('What the matched part becomes; `$1` is the first group.'),
      }),
    )
    .default([])
    .describe('Rules; the first that matches is applied.'),
});

function isExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
