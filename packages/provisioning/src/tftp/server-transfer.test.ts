import { describe, expect, test } from 'vitest';
import { defaultTftpLimits, type TftpLimits } from './limits.ts';
import { decodeTftpPacket, encodeTftpPacket, type TftpOption, type TftpPacket } from './packet.ts';
import { type TftpServerOutput, TftpServerTransfer } from './server-transfer.ts';
import type { TftpPeer } from './transfer.ts';

const phone: TftpPeer = { address: '192.0.2.7', port: 2070 };
const stranger: TftpPeer = { address: '198.51.100.1', port: 2070 };

class Desk {
  readonly transfer: TftpServerTransfer;
  now = 0;

  constructor(size: number, options: Record<string, string> = {}, limits: Partial<TftpLimits> = {}) {
    const list: TftpOption[] = Object.entries(options).map(([name, value]) => ({ name, value }));
    const content = Uint8Array.from({ length: size }, (_, at) => at);
    const all = { ...defaultTftpLimits, ...limits };
    this.transfer = new TftpServerTransfer({ now: 0, peer: phone, content, options: list, limits: all });
  }

  /** What it says, in short: `DATA 1`, `OACK blksize=8`, `ERROR 5 to 198.51.100.1`, `finished`. */
  said(): string[] {
    const all: string[] = [];
    for (let output = this.transfer.poll(); output !== undefined; output = this.transfer.poll())
      all.push(short(output));
    return all;
  }

  gives(packet: TftpPacket, from = phone): string[] {
    this.transfer.receive(this.now, from, encodeTftpPacket(packet));
    return this.said();
  }

  acknowledges(block: number, from = phone): string[] {
    return this.gives({ kind: 'acknowledgement', block }, from);
  }

  /** Lets the next timer run. */
  waits(): { readonly after: number; readonly said: string[] } {
    const at = this.transfer.nextDeadline() ?? Number.NaN;
    const after = at - this.now;
    this.now = at;
    this.transfer.handleTime(at);
    return { after, said: this.said() };
  }
}

function short(output: TftpServerOutput): string {
  if (output.kind === 'finished') return `finished ${output.octets} again ${output.retransmittedBlocks}`;
  if (output.kind === 'failed') return `failed ${output.cause}`;
  const decoded = decodeTftpPacket(output.bytes);
  if (!decoded.ok) return 'unreadable';
  const to = output.to === phone ? '' : ` to ${output.to.address}`;
  const { packet } = decoded;
  if (packet.kind === 'data') return `DATA ${packet.block}:${packet.data.byteLength}${to}`;
  if (packet.kind === 'error') return `ERROR ${packet.code}${to}`;
  if (packet.kind === 'option-acknowledgement') {
    return `OACK ${packet.options.map(({ name, value }) => `${name}=${value}`).join(' ')}`;
  }
  return packet.kind;
}

describe('a plain transfer (RFC 1350)', () => {
  test.each([
    [0, ['DATA 1:0']],
    [511, ['DATA 1:511']],
    [512, ['DATA 1:512', 'DATA 2:0']],
    [513, ['DATA 1:512', 'DATA 2:1']],
  ])('§6: a block shorter than the others ends a file of %i octets', (size, blocks) => {
    const desk = new Desk(size);
    const seen = desk.said();
    for (let block = 1; !desk.transfer.ended; block += 1) seen.push(...desk.acknowledges(block));
    expect(seen).toEqual([...blocks, `finished ${size} again 0`]);
    expect(desk.transfer.nextDeadline()).toBeUndefined();
  });

  test('§4: a stranger is answered error 5, and the transfer goes on', () => {
    const desk = new Desk(600);
    desk.said();
    expect(desk.acknowledges(1, stranger)).toEqual(['ERROR 5 to 198.51.100.1']);
    expect(desk.acknowledges(1, { ...phone, port: 9 })).toEqual(['ERROR 5 to 192.0.2.7']);
    expect(desk.gives({ kind: 'error', code: 0, message: 'stop' }, stranger)).toEqual([]);
    expect(desk.acknowledges(1)).toEqual(['DATA 2:88']);
  });

  test('strangers get a few answers and no more', () => {
    const desk = new Desk(600);
    desk.said();
    for (let one = 0; one < 8; one += 1) expect(desk.acknowledges(1, stranger)).toHaveLength(1);
    expect(desk.acknowledges(1, stranger)).toEqual([]);
  });

  test('§7: an ERROR of the peer ends it, and is not answered', () => {
    const desk = new Desk(600);
    desk.said();
    expect(desk.gives({ kind: 'error', code: 3, message: 'full' })).toEqual(['failed peer-error']);
  });

  test.each<[string, TftpPacket]>([
    ['DATA', { kind: 'data', block: 1, data: new Uint8Array(2) }],
    ['an OACK', { kind: 'option-acknowledgement', options: [{ name: 'tsize', value: '0' }] }],
    ['a write request', { kind: 'write-request', fileName: 'x', mode: 'octet', options: [] }],
  ])('%s from the reader ends it with error 4', (_what, packet) => {
    const desk = new Desk(600);
    desk.said();
    expect(desk.gives(packet)).toEqual(['ERROR 4', 'failed protocol']);
    expect(desk.acknowledges(1)).toEqual([]);
  });

  test('a repeated read request changes nothing', () => {
    const desk = new Desk(600);
    desk.said();
    expect(desk.gives({ kind: 'read-request', fileName: 'x', mode: 'octet', options: [] })).toEqual([]);
  });
});

