/** The part of the HTTP interface that is about renewing what servers show. */
import { z } from 'zod';
import { type RenewableRole, type RenewalSimulation, renewableRoles } from '../trust/renewal.ts';
import type { Answer } from './answer.ts';

export const renewalRequest = z.strictObject({
  role: z.enum(renewableRoles).meta({ title: 'role' }),
  /** Says what phones would make of it, and does nothing. */
  dryRun: z.boolean().default(false).meta({ title: 'dry run' }),
});
export type RenewalRequest = z.input<typeof renewalRequest>;

export interface RenewalAnswer extends Answer {
  readonly role: RenewableRole;
  /** `staged`: the next certificate is made and stands in the lists that the manager signs, but is not shown yet. */
  readonly state: 'dry-run' | 'staged' | 'renewed';
  /** What known phones make of the next certificate by the lists that they hold; it is not shown while one is lost. */
  readonly phones: RenewalSimulation;
  /** The next certificate, or what is shown now; null where none was made yet. */
  readonly certificate: {
    readonly subject: string;
    readonly serialNumber: string;
    /** SHA-256, lower-case hex. */
    readonly fingerprint: string;
    /** ISO 8601. */
    readonly notAfter: string;
  } | null;
  /** The listeners that were connected to, and showed it. */
  readonly served: readonly { readonly service: string; readonly host: string; readonly port: number }[];
  /** What is left to do; null when nothing is. */
  readonly nextStep: string | null;
}
