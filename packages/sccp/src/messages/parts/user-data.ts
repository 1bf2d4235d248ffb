import { enumerated, u32 } from '../../layout/integers.ts';
import { lengthOf } from '../../layout/lists.ts';
import { countedText } from '../../layout/texts.ts';
import { SequenceFlag } from '../../values/registration.ts';

const LONGEST_DATA = 2_000;

/** XML to and from applications of a phone. [C2: WS, CHSCCP] */
export const userAndDeviceData = [
  u32('applicationId'), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  u32('transactionId'), // [C2: WS, CHSCCP]
  lengthOf('dataLength', 'xmldata', LONGEST_DATA), // [C2: WS, CHSCCP]
  countedText('xmldata', LONGEST_DATA, 0), // [C2: WS, CHSCCP]; whether the rest of its place is sent differs
] as const;

/** The same for documents in several messages. [C2: WS, CHSCCP] */
export const userAndDeviceDataVersion1 = [
  u32('applicationId'), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  u32('transactionId'), // [C2: WS, CHSCCP]
  lengthOf('dataLength', 'xmldata', LONGEST_DATA), // [C2: WS, CHSCCP]
  enumerated('sequenceFlag', SequenceFlag), // [C2: WS, CHSCCP]
  u32('displayPriority'), // [C2: WS, CHSCCP]
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('appInstanceID'), // [C2: WS, CHSCCP]
  u32('routingID'), // [C2: WS, CHSCCP]
  countedText('xmldata', LONGEST_DATA, 0), // [C2: WS, CHSCCP]
] as const;
