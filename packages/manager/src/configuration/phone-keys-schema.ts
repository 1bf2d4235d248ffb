/** What phones have keys for beside their lines: a part of `trustline.yaml`. */
import { z } from 'zod';
import { dialableNumber } from '../dialable-number.ts';

/** What a key of an older phone has room for; longer labels are cut by the phone. */
const longestNumber = 23;
const longestLabel = 39;
const longestUrl = 255;

const label = z.string().min(1).max(longestLabel).describe('What stands beside the key.');

const speedDial = z.strictObject({
  number: dialableNumber.max(longestNumber).describe('Number that the key dials.'),
  label,
  busyLamp: z
    .boolean()
    .default(false)
    .describe(
      'The lamp of the key shows whether the line of this number is idle, rings or is in use. The phone needs a right to ' +
        'watch it (`watchers`, `pickUpGroups`); without, the lamp stays dark, and an event says so.',
    ),
});

const serviceUrl = z.strictObject({
  url: z
    .string()
    .max(longestUrl)
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'an address of the web is wanted')
    .describe('Page that the phone shows (http or https).'),
  label,
});

export const phoneKeys = z
  .array(
    z.strictObject({
      device: z.string().min(1).describe('Name of the phone, as it was added.'),
      speedDials: z.array(speedDial).max(200).default([]).describe('Numbers behind keys, in their order.'),
      serviceUrls: z.array(serviceUrl).max(50).default([]).describe('Pages behind keys, after the speed dials.'),
    }),
  )
  .refine(
    (all) => new Set(all.map(({ device }) => device)).size === all.length,
    'each phone is named once, with all its keys',
  );

export const voiceMailNumber = dialableNumber.max(longestNumber);
