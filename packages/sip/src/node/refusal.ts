import { randomBytes } from 'node:crypto';
import type { ParseFailure } from '../message/parse.ts';
import { createResponse } from '../message/response.ts';
import { serializeMessage } from '../message/serialize.ts';

/** The answer to a message that could not be read, where one is possible and allowed. */
export function refusalOf({ respondable }: ParseFailure): Uint8Array | undefined {
  if (respondable === undefined) return undefined;
  const { request, status, reason } = respondable;
  const toTag = randomBytes(8).toString('hex');
  return serializeMessage(createResponse(request, status, { reason, toTag }));
}
