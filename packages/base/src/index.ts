export { ByteReader, ByteWriter } from './bytes.ts';
export { Deadlines } from './deadlines.ts';
export { assertNever, TrustlineError } from './error.ts';
export { Redacted } from './redacted.ts';
