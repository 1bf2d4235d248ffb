import type { Harm } from '../../model/report.ts';

/** Systems for which the catalogue says what to change. */
export const systems = {
  asterisk: 'Asterisk (PJSIP)',
  freeswitch: 'FreeSWITCH',
  cucm: 'Cisco CUCM',
  kamailio: 'Kamailio with rtpengine',
  trustline: 'Trustline',
  gateway: 'Cisco IOS gateway',
} as const;
export type System = keyof typeof systems;

/** What a finding means, wherever it is found. `trustline audit explain` prints it. */
export interface CatalogueEntry {
  readonly code: string;
  readonly harm: Harm;
  readonly title: string;
  /** What it is, for somebody who has not met it. */
  readonly means: string;
  /** What an attacker does with it. */
  readonly why: string;
  /** The rules that it breaks. */
  readonly rules: readonly string[];
  /** The change that silences it, in a sentence. */
  readonly fix: string;
  /** How that is done on systems that people have. */
  readonly how: Readonly<Partial<Record<System, string>>>;
}
