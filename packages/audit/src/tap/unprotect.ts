import type { TransportAddress } from '@trustline/capture';
import { createSrtpReceiver, type SrtpCryptoProvider, type SrtpProfileName } from '@trustline/srtp';
import type { FlowPacket, RtpFlow } from './rtp-flows.ts';

/** SRTP keys that the listener has, from whatever source, and what they are for. */
export interface TapKey {
  readonly profile: SrtpProfileName;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
  readonly mki?: Uint8Array;
  /** Only for this SSRC; absent for any. */
  readonly ssrc?: number;
  /** Only for flows from or to this address; absent for any. */
  readonly address?: TransportAddress;
}

export interface Unprotected {
  readonly profile: SrtpProfileName;
  /** Packets that the key authenticated, in the order of the capture; clear now. */
  readonly packets: readonly FlowPacket[];
  /** Packets that it did not: forged, replayed, or of another key. */
  readonly refused: number;
}

/** Tries the keys on a flow; the outcome of the first that authenticates any packet of it, else undefined. */
export function unprotectFlow(
  flow: RtpFlow,
  keys: readonly TapKey[],
  crypto: SrtpCryptoProvider,
): Unprotected | undefined {
  for (const key of keys) {
    if (!isFor(key, flow)) continue;
    const outcome = unprotectWith(key, flow, crypto);
    if (outcome.packets.length > 0) return outcome;
  }
  return undefined;
}

function unprotectWith(key: TapKey, flow: RtpFlow, crypto: SrtpCryptoProvider): Unprotected {
  const master = { key: key.masterKey, salt: key.masterSalt };
  const receiver = createSrtpReceiver({
    profile: key.profile,
    crypto,
    masterKeys: [key.mki === undefined ? master : { ...master, mki: key.mki }],
  });
  const packets: FlowPacket[] = [];
  for (const packet of flow.packets) {
    const clear = new Uint8Array(packet.datagram.byteLength);
    const length = receiver.unprotect(packet.datagram, clear);
    if (typeof length === 'number') packets.push({ ...packet, datagram: clear.subarray(0, length) });
  }
  receiver.close();
  return { profile: key.profile, packets, refused: flow.packets.length - packets.length };
}

function isFor(key: TapKey, flow: RtpFlow): boolean {
  if (key.ssrc !== undefined && key.ssrc !== flow.ssrc) return false;
  const { address } = key;
  if (address === undefined) return true;
  return [flow.source, flow.destination].some((end) => end.address === address.address && end.port === address.port);
}
