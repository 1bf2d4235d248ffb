import { parseFileName } from '../src/files/file-name.ts';
import { TftpClientTransfer } from '../src/tftp/client-transfer.ts';
import { defaultTftpLimits } from '../src/tftp/limits.ts';
import { decodeTftpPacket, encodeTftpPacket, type TftpPacket } from '../src/tftp/packet.ts';
import { readTftpRequest } from '../src/tftp/request.ts';
import { TftpServerTransfer } from '../src/tftp/server-transfer.ts';
import type { TftpPeer } from '../src/tftp/transfer.ts';

const peer: TftpPeer = { address: '192.0.2.7', port: 2_070 };
const other: TftpPeer = { address: '198.51.100.1', port: 9 };
const limits = { ...defaultTftpLimits, fileSize: 4_096 };

/**
 * One datagram: what is read reads back as the same. Then the same octets as a script of datagrams and waits against both
 * ends of a transfer: they throw at nothing, end once, say nothing after it, and a peer gets no more than it asked for.
 */
export function fuzz(data: Uint8Array): void {
  const decoded = decodeTftpPacket(data);
  if (decoded.ok) {
    const again = decodeTftpPacket(encodeTftpPacket(decoded.packet));
    if (!again.ok || JSON.stringify(again) !== JSON.stringify(decoded))
      throw new Error('A packet reads back as another');
  } else if (decoded.reject.offset > data.byteLength) {
    throw new Error('The offset of a reject lies beyond the datagram');
  }
  const reading = readTftpRequest(data);
  const options = reading.kind === 'read' ? reading.options : [];
  if (reading.kind === 'read') {
    const name = parseFileName(reading.fileName);
    if (name.ok && /(^|\/)\.|\\|^\//.test(name.file.name)) throw new Error('A name that leads elsewhere passed');
  }
  const content = new Uint8Array((data[0] ?? 0) * 16);
  play(data, new TftpServerTransfer({ now: 0, peer, content, options, limits }));
  const wishes = { blockSize: 512, windowSize: 4, transferSize: true };
  play(data, new TftpClientTransfer({ now: 0, server: peer, fileName: 'f', wishes, limits }));
}

function play(script: Uint8Array, machine: TftpServerTransfer | TftpClientTransfer): void {
  let now = 0;
  let ends = 0;
  let allowed = 8; // datagrams: to begin with, and what a window may hold for each step
  const drain = (): void => {
    for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
      if (output.kind === 'transmit') allowed -= 1;
      else if (output.kind !== 'received' && output.kind !== 'closed') ends += 1;
    }
    if (allowed < 0) throw new Error('More was sent than the steps allow');
  };
  drain();
  for (let at = 0; at + 3 < script.length; at += 4) {
    const before = machine.ended;
    allowed = defaultTftpLimits.windowSize + 2;
    const [kind = 0, high = 0, low = 0, from = 0] = script.subarray(at, at + 4);
    if (kind % 8 === 7) {
      now = machine.nextDeadline() ?? now;
      machine.handleTime(now);
    } else {
      const bytes = kind % 8 === 6 ? script.subarray(at) : encodeTftpPacket(packetOf(kind % 8, high * 256 + low, from));
      machine.receive(now, from % 4 === 3 ? other : peer, bytes);
    }
    if (before && machine.poll() !== undefined) throw new Error('It spoke after its end');
    drain();
  }
  if (ends > 1) throw new Error('A transfer ended twice');
  for (let step = 0; machine.nextDeadline() !== undefined; step += 1) {
    if (step > 20) throw new Error('A transfer that nobody answers does not end');
    allowed = defaultTftpLimits.windowSize + 2;
    machine.handleTime(machine.nextDeadline() ?? 0);
    drain();
  }
  if (!machine.ended) throw new Error('No timer runs, and the transfer has not ended');
}

function packetOf(kind: number, number: number, length: number): TftpPacket {
  switch (kind) {
    case 0:
    case 1:
      return { kind: 'acknowledgement', block: kind === 0 ? number % 8 : number };
    case 2:
    case 3:
      return { kind: 'data', block: kind === 2 ? number % 8 : number, data: new Uint8Array(length * 3) };
    case 4:
      return { kind: 'error', code: number, message: 'x'.repeat(length) };
    default:
      return { kind: 'option-acknowledgement', options: [{ name: 'blksize', value: String(number) }] };
  }
}
