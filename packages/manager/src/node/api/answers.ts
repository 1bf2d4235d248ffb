import type { ServerResponse } from 'node:http';
import { TrustlineError } from '@trustline/base';
import { ManagerError } from '../../error.ts';
import { isDiskFull } from '../store/store.ts';

/** HTTP status by the stable code of an error; what is not here was the request's fault if it is ours at all. */
const statusByCode: Readonly<Record<string, number>> = {
  'manager.not-found': 404,
  'manager.call-unknown': 404,
  'manager.device-unknown': 404,
  'manager.gateway-unknown': 404,
  'manager.gateway-address-taken': 409,
  'manager.line-unknown': 404,
  'manager.device-not-registered': 409,
  'manager.forwarding-refused': 409,
  'manager.device-exists': 409,
  'manager.role-needed': 403,
  'manager.backup-running': 409,
  'manager.no-alarms': 409,
  'manager.no-ipsec': 409,
  'manager.operator-unknown': 404,
  'manager.operator-exists': 409,
  'manager.no-listener': 409,
  'manager.request-too-large': 413,
  'manager.disk-full': 507, // Insufficient Storage, RFC 4918 §11.5
  'manager.internal': 500,
};

/** Lines of JSON, or octets, as they come. */
export type Stream = { readonly lines: AsyncIterable<string> } | { readonly octets: AsyncIterable<Uint8Array> };

export function isStream(answer: unknown): answer is Stream {
  if (typeof answer !== 'object' || answer === null) return false;
  // Directory numbers are lines too: a stream is what comes piece by piece.
  const pieces = 'lines' in answer ? answer.lines : 'octets' in answer ? answer.octets : undefined;
  return typeof pieces === 'object' && pieces !== null && Symbol.asyncIterator in pieces;
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

/** Sends a stream as fast as the reader takes it, until it ends or the reader goes. */
export async function sendStream(response: ServerResponse, stream: Stream): Promise<void> {
  const type = 'lines' in stream ? 'application/x-ndjson' : 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
  response.flushHeaders();
  for await (const chunk of 'lines' in stream ? stream.lines : stream.octets) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drainedOrGone(response);
  }
  response.end();
}

function drainedOrGone(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

/** Answers an error; one that is no typed error of ours is a bug, said as such without its insides. */
export function sendError(response: ServerResponse, thrown: unknown, complain: (sentence: string) => void): void {
  const error = isDiskFull(thrown) ? diskFull(thrown as Error) : thrown;
  const typed = error instanceof TrustlineError;
  if (!typed) complain(`A request failed: ${(error as Error).stack ?? String(error)}`);
  else if (error !== thrown) complain(`A request failed: ${error.message} ${error.nextStep}`);
  const body = typed
    ? {
        code: error.code,
        message: error.message,
        ...(error.nextStep === undefined ? {} : { nextStep: error.nextStep }),
      }
    : { code: 'manager.internal', message: 'The manager failed at this request.', nextStep: 'See its log.' };
  if (response.headersSent) response.destroy();
  else sendJson(response, statusByCode[body.code] ?? (typed ? 400 : 500), { error: body });
}

/** A full disk is no bug of ours but a state of the machine: whoever asked can mend it, and needs no stack for it. */
function diskFull(cause: Error): ManagerError {
  const full = /full|ENOSPC/.test(cause.message) ? 'The disk of the data folder is full' : undefined;
  return new ManagerError('manager.disk-full', `${full ?? 'The data folder cannot be written'}: ${cause.message}.`, {
    nextStep: 'Make room on the disk of the data folder, then repeat the request; calls go on meanwhile.',
    cause,
  });
}
