import { DEFAULT_SIP_LIMITS } from '../src/message/limits.ts';
import { serializeMessage } from '../src/message/serialize.ts';
import { type StreamEvent, StreamParser } from '../src/message/stream.ts';

const LIMITS = { ...DEFAULT_SIP_LIMITS, startLine: 256, header: 256, head: 1_024, headerCount: 16, body: 512 };

/**
 * A connection's octets: cut anywhere, they give the same messages and the same end. The first octet
 * says where the cuts are.
 */
export function fuzz(data: Uint8Array): void {
  const step = (data[0] ?? 0) + 1;
  const stream = data.subarray(1);
  const whole = outcome(new StreamParser({ limits: LIMITS }).push(stream));
  const parser = new StreamParser({ limits: LIMITS });
  const pieces: StreamEvent[] = [];
  for (let at = 0; at < stream.length; at += step) pieces.push(...parser.push(stream.subarray(at, at + step)));
  if (outcome(pieces) !== whole) throw new Error('Fragmentation changed what was read');
  if (parser.ended && parser.push(stream).length > 0) throw new Error('A stream went on after its end');
}

/** Messages and whether an error ended them. Keep-alives that arrive together are reported once, so they do not count. */
function outcome(events: readonly StreamEvent[]): string {
  let out = '';
  for (const event of events) {
    if (event.kind === 'message') out += serializeMessage(event.message).join();
    if (event.kind === 'error') out += 'error';
  }
  return out;
}
