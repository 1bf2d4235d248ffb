import { TrustlineError } from '@trustline/base';

/** Every code of this room, with what it means. */
export const h323Errors = {
  'h323.truncated': 'the message ends within what it must have',
  'h323.out-of-range': 'a number, length or index is none that the type has',
  'h323.not-encodable': 'a value does not fit its type, so it cannot be written',
  'h323.malformed': 'octets that the rules of encoding do not allow',
  'h323.too-deep': 'values are nested deeper than the limit',
  'h323.too-many': 'lists have more elements than the limit, or than the message could hold',
  'h323.port-in-use': 'another program listens at the address and port',
  'h323.port-not-allowed': 'this user may not listen at the port',
  'h323.no-such-address': 'this machine does not have the address',
  'h323.listen-failed': 'it could not be listened at the address and port, for another reason',
  'h323.frame-length': 'the length in a TPKT header is shorter than the header or longer than the limit',
} as const;

export type H323ErrorCode = keyof typeof h323Errors;

/** What this room throws at programmers, and says about peers in the `error` of a result. Match on `code`. */
export class H323Error extends TrustlineError {
  override readonly name = 'H323Error';
  declare readonly code: H323ErrorCode;
  /** Within the octet at `offset`: 0 is the most significant. */
  readonly bit: number | undefined;

  constructor(
    code: H323ErrorCode,
    message: string,
    options: ConstructorParameters<typeof TrustlineError>[2] & { bit?: number } = {},
  ) {
    super(code, message, options);
    this.bit = options.bit;
  }
}
