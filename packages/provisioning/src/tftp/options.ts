import type { TftpLimits } from './limits.ts';
import type { TftpOption } from './packet.ts';

/** What the two ends of a transfer agreed on. */
export interface TftpAgreement {
  /** Octets in every block but the last (RFC 2348). */
  readonly blockSize: number;
  /** Blocks that may be on the way without acknowledgement (RFC 7440). */
  readonly windowSize: number;
  /** Milliseconds before the first retransmission (RFC 2349). */
  readonly timeout: number;
  /** The size of the file in octets as it is transferred (RFC 2349), where it was said. */
  readonly transferSize: number | undefined;
}

/** What a client asks for; what is left out is not asked for. */
export interface TftpWishes {
  /** 8 to 65,464 octets. */
  readonly blockSize?: number;
  /** 1 to 65,535 blocks. */
  readonly windowSize?: number;
  /** 1 to 255 seconds. */
  readonly timeoutSeconds?: number;
  /** Ask for the size of the file. */
  readonly transferSize?: boolean;
}

const plainBlockSize = 512;

/** RFC 1350 without options. */
export function plainAgreement(limits: TftpLimits): TftpAgreement {
  return { blockSize: plainBlockSize, windowSize: 1, timeout: limits.firstTimeout, transferSize: undefined };
}

/**
 * A server's side of RFC 2347: what is agreed, and the options to acknowledge. An option that is unknown, malformed or
 * beyond what may be answered is passed over in silence, as §"Negotiation" wants it.
 */
export function negotiateOptions(
  requested: readonly TftpOption[],
  size: number,
  limits: TftpLimits,
): { readonly agreement: TftpAgreement; readonly acknowledged: readonly TftpOption[] } {
  let agreement = plainAgreement(limits);
  const acknowledged: TftpOption[] = [];
  for (const { name, value } of requested) {
    const number = decimal(value);
    if (number === undefined) continue;
    switch (name.toLowerCase()) {
      case 'blksize': {
        if (number < 8 || number > 65_464) break;
        // RFC 2348: the server may answer a smaller size.
        const blockSize = Math.min(number, limits.blockSize);
        agreement = { ...agreement, blockSize };
        acknowledged.push({ name, value: String(blockSize) });
        break;
      }
      case 'windowsize': {
        if (number < 1 || number > 65_535) break;
        const windowSize = Math.min(number, limits.windowSize);
        agreement = { ...agreement, windowSize };
        acknowledged.push({ name, value: String(windowSize) });
        break;
      }
      case 'timeout':
        // RFC 2349: the value is taken as it is or not at all.
        if (number < 1 || number > 255 || number * 1_000 > limits.longestTimeout) break;
        agreement = { ...agreement, timeout: number * 1_000 };
        acknowledged.push({ name, value });
        break;
      case 'tsize':
        // curl takes a size of 0 for an error; not to answer the option is always right.
        if (size === 0) break;
        agreement = { ...agreement, transferSize: size };
        acknowledged.push({ name, value: String(size) });
        break;
    }
  }
  return { agreement, acknowledged };
}

/** The options of a client's request. */
export function wishedOptions(wishes: TftpWishes): readonly TftpOption[] {
  const options: TftpOption[] = [];
  if (wishes.blockSize !== undefined) options.push({ name: 'blksize', value: String(wishes.blockSize) });
  if (wishes.windowSize !== undefined) options.push({ name: 'windowsize', value: String(wishes.windowSize) });
  if (wishes.timeoutSeconds !== undefined) options.push({ name: 'timeout', value: String(wishes.timeoutSeconds) });
  if (wishes.transferSize === true) options.push({ name: 'tsize', value: '0' });
  return options;
}

/** A client's reading of what a server acknowledged: undefined when the server took a liberty it does not have. */
export function acceptAcknowledgedOptions(
  wishes: TftpWishes,
  acknowledged: readonly TftpOption[],
  limits: TftpLimits,
): TftpAgreement | undefined {
  let agreement = plainAgreement(limits);
  for (const { name, value } of acknowledged) {
    const number = decimal(value);
    if (number === undefined) return undefined;
    switch (name.toLowerCase()) {
      case 'blksize':
        if (wishes.blockSize === undefined || number < 8 || number > wishes.blockSize) return undefined;
        agreement = { ...agreement, blockSize: number };
        break;
      case 'windowsize':
        if (wishes.windowSize === undefined || number < 1 || number > wishes.windowSize) return undefined;
        agreement = { ...agreement, windowSize: number };
        break;
      case 'timeout':
        if (wishes.timeoutSeconds === undefined || number !== wishes.timeoutSeconds) return undefined;
        agreement = { ...agreement, timeout: number * 1_000 };
        break;
      case 'tsize':
        if (wishes.transferSize !== true) return undefined;
        agreement = { ...agreement, transferSize: number };
        break;
      default:
        return undefined; // RFC 2347: a server answers no option that was not asked for
    }
  }
  return agreement;
}

/** A whole number of at most 15 digits, which a double holds exactly. */
function decimal(text: string): number | undefined {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}
