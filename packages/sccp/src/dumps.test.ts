import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeBody, encodeMessage, type SccpMessage } from './codec.ts';
import { SccpFrameReader } from './frame/frame-reader.ts';

interface Dump {
  readonly name: string;
  readonly version: number;
  readonly message: string;
  /** A whole message, or where there is none, its body and id. */
  readonly frame?: string;
  readonly body?: string;
  readonly messageId?: number;
  readonly expect: Record<string, unknown>;
  readonly note?: string;
  readonly reencodes?: false;
}

const { dumps } = JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/chan-sccp-dumps.json'), 'utf8')) as {
  dumps: readonly Dump[];
};

const octetsOf = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

function read({ frame, body, messageId = 0, version }: Dump): { message: SccpMessage; headerVersion: number } {
  if (frame === undefined) {
    return { message: known(decodeBody(messageId, octetsOf(body ?? ''), version)), headerVersion: 0 };
  }
  const reader = new SccpFrameReader();
  reader.push(octetsOf(frame));
  const found = reader.next();
  if (found === undefined) throw new Error('the frame is not whole');
  return {
    message: known(decodeBody(found.messageId, found.bytes, version, found.start, found.end)),
    headerVersion: found.headerVersion,
  };
}

function known(message: ReturnType<typeof decodeBody>): SccpMessage {
  if (message.kind === 'Malformed' || message.kind === 'Unknown')
    throw new Error(`${message.kind}: ${message.messageId}`);
  return message;
}

test.each(dumps)('$name is read, and written back octet by octet', (dump) => {
  const { message, headerVersion } = read(dump);
  expect(message).toMatchObject({ kind: dump.message, ...dump.expect });
  if (dump.reencodes === false) return;
  const written = Buffer.from(encodeMessage(message, { version: dump.version }, headerVersion)).toString('hex');
  if (dump.frame === undefined) expect(written.slice(24)).toBe(dump.body?.toLowerCase());
  else expect(written).toBe(dump.frame.toLowerCase());
});

test('a capability message has the length of the dumps of a 7970, a 7940 and a 7960: 1844 octets', () => {
  const capabilities = decodeBody(0x30, new Uint8Array(1840), 3);
  expect(capabilities).toEqual({
    kind: 'UpdateCapabilities',
    rtpPayloadFormat: 0,
    customPictureFormat: [],
    confResources: { activeStreamsOnRegistration: 0, maxBW: 0, serviceResource: [] },
    audiocaps: [],
    vidCaps: [],
    dataCaps: [],
  });
});
