import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SrtpMasterKey } from '../options.ts';

/**
 * What FFmpeg calls the suites. By the name of RFC 4568, `AES_CM_128_HMAC_SHA1_32`, it shortens the tag of SRTCP too,
 * against §6.2.2 there; by the name of RFC 5764 it keeps to 80 bits.
 */
export const ffmpegSuites = {
  AES_CM_128_HMAC_SHA1_80: 'AES_CM_128_HMAC_SHA1_80',
  AES_CM_128_HMAC_SHA1_32: 'SRTP_AES128_CM_HMAC_SHA1_32',
} as const;

type Suite = keyof typeof ffmpegSuites;

/** Why FFmpeg cannot be tried here, or undefined. */
export function missingFfmpeg(): string | undefined {
  if (spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).error !== undefined) {
    return 'ffmpeg is not installed: run scripts/install-peers.sh';
  }
  return existsSync('/proc/net/udp') ? undefined : 'without the /proc of Linux nobody sees whether FFmpeg keeps up';
}

/**
 * Sends packets of PCMU to FFmpeg over loopback and returns the payload octets that it wrote, as they were: it copies,
 * and a raw file has no more to it. An SRTCP BYE at the end ends FFmpeg; what it cannot read leaves it waiting, and then
 * it complains, which fails here.
 */
export async function ffmpegOpens(
  suite: Suite,
  master: SrtpMasterKey,
  datagrams: readonly Uint8Array[],
  bye: Uint8Array,
): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'trustline-ffmpeg-'));
  const port = await freePortPair();
  const description = join(folder, 'call.sdp');
  writeFileSync(
    description,
    [
      'v=0',
      'o=- 0 0 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${port} RTP/SAVP 0`,
      `a=crypto:1 ${ffmpegSuites[suite]} inline:${inline(master)}`,
      '',
    ].join('\r\n'),
  );
  // Without a queue for late packets: there are none, and it would wait for each that is lost.
  const input = ['-protocol_whitelist', 'file,udp,rtp,srtp', '-reorder_queue_size', '0', '-i', description];
  const ffmpeg = start([...input, '-c', 'copy', '-f', 'mulaw', 'pipe:1']);
  const socket = await bound();
  try {
    const output = collected(ffmpeg.child);
    await eventually('FFmpeg listens', () => queued(port) !== undefined);
    for (const [i, datagram] of datagrams.entries()) {
      await send(socket, datagram, port);
      if (i % 32 === 0) await drained(port, 32 * 1024);
    }
    await drained(port, 0);
    await send(socket, bye, port + 1);
    await ffmpeg.ended;
    return await output;
  } finally {
    ffmpeg.child.kill('SIGKILL');
    socket.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface FfmpegStream {
  readonly rtp: readonly Uint8Array[];
  readonly rtcp: readonly Uint8Array[];
}

/** Octets of a payload: FFmpeg reads 40 ms at a time and cuts them in two. */
const PAYLOAD = 160;

/** Has FFmpeg send this PCMA sound and returns what came, in the order of their sequence numbers. */
export async function ffmpegSends(
  suite: Suite,
  master: SrtpMasterKey,
  sound: Uint8Array,
  ssrc: number,
  firstSequenceNumber: number,
): Promise<FfmpegStream> {
  const [socket, reports] = [await bound(), await bound()];
  const rtp: Uint8Array[] = [];
  const rtcp: Uint8Array[] = [];
  const header = ['-payload_type', '8', '-ssrc', String(ssrc), '-seq', String(firstSequenceNumber)];
  const protection = ['-srtp_out_suite', ffmpegSuites[suite], '-srtp_out_params', inline(master)];
  // 14 octets it keeps free for MKI and tag, whatever is needed of them.
  const target = `srtp://127.0.0.1:${socket.address().port}?rtcpport=${reports.address().port}&pkt_size=${12 + PAYLOAD + 14}`;
  const ffmpeg = start(
    [
      '-f',
      'alaw',
      '-ar',
      '8000',
      '-ac',
      '1',
      '-i',
      'pipe:0',
      '-c',
      'copy',
      '-f',
      'rtp',
      '-rtpflags',
      'send_bye',
    ].concat(header, protection, target),
  );
  ffmpeg.child.stdout?.resume(); // the session description
  try {
    // No faster than it arrives: what is under way fits the buffer of the socket.
    let given = 0;
    const feed = () => {
      while (given < sound.byteLength && given - rtp.length * PAYLOAD < 16 * 1024) {
        ffmpeg.child.stdin?.write(sound.subarray(given, given + 2 * PAYLOAD));
        given += 2 * PAYLOAD;
      }
      if (given >= sound.byteLength) ffmpeg.child.stdin?.end();
    };
    socket.on('message', (datagram) => {
      rtp.push(datagram);
      feed();
    });
    reports.on('message', (datagram) => rtcp.push(datagram));
    feed();
    await ffmpeg.ended;
    await eventually('the last packet of FFmpeg', () => rtp.length * PAYLOAD >= sound.byteLength);
    await eventually('the last report of FFmpeg', () => rtcp.length >= 2);
    return { rtp, rtcp };
  } finally {
    ffmpeg.child.kill('SIGKILL');
    socket.close();
    reports.close();
  }
}

function inline({ key, salt }: SrtpMasterKey): string {
  return Buffer.concat([key, salt]).toString('base64');
}

function start(args: readonly string[]): { child: ChildProcess; ended: Promise<void> } {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...args], { stdio: 'pipe' });
  let said = '';
  child.stderr.on('data', (data) => {
    said = (said + data).slice(-2_000);
  });
  child.stdin.on('error', () => undefined); // what becomes of it is said by how it ends
  const ended = once(child, 'close').then(([code]) => {
    // It ends well, but says so, when it waited for a packet in vain.
    if (code !== 0 || said !== '') throw new Error(`FFmpeg ended with ${code}: ${said}`);
  });
  ended.catch(() => undefined); // the caller may fail before it waits for this
  return { child, ended };
}

async function collected(child: ChildProcess): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function bound(port = 0): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 400_000 });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

function send(socket: Socket, datagram: Uint8Array, port: number): Promise<void> {
  return new Promise((sent, failed) =>
    socket.send(datagram, port, '127.0.0.1', (error) => (error === null ? sent() : failed(error))),
  );
}

/** RTP's port, with RTCP's free beside it: a session description names the first alone. */
async function freePortPair(): Promise<number> {
  for (;;) {
    const one = await bound();
    const { port } = one.address();
    const other = await bound(port + 1).catch(() => undefined);
    one.close();
    other?.close();
    if (other !== undefined) return port;
  }
}

/** Octets that wait in the socket of whoever listens at this port; undefined when nobody does. */
function queued(port: number): number | undefined {
  const place = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of readFileSync('/proc/net/udp', 'latin1').split('\n')) {
    const [, local = '', , , queues = ''] = line.trim().split(/\s+/);
    if (local.endsWith(place)) return Number.parseInt(queues.split(':')[1] ?? '', 16);
  }
  return undefined;
}

/** Far longer than anything here takes: reached only when it never happens. */
const PATIENCE = 20_000;

async function eventually(what: string, ask: () => boolean): Promise<void> {
  for (let waited = 0; !ask(); waited += 10) {
    if (waited > PATIENCE) throw new Error(`this never came: ${what}`);
    await delay(10);
  }
}

/** A reader that is slower than we are would lose packets that nobody meant to lose. */
async function drained(port: number, octets: number): Promise<void> {
  while ((queued(port) ?? 0) > octets) await delay(1);
}
