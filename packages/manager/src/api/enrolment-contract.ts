/** The part of the HTTP interface that is about CAPF: which device may enrol, and how it proves itself. */
import { z } from 'zod';
import type { Answer } from './answer.ts';
import type { EnrolmentPhase } from './capf-contract.ts';

const longestWindow = 1_440;

export const enrolmentRequest = z
  .strictObject({
    action: z.enum(['install', 'delete', 'fetch']).default('install').meta({ title: 'action' }),
    /** `string`: digits that someone types; `certificate`: its LSC, or else its MIC; `mic`: its MIC; `nothing`: a window. */
    by: z.enum(['string', 'certificate', 'mic', 'nothing']).meta({ title: 'proof' }),
    /** Made by the manager when it is left out. */
    string: z
      .string()
      .regex(/^[0-9]{4,16}$/, 'an authentication string has 4 to 16 digits')
      .optional()
      .meta({ title: 'authentication string', writeOnly: true }),
    /** Length of a window. */
    minutes: z
      .int()
      .min(1)
      .max(longestWindow)
      .optional()
      .meta({ title: 'minutes', option: '--minutes', examples: [10] }),
    key: z
      .enum(['RSA-1024', 'RSA-2048', 'RSA-3072', 'RSA-4096', 'EC-P-256', 'EC-P-384', 'EC-P-521'])
      .default('RSA-2048')
      .meta({ title: 'kind of key' }),
  })
  .superRefine(({ by, string, minutes }, context) => {
    const add = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (by === 'nothing' && minutes === undefined)
      add('minutes', 'a window without proof needs its length in minutes: --minutes 10');
    if (by !== 'nothing' && minutes !== undefined) add('minutes', 'only a window without proof has a length');
    if (by !== 'string' && string !== undefined) add('string', 'only an enrolment by string has one');
  });
export type EnrolmentRequest = z.input<typeof enrolmentRequest>;

/** What is pending for a device at CAPF. */
export interface PendingEnrolment {
  readonly device: string;
  readonly action: 'install' | 'delete' | 'fetch';
  readonly by: 'string' | 'certificate' | 'nothing';
  /** LSC and MIC, in what order they count; empty for other proofs. */
  readonly certificates: readonly ('LSC' | 'MIC')[];
  /** After five wrong strings. */
  readonly locked: boolean;
  readonly phase: EnrolmentPhase;
  /** Of the key that it is bound to: SHA-256 over the SubjectPublicKeyInfo, lower-case hex. */
  readonly keyFingerprint: string | null;
  /** What to do so that it goes on; null where the phone is next. */
  readonly nextStep: string | null;
}

export interface EnrolmentAnswer extends Answer {
  readonly enrolment: PendingEnrolment;
  /** The digits to type into the phone, said once; null for other proofs. */
  readonly string: string | null;
}

export interface EnrolmentsAnswer extends Answer {
  readonly enrolments: readonly PendingEnrolment[];
}

/** The certificate of a simulated phone's maker, with its key: a lab's stand-in for a factory. */
export interface ManufacturedAnswer extends Answer {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}
