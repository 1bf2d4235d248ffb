import { parseDatagram } from '../src/message/parse.ts';
import { redirectTargets } from '../src/message/redirect.ts';
import { acknowledging, responseAcknowledged } from '../src/message/reliable.ts';
import { createResponse } from '../src/message/response.ts';
import { serializeMessage } from '../src/message/serialize.ts';
import { formatUri, parseUri } from '../src/message/uri.ts';
import { equalUris } from '../src/message/uri-compare.ts';
import { validateMessage } from '../src/message/validate.ts';
import { GruuIssuer } from '../src/registration/gruu.ts';

/**
 * One datagram from a stranger: whatever is read can be written, reads back as the same message, and
 * whatever is refused with an answer gives one that can be written.
 */
export function fuzz(data: Uint8Array): void {
  const result = parseDatagram(data);
  const refused = result.ok ? validateMessage(result.message) : result;
  if (refused?.respondable !== undefined) {
    const { request, status, reason } = refused.respondable;
    serializeMessage(createResponse(request, status, { reason, toTag: 'fuzz' }));
  }
  if (!result.ok) return;
  const written = serializeMessage(result.message);
  const again = parseDatagram(written);
  if (!again.ok) throw new Error(`What was written cannot be read: ${again.error.code}`);
  const twice = serializeMessage(again.message);
  if (twice.length !== written.length || twice.some((octet, i) => octet !== written[i])) {
    throw new Error('What was read back is another message');
  }
  if (result.message.kind === 'request') {
    checkUri(result.message.uri);
    responseAcknowledged(result.message);
    gruus.read(result.message.uri);
  } else {
    acknowledging(result.message);
    redirectTargets(result.message);
  }
}

const gruus = new GruuIssuer(new Uint8Array(32), (length) => new Uint8Array(length));

function checkUri(text: string): void {
  const uri = parseUri(text);
  if (uri === undefined) return;
  const again = parseUri(formatUri(uri));
  if (again === undefined || !equalUris(uri, again)) throw new Error('A URI reads back as another one');
}
