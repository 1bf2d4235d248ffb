import { decodeQ931, isdnDialect } from '@trustline/h323';
import { PrimaryRateAccess } from '../src/isdn/primary-rate-access.ts';

/** More calls than channels there cannot be, but for those that are being cleared. */
const MOST_CALLS = 200;

const setup = '080200070504038090a31803a983857003813132';
const connect = '0802800107';

/** Frames of one octet of length each: SABME, then messages in I frames, supervisory frames, and time that passes. */
export function corpus(): readonly Uint8Array[] {
  const frame = (hex: string) => [hex.length / 2, ...Buffer.from(hex, 'hex')];
  const information = (number: number, hex: string) => {
    const numbers = (number * 2).toString(16).padStart(2, '0');
    return frame(`0201${numbers}00${hex}`);
  };
  const established = [...frame('02017f'), ...frame('000173')];
  return [
    Uint8Array.from([0, ...established, ...information(0, setup), ...information(1, '080200074d080280903')]),
    Uint8Array.from([1, ...established, ...information(0, connect), ...information(1, '0802000046790186'), 0, 0, 200]),
    Uint8Array.from([3, ...established, ...information(0, setup), ...information(0, setup), ...frame('02010109')]),
  ];
}

/**
 * The first octet says which side, and whether calls are placed and answered; then frames of the other side, each with its
 * length, where a length of 0 lets the next octet's seconds pass. Whatever comes, the access sends only frames and messages
 * that can be read, holds no more calls than it can, and has no timer that is overdue.
 */
export function fuzz(data: Uint8Array): void {
  const options = data[0] ?? 0;
  const access = new PrimaryRateAccess({ side: options & 1 ? 'network' : 'user', line: options & 4 ? 'T1' : 'E1' });
  let now = 0;
  access.start(now);
  const drain = () => {
    for (let output = access.poll(now); output !== undefined; output = access.poll(now)) {
      if (output.kind === 'frame') checkFrame(output.octets);
      else if (output.kind === 'call' && output.event.kind === 'setup' && (options & 2) !== 0) output.call.connect(now);
    }
  };
  drain();
  for (let at = 1; at < data.byteLength; ) {
    const length = data[at] ?? 0;
    if (length === 0) {
      now += (data[at + 1] ?? 0) * 1_000;
      at += 2;
      access.handleTime(now);
    } else {
      access.receiveFrame(now, data.subarray(at + 1, at + 1 + length));
      at += 1 + length;
    }
    drain();
    if (access.layer.callCount > MOST_CALLS) throw new Error(`${access.layer.callCount} calls`);
    const due = access.nextDeadline();
    if (due !== undefined && due < now) throw new Error(`a timer of ${due} is overdue at ${now}`);
  }
}

/** Information frames have four octets of head. */
function checkFrame(octets: Uint8Array): void {
  const isInformation = ((octets[2] ?? 1) & 1) === 0;
  if (!isInformation) return;
  const decoded = decodeQ931(octets.subarray(4), isdnDialect);
  if (!decoded.ok) throw decoded.error;
}
