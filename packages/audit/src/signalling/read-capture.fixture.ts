import { readCaptureFile } from '@trustline/capture/node';
import { clear } from '../model/exposure.ts';
import { Observations } from '../model/observations.ts';
import type { ConnectionSide } from '../traffic/connections.ts';
import { Traffic } from '../traffic/traffic.ts';
import type { ConnectionReader, DatagramReader, SignallingProtocolReaders } from './reader.ts';

export interface ReadCapture {
  readonly observations: Observations;
  /** Connections and flows that were recognised. */
  readonly connections: number;
  readonly datagramFlows: number;
}

/** Reads a capture with the readers of some protocols alone: what one of them recognises it reads to its end. */
export async function readCapture(file: string, readers: readonly SignallingProtocolReaders[]): Promise<ReadCapture> {
  const observations = new Observations();
  const context = { observations, exposure: clear };
  const counts = { connections: 0, datagramFlows: 0 };
  const datagramReaders = new Map<SignallingProtocolReaders, DatagramReader | undefined>();
  const traffic = new Traffic({
    openDatagrams({ source, destination }) {
      let reader: DatagramReader | undefined;
      return {
        datagram(octets, place, isCut) {
          if (reader === undefined) {
            const found = readers.find((one) => one.recogniseDatagram?.(octets) === true);
            if (found === undefined) return;
            if (!datagramReaders.has(found)) datagramReaders.set(found, found.openDatagrams?.(context));
            reader = datagramReaders.get(found);
            counts.datagramFlows++;
          }
          reader?.datagram(source, destination, octets, place, isCut);
        },
      };
    },
    openConnection({ client, server }) {
      let reader: ConnectionReader | undefined;
      const held: Record<ConnectionSide, Uint8Array> = { client: new Uint8Array(0), server: new Uint8Array(0) };
      return {
        data(from, octets, place) {
          if (reader !== undefined) {
            reader.data(from, octets, place);
            return;
          }
          held[from] = Uint8Array.from([...held[from], ...octets]);
          const found = readers.find((one) => one.recogniseConnection?.(held[from]) === 'yes');
          reader = found?.openConnection?.({ ...context, client, server });
          if (reader === undefined) return;
          counts.connections++;
          for (const side of ['client', 'server'] as const) {
            if (held[side].byteLength > 0) reader.data(side, held[side], place);
          }
        },
        gap: (from, octets, place) => reader?.gap(from, octets, place),
        ended: (from, place) => reader?.ended(from, place),
      };
    },
  });
  for await (const item of readCaptureFile(file)) if (item.kind === 'packet') traffic.handle(item);
  traffic.end();
  return { observations, ...counts };
}
