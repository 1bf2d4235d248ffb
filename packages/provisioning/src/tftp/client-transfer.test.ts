import { describe, expect, test } from 'vitest';
import { type TftpClientOutput, TftpClientTransfer, type TftpClientTransferOptions } from './client-transfer.ts';
import { defaultTftpLimits } from './limits.ts';
import { decodeTftpPacket, encodeTftpPacket, type TftpPacket } from './packet.ts';
import type { TftpPeer } from './transfer.ts';

const listening: TftpPeer = { address: '192.0.2.1', port: 6969 };
const server: TftpPeer = { address: '192.0.2.1', port: 40_001 };

class Phone {
  readonly transfer: TftpClientTransfer;
  now = 0;

  constructor(options: Partial<TftpClientTransferOptions> = {}) {
    this.transfer = new TftpClientTransfer({ now: 0, server: listening, fileName: 'CTLFile.tlv', ...options });
  }

  said(): string[] {
    const all: string[] = [];
    for (let output = this.transfer.poll(); output !== undefined; output = this.transfer.poll())
      all.push(short(output));
    return all;
  }

  gets(packet: TftpPacket, from = server): string[] {
    this.transfer.receive(this.now, from, encodeTftpPacket(packet));
    return this.said();
  }

  block(block: number, length = 512, from = server): string[] {
    return this.gets({ kind: 'data', block, data: new Uint8Array(length).fill(block) }, from);
  }

  options(options: Record<string, string>): string[] {
    const list = Object.entries(options).map(([name, value]) => ({ name, value }));
    return this.gets({ kind: 'option-acknowledgement', options: list });
  }

  waits(): string[] {
    this.now = this.transfer.nextDeadline() ?? Number.NaN;
    this.transfer.handleTime(this.now);
    return this.said();
  }
}

function short(output: TftpClientOutput): string {
  if (output.kind === 'received') return `received ${output.content.byteLength}`;
  if (output.kind === 'failed') return `failed ${output.cause}`;
  if (output.kind === 'closed') return 'closed';
  const decoded = decodeTftpPacket(output.bytes);
  if (!decoded.ok) return 'unreadable';
  const { packet } = decoded;
  const to = output.to.port === server.port && output.to.address === server.address ? '' : ` to ${output.to.port}`;
  if (packet.kind === 'acknowledgement') return `ACK ${packet.block}${to}`;
  if (packet.kind === 'error') return `ERROR ${packet.code}${to}`;
  return `${packet.kind}${to}`;
}

const asked = ['read-request to 6969'];

describe('a plain transfer (RFC 1350)', () => {
  test('§4: the server answers from a port of its own, which is the TID from then on', () => {
    const phone = new Phone();
    expect(phone.said()).toEqual(asked);
    expect(phone.block(1)).toEqual(['ACK 1']);
    expect(phone.block(2, 512, listening)).toEqual(['ERROR 5 to 6969']);
    expect(phone.block(2, 512, { address: '198.51.100.9', port: server.port })).toEqual(['ERROR 5 to 40001']);
    expect(phone.block(2, 10)).toEqual(['ACK 2', 'received 522']);
  });

  test('another address cannot answer in the place of the server', () => {
    const phone = new Phone();
    phone.said();
    expect(phone.block(1, 5, { address: '198.51.100.9', port: 1 })).toEqual(['ERROR 5 to 1']);
    expect(phone.block(1, 5)).toEqual(['ACK 1', 'received 5']);
  });

  test('§6: it stays after the last block, to acknowledge it again', () => {
    const phone = new Phone();
    phone.said();
    expect(phone.block(1, 0)).toEqual(['ACK 1', 'received 0']);
    expect(phone.transfer.ended).toBe(false);
    expect(phone.block(1, 0)).toEqual(['ACK 1']);
    expect(phone.waits()).toEqual(['closed']);
    expect(phone.block(1, 0)).toEqual([]);
  });

  test('a block that comes again is acknowledged again and kept once; one from the future is not taken', () => {
    const phone = new Phone();
    phone.said();
    phone.block(1);
    expect(phone.block(1)).toEqual(['ACK 1']);
    expect(phone.block(3)).toEqual([]);
    expect(phone.block(2, 1)).toEqual(['ACK 2', 'received 513']);
  });

  test('silence: it asks again, waits longer each time, and gives up', () => {
    const phone = new Phone();
    phone.said();
    const seen = Array.from({ length: 6 }, () => phone.waits());
    expect(seen).toEqual([...Array.from({ length: 5 }, () => asked), ['failed no-answer', 'closed']]);
    expect(phone.now).toBe(1_000 + 2_000 + 4_000 + 8_000 + 8_000 + 8_000);
  });

  test('an ERROR ends it; after the last block it changes nothing', () => {
    const phone = new Phone();
    phone.said();
    expect(phone.gets({ kind: 'error', code: 1, message: 'no' })).toEqual(['failed peer-error', 'closed']);
    const whole = new Phone();
    whole.said();
    whole.block(1, 3);
    expect(whole.gets({ kind: 'error', code: 5, message: 'unknown' })).toEqual(['closed']);
  });

  test('a block that is longer than agreed is refused', () => {
    const phone = new Phone();
    phone.said();
    expect(phone.block(1, 513)).toEqual(['ERROR 4', 'failed protocol', 'closed']);
  });

  test('a file that is too large is refused, by its announced size and by what comes', () => {
    const limits = { ...defaultTftpLimits, fileSize: 1_000 };
    const told = new Phone({ limits, wishes: { transferSize: true } });
    told.said();
    expect(told.options({ tsize: '1001' })).toEqual(['ERROR 3', 'failed too-large', 'closed']);
    const untold = new Phone({ limits });
    untold.said();
    untold.block(1);
    expect(untold.block(2)).toEqual(['ERROR 3', 'failed too-large', 'closed']);
  });

  test('the text form: CR LF becomes the end of a line', () => {
    const phone = new Phone({ mode: 'netascii' });
    phone.said();
    const data = Uint8Array.from(Buffer.from('a\r\nb\r\0'));
    expect(phone.gets({ kind: 'data', block: 1, data })).toEqual(['ACK 1', 'received 4']);
  });
});

