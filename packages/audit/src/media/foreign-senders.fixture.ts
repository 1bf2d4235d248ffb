import { execFileSync, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MediaKey } from '../model/media-key.ts';

/** A program that sends to the ports it is given. */
export type Sender = (rtp: number, rtcp: number) => { readonly command: string; readonly args: readonly string[] };

/** Datagrams that a program sends until it ends, to a port and the one for RTCP beside it. */
export async function sentBy(sender: Sender): Promise<{ readonly rtp: Uint8Array[]; readonly rtcp: Uint8Array[] }> {
  const [one, other] = [await bound(), await bound()];
  const rtp: Uint8Array[] = [];
  const rtcp: Uint8Array[] = [];
  one.on('message', (datagram) => rtp.push(datagram));
  other.on('message', (datagram) => rtcp.push(datagram));
  const { command, args } = sender(one.address().port, other.address().port);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data) => {
    said = (said + data).slice(-2_000);
  });
  const [code] = await once(child, 'close');
  // What was sent before it ended is in the socket by then; a turn of the loop takes it out.
  await new Promise(setImmediate);
  one.close();
  other.close();
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${said}`);
  return { rtp, rtcp };
}

async function bound(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** FFmpeg sends a sound with an encoder; under SRTP where there is a key, whose suite it knows by that name. */
export function ffmpeg(sound: string, encoder: readonly string[], key?: MediaKey): Sender {
  const protection =
    key === undefined
      ? []
      : [
          '-srtp_out_suite',
          key.profile,
          '-srtp_out_params',
          Buffer.concat([key.masterKey, key.masterSalt]).toString('base64'),
        ];
  // Packets of 20 ms where a codec could fill any, and 14 octets that it keeps free for a tag.
  const packetSize = encoder[0] === 'libopus' ? 1_200 : 172;
  return (rtp, rtcp) => ({
    command: 'ffmpeg',
    args: [
      ...['-hide_banner', '-loglevel', 'error', '-i', sound, '-c:a', ...encoder, '-f', 'rtp', ...protection],
      `${key === undefined ? 'rtp' : 'srtp'}://127.0.0.1:${rtp}?rtcpport=${rtcp}&pkt_size=${packetSize + (key === undefined ? 0 : 14)}`,
    ],
  });
}

let program: string | undefined;

/** GStreamer sends a sound through elements; `srtpenc` is among them where there is protection. */
export function gstreamer(sound: string, elements: string, folder: string): Sender {
  if (program === undefined) {
    program = join(folder, 'gstreamer-sender');
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'gstreamer-1.0'], { encoding: 'utf8' });
    const source = fileURLToPath(new URL('gstreamer-sender.c', import.meta.url));
    execFileSync('gcc', ['-o', program, source, ...flags.trim().split(/\s+/)]);
  }
  const command = program;
  return (rtp) => ({
    command,
    args: [
      `filesrc location=${sound} ! wavparse ! audioconvert ! audioresample ! ${elements} ! udpsink host=127.0.0.1 port=${rtp} sync=false`,
    ],
  });
}
