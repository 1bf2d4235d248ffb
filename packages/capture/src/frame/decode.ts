import { dissect } from '../dissect/dissect.ts';
import { Dissection } from '../dissect/dissection.ts';
import { flowKey } from '../dissect/flow-table.ts';
import type { UdpDatagram } from './encapsulate.ts';

/**
 * The UDP datagram of one frame, its payload a view; undefined where there is none, where it is in fragments, and where the
 * capture cut it. Whoever reads many frames, or wants more of them, uses {@link dissect}.
 */
export function decodeDatagram(linkType: number, frame: Uint8Array): UdpDatagram | undefined {
  const packet = new Dissection();
  dissect(linkType, frame, packet);
  if (packet.kind !== 'udp' || packet.isCut) return undefined;
  const { source, destination } = flowKey(packet, 0);
  return { source, destination, payload: packet.payload };
}