describe('options', () => {
  test('RFC 2347: acknowledged options are acknowledged by 0, again if the server did not hear it', () => {
    const phone = new Phone({ wishes: { blockSize: 1_024, windowSize: 2, timeoutSeconds: 2, transferSize: true } });
    phone.said();
    const answer = { blksize: '600', windowsize: '2', timeout: '2', tsize: '1300' };
    expect(phone.options(answer)).toEqual(['ACK 0']);
    expect(phone.options(answer)).toEqual(['ACK 0']);
    expect(phone.block(1, 600)).toEqual([]);
    expect(phone.block(2, 600)).toEqual(['ACK 2']);
    expect(phone.options(answer)).toEqual([]);
    expect(phone.block(3, 100)).toEqual(['ACK 3', 'received 1300']);
  });

  test('RFC 2347: a server that knows no options answers with data, and the transfer is a plain one', () => {
    const phone = new Phone({ wishes: { blockSize: 1_428, windowSize: 8 } });
    phone.said();
    expect(phone.block(1)).toEqual(['ACK 1']);
    expect(phone.block(2, 0)).toEqual(['ACK 2', 'received 512']);
  });

  test.each<[string, Record<string, string>]>([
    ['a larger block than asked for (RFC 2348)', { blksize: '1025' }],
    ['a block of nothing', { blksize: '0' }],
    ['a larger window (RFC 7440)', { windowsize: '9' }],
    ['another timeout (RFC 2349)', { timeout: '3' }],
    ['an option that was not asked for (RFC 2347)', { tsize: '4' }],
    ['an option that nobody knows', { turbo: '1' }],
    ['words for a number', { blksize: 'big' }],
  ])('%s ends it with error 8', (_what, answer) => {
    const phone = new Phone({ wishes: { blockSize: 1_024, windowSize: 8, timeoutSeconds: 2 } });
    phone.said();
    expect(phone.options(answer)).toEqual(['ERROR 8', 'failed protocol', 'closed']);
  });

  test('RFC 7440 §4: behind a gap the last block in order is acknowledged, once for the burst', () => {
    const phone = new Phone({ wishes: { windowSize: 4 } });
    phone.said();
    phone.options({ windowsize: '4' });
    expect(phone.block(1)).toEqual([]);
    expect(phone.block(3)).toEqual(['ACK 1']);
    expect(phone.block(4)).toEqual([]);
    expect(phone.block(2)).toEqual([]);
    expect(phone.waits()).toEqual(['ACK 2']);
  });
});

test('who gives up says so to the server', () => {
  const phone = new Phone();
  phone.said();
  phone.block(1);
  phone.transfer.abort();
  expect(phone.said()).toEqual(['ERROR 0', 'failed given-up', 'closed']);
});
