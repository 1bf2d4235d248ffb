import type { Keystream, PacketCipher } from './crypto-provider.ts';
import type { ActiveKey } from './master-keys.ts';
import type { SessionKeys } from './session-keys.ts';

/** All that was found out about one packet on its way through a context. Reused, so that a packet allocates nothing. */
export class PacketWork {
  key: ActiveKey | undefined;
  session: SessionKeys | undefined;
  keystream: Keystream | undefined;
  ssrc = 0;
  index = 0;
  sequenceNumber = 0;
  /** Octets that stay clear. */
  clear = 0;
  /** End of what is encrypted. */
  end = 0;
  macLength = 0;
  /** How far behind `end` what authenticates begins. */
  tagOffset = 0;
  /** Whether few packets are left to the key since this one. */
  warns = false;
  /** Whether header extension and CSRC list are, or get, encrypted whole (RFC 9335). */
  hidden = false;

  get rolloverCounter(): number {
    return Math.floor(this.index / 0x10000);
  }

  get cipher(): PacketCipher {
    return (this.session as SessionKeys).cipher;
  }
}

/** Tells who wants to know that few packets are left to the key, once the packet is done: who is told may use contexts. */
export function warnIfDue(work: PacketWork): void {
  if (!work.warns) return;
  work.warns = false;
  work.key?.warn('rtp');
}
