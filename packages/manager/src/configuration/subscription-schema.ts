/** Who is told what about lines: the part of `trustline.yaml` about subscriptions. */
import { z } from 'zod';
import { dialableNumber } from '../dialable-number.ts';
import { name, numberPattern } from './numbering-schema.ts';

export const subscriptions = z.strictObject({
  perDevice: z
    .int()
    .min(1)
    .default(100)
    .describe('Subscriptions that one device may hold at once (RFC 6665); a further one is answered 403 and says why.'),
  minimumSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .default(60)
    .describe('Shorter subscriptions are answered 423 (RFC 6665 §4.2.1.1).'),
  defaultSeconds: z.int().min(1).default(3_600).describe('Lifetime of a subscription that names none.'),
  maximumSeconds: z.int().min(1).default(86_400).describe('Longer subscriptions are shortened to this.'),
});

export const textMessages = z.strictObject({
  maximumOctets: z
    .int()
    .min(1)
    .max(16_384)
    .default(1_024)
    .describe(
      'Longest text of a message between lines (MESSAGE); a longer one is answered 413. Over UDP a whole request may have 1,300 octets (RFC 3428 §8).',
    ),
  perSecond: z
    .int()
    .min(1)
    .default(5)
    .describe('Messages that one device may send in a second; more are answered 503.'),
});

export const callBack = z.strictObject({
  activate: dialableNumber
    .default('*37')
    .describe(
      'Dialled after a busy line: the phone is rung when that line is free, and then the line (as CCBS of GSM and ISDN).',
    ),
  cancel: dialableNumber.default('#37').describe('Dialled to be called back no more.'),
  minutes: z.int().min(1).max(1_440).default(45).describe('How long a call back is waited for.'),
});

export const watcher = z.strictObject({
  name: name('right'),
  lines: z.array(numberPattern).default([]).describe('Patterns of the lines that may watch.'),
  devices: z.array(z.string().min(1)).default([]).describe('Names of devices that may watch, whatever their lines.'),
  of: z
    .array(numberPattern)
    .min(1)
    .describe('Patterns of the lines whose calls they may watch (dialog event, RFC 4235).'),
  identities: z
    .boolean()
    .default(false)
    .describe('They also see who is at the other end, unless that one withholds it.'),
});
