export { ByteReader, ByteWriter } from './bytes.ts';
export { DeadlineQueue } from './deadline-queue.ts';
export { Deadlines } from './deadlines.ts';
export {
  type DocumentProblem,
  type KeySchema,
  namesAt,
  pathText,
  problemLine,
  valueAt,
  variantsOf,
} from './documents.ts';
export { assertNever, TrustlineError } from './error.ts';
export { hexadecimal } from './hexadecimal.ts';
export { nearestName } from './nearest-name.ts';
export { Redacted } from './redacted.ts';
export { StreamBuffer } from './stream-buffer.ts';
export {
  isXmlName,
  isXmlText,
  type NewXmlElement,
  readXml,
  writeXml,
  type XmlContent,
  type XmlElement,
  type XmlLimits,
  type XmlReject,
  type XmlResult,
} from './xml.ts';
