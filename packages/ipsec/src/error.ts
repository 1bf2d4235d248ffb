import { TrustlineError } from '@trustline/base';

/** Every code of this room, with what it means. */
export const ipsecErrors = {
  'ipsec.vici-malformed': 'the daemon sent what is not a VICI message',
  'ipsec.vici-value': 'a name or value does not fit its length field',
  'ipsec.vici-closed': 'the connection to the daemon is gone, so nothing is known of its associations',
  'ipsec.vici-timeout': 'the daemon did not answer in time',
  'ipsec.vici-unknown-command': 'the daemon does not know the command',
  'ipsec.refused': 'the daemon refused a command',
  'ipsec.unreadable-association': 'the daemon described an association in a way that cannot be read',
  'ipsec.setting': 'a setting of a protected gateway cannot be used',
  'ipsec.daemon': 'the IKE daemon did not start or ended',
  'ipsec.helper-gone': 'the privileged helper is not there, so nothing can be closed or read',
  'ipsec.helper-malformed': 'a line of the protocol with the helper cannot be read',
  'ipsec.folder-in-use': 'another privileged helper uses the folder',
  'ipsec.guard': 'the guard cannot be installed or read',
} as const;

export type IpsecErrorCode = keyof typeof ipsecErrors;

/** What this room throws, and says about the daemon. Match on `code`; no text of it ever holds a value of a message. */
export class IpsecError extends TrustlineError {
  override readonly name = 'IpsecError';
  declare readonly code: IpsecErrorCode;

  // The narrower type of `code` is the reason for this constructor.
  constructor(code: IpsecErrorCode, message: string, options: ConstructorParameters<typeof TrustlineError>[2] = {}) {
    super(code, message, options);
  }
}
