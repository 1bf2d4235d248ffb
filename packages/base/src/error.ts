/**
 * The base of every typed error in Trustline except `srtp`'s, which has no dependency at all.
 *
 * Two audiences: `message` may be shown to a peer or an operator; `detail` goes only to logs.
 * Neither may ever hold key material. Callers match on `code`, never on the text or the class.
 */
export class TrustlineError extends Error {
  override readonly name: string = 'TrustlineError';
  /** Stable and machine-readable, `room.what-was-wrong`, for instance `sip.header-too-large`. */
  readonly code: string;
  /** What the person who meets this error can do next; absent where nothing can be done. */
  readonly nextStep: string | undefined;
  /** For logs only. */
  readonly detail: string | undefined;
  /** Octet offset in the input at which the rule failed, where there is one. */
  readonly offset: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { nextStep?: string; detail?: string; offset?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.nextStep = options.nextStep;
    this.detail = options.detail;
    this.offset = options.offset;
  }
}

/** Makes a switch over a union complete: a new member stops compiling until every switch handles it. */
export function assertNever(value: never): never {
  throw new TrustlineError('base.unreachable', `This value should have been impossible: ${JSON.stringify(value)}`);
}
