import { dissect } from '../src/dissect/dissect.ts';
import { Dissection } from '../src/dissect/dissection.ts';
import { FlowTable } from '../src/dissect/flow-table.ts';
import { FragmentReassembly } from '../src/dissect/fragments.ts';
import { CaptureReader } from '../src/reader.ts';
import { StreamBudget, TcpStream } from '../src/tcp/stream.ts';

/** Any octets, in chunks of any size, are read to an end; every packet in them is taken apart, put together, and put in order. */
export function fuzz(data: Uint8Array): void {
  const reader = new CaptureReader();
  const packet = new Dissection();
  const fragments = new FragmentReassembly({ packets: 4, octets: 4_096, patience: 1_000_000 });
  const budget = new StreamBudget(4_096);
  let [octets, streamed] = [0, 0];
  const sink = {
    data: (some: Uint8Array) => {
      streamed += some.byteLength;
    },
    gap: () => {},
    ended: () => {},
  };
  const streams = new FlowTable(() => new TcpStream(sink, budget), 8);
  const size = 1 + (data.at(-1) ?? 0);
  for (let from = 0; from < data.byteLength; from += size) {
    reader.push(data.subarray(from, from + size));
    for (let item = reader.next(); item !== undefined; item = reader.next()) {
      if (item.kind !== 'packet') continue;
      octets += item.data.byteLength;
      dissect(item.interface.linkType, item.data, packet);
      if (packet.kind === 'fragment') fragments.handle(item.time?.microseconds ?? 0, packet);
      const hasPayload = ['udp', 'tcp', 'ip', 'fragment'].includes(packet.kind);
      if (hasPayload && (packet.end > packet.bytes.byteLength || packet.payloadAt > packet.end)) {
        throw new Error('a payload lies beyond its packet');
      }
      if (packet.kind !== 'tcp') continue;
      streams.find(packet, 0).segment(packet.sequence, packet.tcpFlags, packet.payload);
    }
  }
  for (const stream of streams.flows()) stream.end();
  const end = reader.end();
  if (octets > data.byteLength || streamed > octets) throw new Error('more came out than went in');
  if (end.kind !== 'complete' && end.offset > data.byteLength) throw new Error('the end lies beyond the end');
}
