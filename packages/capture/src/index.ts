export { addressOctets, addressText } from './frame/address.ts';
export { type DecodedFrame, decodeFrame, type TransportAddress } from './frame/decode.ts';
export { encapsulateUdp, type UdpDatagram } from './frame/encapsulate.ts';
export {
  type CaptureDirection,
  type CapturedPacket,
  type CaptureEnd,
  type CaptureInterface,
  type CaptureItem,
  type CaptureTime,
  linkTypes,
  timeFromMilliseconds,
} from './item.ts';
export {
  enhancedPacketBlock,
  type InterfaceFields,
  interfaceDescriptionBlock,
  type PacketFields,
  type SectionFields,
  sectionHeaderBlock,
} from './pcapng/writer.ts';
export { CaptureReader, readCapture } from './reader.ts';
