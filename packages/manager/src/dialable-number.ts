import { z } from 'zod';

/** A number as an operator gives it: what a phone can dial (`isDialable` of call control). */
export const dialableNumber = z.string().regex(/^[0-9A-D*#+]{1,48}$/, 'a number is of digits, A to D, *, # and +');