describe('silence', () => {
  test('RFC 1123 §4.2.3.2: each wait is twice the one before, up to a bound, and then it is given up', () => {
    const desk = new Desk(2_000);
    desk.said();
    desk.acknowledges(1);
    const waits = Array.from({ length: 6 }, () => desk.waits());
    expect(waits.map(({ after }) => after)).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    expect(waits.map(({ said }) => said)).toEqual([
      ...Array.from({ length: 5 }, () => ['DATA 2:512']),
      ['failed no-answer'],
    ]);
  });

  test('who never answered gets three datagrams in all: its address may be forged', () => {
    const desk = new Desk(1_000_000, { blksize: '1428', windowsize: '64' });
    const said = [...desk.said()];
    while (!desk.transfer.ended) said.push(...desk.waits().said);
    const oack = 'OACK blksize=1428 windowsize=64';
    expect(said).toEqual([oack, oack, oack, 'failed no-answer']);
  });

  test('one that answers for ever without coming to an end is ended', () => {
    const desk = new Desk(5_000, {}, { transferTime: 4_500, firstTimeout: 1_000 });
    desk.said();
    const seen: string[] = [];
    for (let block = 1; !desk.transfer.ended; block += 1) {
      desk.acknowledges(block);
      seen.push(...desk.waits().said);
    }
    expect(seen.at(-1)).toBe('failed too-slow');
  });
});

describe("the sorcerer's apprentice (RFC 1123 §4.2.3.1)", () => {
  test('an acknowledgement that comes twice brings no block twice', () => {
    const desk = new Desk(2_000);
    desk.said();
    expect(desk.acknowledges(1)).toEqual(['DATA 2:512']);
    expect(desk.acknowledges(1)).toEqual([]);
    expect(desk.acknowledges(2)).toEqual(['DATA 3:512']);
    expect(desk.acknowledges(2)).toEqual([]);
    expect(desk.acknowledges(1)).toEqual([]);
    expect(desk.acknowledges(9)).toEqual([]); // of a block never sent
  });

  test('RFC 7440: a reader that repeats itself in a window lacks its first block; it is believed once', () => {
    const desk = new Desk(512 * 8, { windowsize: '3' });
    desk.said();
    const window = ['DATA 1:512', 'DATA 2:512', 'DATA 3:512'];
    expect(desk.acknowledges(0)).toEqual(window);
    expect(desk.acknowledges(0)).toEqual(window);
    expect(desk.acknowledges(0)).toEqual([]);
    expect(desk.acknowledges(2)).toEqual(['DATA 3:512', 'DATA 4:512', 'DATA 5:512']);
  });
});

describe('options', () => {
  test.each<[string, Record<string, string>, string]>([
    ['RFC 2348: a smaller block than asked may be answered', { blksize: '65464' }, 'OACK blksize=1428'],
    ['RFC 2348: the smallest block', { blksize: '8' }, 'OACK blksize=8'],
    ['RFC 2349: the size', { tsize: '0' }, 'OACK tsize=3000'],
    ['RFC 2349: a timeout', { timeout: '3' }, 'OACK timeout=3'],
    ['RFC 7440: a window', { windowsize: '65535' }, 'OACK windowsize=64'],
    [
      'RFC 2347: names in any case, in the order of the request',
      { TSize: '0', BLKSIZE: '9' },
      'OACK TSize=3000 BLKSIZE=9',
    ],
    ['RFC 2347: what is unknown is passed over', { multicast: '', blksize: '512' }, 'OACK blksize=512'],
  ])('%s', (_rule, options, oack) => {
    expect(new Desk(3_000, options).said()).toEqual([oack]);
  });

  test.each([
    ['blksize', '7'],
    ['blksize', '65465'],
    ['blksize', '1e3'],
    ['blksize', ' 512'],
    ['windowsize', '0'],
    ['windowsize', '65536'],
    ['timeout', '0'],
    ['timeout', '256'],
    ['timeout', '200'],
    ['blksize', '99999999999999999999'],
  ])('%s %s is not acknowledged, and the transfer is a plain one', (name, value) => {
    expect(new Desk(3_000, { [name]: value }).said()).toEqual(['DATA 1:512']);
  });

  test('the size of an empty file is not said, for curl takes 0 for an error', () => {
    expect(new Desk(0, { tsize: '0', blksize: '512' }).said()).toEqual(['OACK blksize=512']);
  });

  test('RFC 2347: data follows the acknowledgement 0 of the options', () => {
    const desk = new Desk(20, { blksize: '8', timeout: '2' });
    desk.said();
    expect(desk.acknowledges(1)).toEqual([]);
    expect(desk.waits()).toEqual({ after: 2_000, said: ['OACK blksize=8 timeout=2'] });
    expect(desk.acknowledges(0)).toEqual(['DATA 1:8']);
    expect(desk.acknowledges(1)).toEqual(['DATA 2:8']);
    expect(desk.acknowledges(2)).toEqual(['DATA 3:4']);
    expect(desk.acknowledges(3)).toEqual(['finished 20 again 0']);
  });
});

test('block numbers wrap: after 65,535 comes 0, and the file ends where it ends', () => {
  const size = 65_537 * 8 + 3;
  const desk = new Desk(size, { blksize: '8' });
  desk.said();
  let said = desk.acknowledges(0);
  let last = '';
  for (let block = 1; !desk.transfer.ended; block += 1) {
    const number = block % 65_536;
    expect(said[0]).toBe(`DATA ${number}:${block === 65_538 ? 3 : 8}`);
    said = desk.acknowledges(number);
    last = said[0] ?? '';
  }
  expect(last).toBe(`finished ${size} again 0`);
});
