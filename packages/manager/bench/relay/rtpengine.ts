/** rtpengine as Debian has it, in userspace, driven by its NG protocol over UDP. */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchCall, BenchMode, RelayContender, RunningRelay } from './contender.ts';

const host = '127.0.0.1';
const control = 42_223;
/** Attempts to get an answer while it starts. */
const attempts = 50;

type Bencoded = string | readonly Bencoded[] | { readonly [key: string]: Bencoded };

export const rtpengine: RelayContender = {
  name: 'rtpengine',
  async start(mode, calls, parties): Promise<RunningRelay> {
    const { stderr, stdout, error } = spawnSync('rtpengine', ['--version'], { encoding: 'utf8' });
    if (error !== undefined) throw new Error('Debian’s rtpengine-daemon is not installed');
    if (!`${stdout}${stderr}`.includes('Version')) throw new Error(`rtpengine does not run here: ${stderr}`);
    const options = [
      '--foreground',
      '--log-stderr',
      '--log-level=1',
      '--table=-1', // no kernel module: userspace alone
      `--interface=${host}`,
      `--listen-ng=${host}:${control}`,
      '--listen-cli=127.0.0.1:42224',
      '--port-min=50000',
      '--port-max=59999',
      '--num-threads=1',
      '--config-file=none',
    ];
    const child = spawn('bash', ['-c', `ulimit -n 65536; exec rtpengine ${options.join(' ')}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = (said + String(chunk)).slice(-2_000);
    });
    const stop = async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    };
    const asking = new Asking();
    try {
      await asking.ready();
      const ports: [number, number][] = [];
      for (const [number, call] of calls.entries()) ports.push(await place(asking, mode, call, number, parties));
      return { ports, pid: child.pid as number, stop };
    } catch (error) {
      await stop();
      throw new Error(`rtpengine: ${(error as Error).message} ${said}`);
    } finally {
      asking.close();
    }
  },
};

/** Offers and answers one call; returns its two ports. */
async function place(
  asking: Asking,
  mode: BenchMode,
  call: BenchCall,
  number: number,
  [clear, other]: readonly [number, number],
): Promise<[number, number]> {
  const usual = { 'call-id': `call-${number}`, 'from-tag': 'one', ICE: 'remove', 'rtcp-mux': ['demux'] };
  const profile = mode === 'bridge' ? 'RTP/SAVP' : 'RTP/AVP';
  const offered = await asking.ask({
    ...usual,
    command: 'offer',
    sdp: description('RTP/AVP', clear),
    'transport-protocol': profile,
    flags: ['trust-address', 'SDES-no-NULL'],
  });
  const crypto = /^a=crypto:(\d+) AES_CM_128_HMAC_SHA1_80 /m.exec(String(offered.sdp));
  if (mode === 'bridge' && crypto === null) throw new Error('it offers no AES_CM_128_HMAC_SHA1_80.');
  const line = `a=crypto:${crypto?.[1]} AES_CM_128_HMAC_SHA1_80 inline:${Buffer.from(call.partyKey).toString('base64')}`;
  const answered = await asking.ask({
    ...usual,
    command: 'answer',
    'to-tag': 'other',
    sdp: description(profile, other) + (mode === 'bridge' ? `${line}\r\n` : ''),
    flags: ['trust-address'],
  });
  return [portOf(answered.sdp), portOf(offered.sdp)];
}

function description(profile: string, port: number): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} ${profile} 0`,
    'a=rtpmap:0 PCMU/8000',
    'a=sendrecv',
    '',
  ].join('\r\n');
}

function portOf(sdp: Bencoded | undefined): number {
  const port = /^m=audio (\d+)/m.exec(String(sdp))?.[1];
  if (port === undefined) throw new Error(`it answered without a port: ${String(sdp)}`);
  return Number(port);
}

/** Requests of the NG protocol: a cookie, and a dictionary in bencode. */
class Asking {
  readonly #socket = createSocket('udp4');
  #cookie = 0;

  async ready(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.ask({ command: 'ping' });
        return;
      } catch (error) {
        if (attempt === attempts) throw error;
        await delay(100);
      }
    }
  }

  async ask(request: { readonly [key: string]: Bencoded }): Promise<{ readonly [key: string]: Bencoded }> {
    const cookie = `bench${this.#cookie++}`;
    const signal = AbortSignal.timeout(1_000);
    this.#socket.send(`${cookie} ${bencode(request)}`, control, host);
    const [answer] = (await once(this.#socket, 'message', { signal })) as [Buffer];
    const text = answer.toString('latin1');
    const read = bdecode(text, text.indexOf(' ') + 1)[0] as { readonly [key: string]: Bencoded };
    if (read.result !== 'ok' && read.result !== 'pong') throw new Error(String(read['error-reason']));
    return read;
  }

  close(): void {
    this.#socket.close();
  }
}

function bencode(value: Bencoded): string {
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
  if (Array.isArray(value)) return `l${value.map(bencode).join('')}e`;
  return `d${Object.entries(value)
    .map(([key, one]) => bencode(key) + bencode(one))
    .join('')}e`;
}

/** The value at a place, and the place after it. Integers come as text. */
function bdecode(text: string, at: number): readonly [Bencoded, number] {
  const kind = text[at];
  if (kind === 'i') {
    const end = text.indexOf('e', at);
    return [text.slice(at + 1, end), end + 1];
  }
  if (kind === 'l' || kind === 'd') {
    const values: Bencoded[] = [];
    let next = at + 1;
    while (text[next] !== 'e') {
      const [value, after] = bdecode(text, next);
      values.push(value);
      next = after;
    }
    if (kind === 'l') return [values, next + 1];
    const entries = values.flatMap((key, place) => (place % 2 === 0 ? [[key, values[place + 1]]] : []));
    return [Object.fromEntries(entries) as { readonly [key: string]: Bencoded }, next + 1];
  }
  const colon = text.indexOf(':', at);
  const end = colon + 1 + Number(text.slice(at, colon));
  return [text.slice(colon + 1, end), end];
}
