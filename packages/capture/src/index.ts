export { dissect } from './dissect/dissect.ts';
export { Dissection, type DissectionKind, type Encapsulation } from './dissect/dissection.ts';
export { type FlowKey, FlowTable, flowKey } from './dissect/flow-table.ts';
export { defaultFragmentLimits, type FragmentLimits, FragmentReassembly } from './dissect/fragments.ts';
export { addressOctets, addressText, type TransportAddress } from './frame/address.ts';
export { decodeDatagram } from './frame/decode.ts';
export { encapsulateUdp, type UdpDatagram } from './frame/encapsulate.ts';
export {
  type CaptureDirection,
  type CapturedPacket,
  type CaptureEnd,
  type CaptureInterface,
  type CaptureItem,
  type CaptureSecrets,
  type CaptureTime,
  linkTypes,
  secretsTypes,
  timeFromMilliseconds,
} from './item.ts';
export { PacketAtHand } from './packet-at-hand.ts';
export {
  decryptionSecretsBlock,
  enhancedPacketBlock,
  type InterfaceFields,
  interfaceDescriptionBlock,
  type PacketFields,
  type SectionFields,
  sectionHeaderBlock,
} from './pcapng/writer.ts';
export { CaptureReader, readCapture } from './reader.ts';
export { StreamBudget, type StreamSink, TcpStream } from './tcp/stream.ts';
