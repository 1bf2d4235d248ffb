// RFC 3550 §6.3.1 and A.7
const RTCP_FRACTION = 0.05;
const SENDER_FRACTION = 0.25;
const MINIMUM_MILLISECONDS = 5000;
/** e − 3/2: makes up for timer reconsideration, which settles below the intended average. */
const COMPENSATION = Math.E - 1.5;

export interface RtcpIntervalInput {
  readonly members: number;
  readonly senders: number;
  /** Session bandwidth in bits per second. */
  readonly sessionBandwidth: number;
  readonly weAreSender: boolean;
  /** In octets, UDP and IP headers included. */
  readonly averagePacketLength: number;
  /** No report has gone out yet. */
  readonly initial: boolean;
  /** Evenly distributed, from 0 to below 1. */
  readonly random: number;
}

/** Milliseconds until the next report: half to one and a half times the computed interval, over e − 3/2. */
export function rtcpInterval(input: RtcpIntervalInput): number {
  const { members, senders, weAreSender, averagePacketLength, initial } = input;
  let octetsPerMillisecond = (input.sessionBandwidth * RTCP_FRACTION) / 8 / 1000;
  let sharing = members;
  if (senders > 0 && senders < members * SENDER_FRACTION) {
    octetsPerMillisecond *= weAreSender ? SENDER_FRACTION : 1 - SENDER_FRACTION;
    sharing = weAreSender ? senders : members - senders;
  }
  const minimum = initial ? MINIMUM_MILLISECONDS / 2 : MINIMUM_MILLISECONDS;
  const interval = Math.max((averagePacketLength * sharing) / octetsPerMillisecond, minimum);
  return (interval * (input.random + 0.5)) / COMPENSATION;
}
