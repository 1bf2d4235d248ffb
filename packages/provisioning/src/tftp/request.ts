import { decodeTftpPacket, encodeTftpPacket, type TftpOption, tftpErrorCode } from './packet.ts';

/** What came to the port on which a server listens. */
export type TftpRequestReading =
  | {
      readonly kind: 'read';
      readonly fileName: string;
      readonly mode: 'octet' | 'netascii';
      readonly options: readonly TftpOption[];
    }
  | {
      readonly kind: 'refused';
      readonly cause: 'write' | 'bad-mode';
      /** Empty when it could not be read. */
      readonly fileName: string;
      /** In an operator's words. */
      readonly reason: string;
      /** The ERROR to answer with: a few octets, so that a forged sender's address gains nobody anything. */
      readonly answer: Uint8Array;
    }
  /** Nothing that a client sends here: a stray packet, or noise. It is not answered, so that nobody is woken by us. */
  | { readonly kind: 'ignored' };

export function readTftpRequest(bytes: Uint8Array): TftpRequestReading {
  const decoded = decodeTftpPacket(bytes);
  if (!decoded.ok) return { kind: 'ignored' };
  const { packet } = decoded;
  if (packet.kind === 'write-request') {
    const answer = encodeTftpPacket({ kind: 'error', code: tftpErrorCode.accessViolation, message: 'read only' });
    const reason = 'it wanted to write, and nobody may';
    return { kind: 'refused', cause: 'write', fileName: packet.fileName, reason, answer };
  }
  if (packet.kind !== 'read-request') return { kind: 'ignored' };
  const mode = packet.mode.toLowerCase(); // RFC 1350 §5: in any combination of cases
  if (mode !== 'octet' && mode !== 'netascii') {
    const answer = encodeTftpPacket({ kind: 'error', code: tftpErrorCode.illegalOperation, message: 'bad mode' });
    const reason = 'it asked for a mode other than octet and netascii';
    return { kind: 'refused', cause: 'bad-mode', fileName: packet.fileName, reason, answer };
  }
  return { kind: 'read', fileName: packet.fileName, mode, options: packet.options };
}
