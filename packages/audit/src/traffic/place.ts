/** Where in the capture something was seen: evidence that anybody can look up. */
export interface PacketPlace {
  /** Of the packet, from 1, as other tools count. */
  readonly number: number;
  /** Since 1970 in UTC; 0 where the capture gives no time. */
  readonly microseconds: number;
}
