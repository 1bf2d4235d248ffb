import type { TransportAddress } from '@trustline/capture';
import type { PacketPlace } from '../traffic/place.ts';
import type { Exposure } from './exposure.ts';

/** What a capture gives away beside calls. */
export type DisclosureKind =
  /** A password as it is: Basic authentication, a phone's configuration, MGCP or TURN in the clear. */
  | 'clear-password'
  /** A hash of a digest from which a password can be guessed offline. It is reported, never cracked. */
  | 'crackable-digest'
  /** A phone's configuration that anybody can read. */
  | 'phone-configuration'
  /** A trust list (CTL, ITL) that was fetched: what it lists, and whether it is signed. */
  | 'trust-list'
  /** An authentication string or a key of CAPF. */
  | 'enrolment-secret'
  /** A registration that names who uses which phone. */
  | 'registration'
  /** Words that people wrote to each other (RFC 3428). */
  | 'message';

export interface Disclosure {
  readonly kind: DisclosureKind;
  readonly place: PacketPlace;
  readonly protocol: string;
  readonly from: TransportAddress;
  readonly to: TransportAddress;
  readonly exposure: Exposure;
  /** Who or what it is about: a user, a device, a file. */
  readonly subject: string;
  /** What was seen, in words; never the secret itself. */
  readonly detail: string;
  /** It crossed the network so that who captured it cannot read it: told for completeness, and no fault. */
  readonly isProtected?: true;
  /** Numbers that stood in it and look like those of cards. */
  readonly cards?: readonly string[];
  /** A secret as it was read: only shown where the auditor asks for it (`--reveal`), and never in logs. */
  readonly secret?: string;
}
