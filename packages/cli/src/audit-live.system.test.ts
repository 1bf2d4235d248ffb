import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type AuditReport, auditReportSchema } from '@trustline/audit';
import { encodeMuLaw, serializeRtpPacket } from '@trustline/rtp';
import { schemaViolations } from '@trustline/testing';
import { artefactFolder, eventually, freeUdpPort, missingCapture } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const main = new URL('./main.ts', import.meta.url).pathname;

/** A program and what it says. */
class Run {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  out = '';
  error = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, 'close');
    child.stdout?.setEncoding('utf8').on('data', (text) => (this.out += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (this.error += text));
  }

  /** To the program, or to all of its group as a terminal's Ctrl-C is. */
  async interrupted(isGroup: boolean): Promise<number | null> {
    const { pid } = this.#child;
    if (pid !== undefined) process.kill(isGroup ? -pid : pid, 'SIGINT');
    await this.#closed;
    return this.#child.exitCode;
  }

  kill(): void {
    if (this.#child.exitCode === null && this.#child.pid !== undefined) this.#child.kill('SIGKILL');
  }
}

/** One call of SIP in the clear on loopback, which an interface and a pipe are listened to for at the same time. */
describe.skipIf(missingCapture())('what passes an interface is audited while it passes', () => {
  const folder = artefactFolder('audit-live');
  const out = join(folder, 'reports');
  const sockets: Socket[] = [];
  const runs: Run[] = [];
  let live: Run;
  let piped: Run;

  beforeAll(async () => {
    const [callerPort, calledPort, callerMedia, calledMedia] = [
      await freeUdpPort(),
      await freeUdpPort(),
      await freeUdpPort(),
      await freeUdpPort(),
    ];
    const filter = [callerPort, calledPort, callerMedia, calledMedia].map((port) => `port ${port}`).join(' or ');
    const start = (command: string, parameters: readonly string[]) => {
      const run = new Run(spawn(command, parameters, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }));
      runs.push(run);
      return run;
    };
    live = start(process.execPath, [main, 'audit', '--interface', 'lo', '--filter', filter, '--out', out]);
    piped = start('sh', ['-c', `dumpcap -i lo -f '${filter}' -w - | '${process.execPath}' '${main}' audit - --json`]);
    await eventually('both listen', () => /^Listening on lo/m.test(live.error) && /^File: /m.test(piped.error));
    const [caller, called, voice, answer] = await Promise.all(
      [callerPort, calledPort, callerMedia, calledMedia].map(async (port) => {
        const socket = createSocket('udp4');
        sockets.push(socket);
        socket.bind(port, '127.0.0.1');
        await once(socket, 'listening');
        return socket;
      }),
    );
    caller?.send(message('INVITE sip:5000@127.0.0.1 SIP/2.0', callerPort, description(callerMedia)), calledPort);
    await delay(20);
    called?.send(message('SIP/2.0 200 OK', callerPort, description(calledMedia)), callerPort);
    for (let at = 0; at < 100; at++) {
      voice?.send(tone(1, at), calledMedia);
      answer?.send(tone(2, at), callerMedia);
      await delay(4);
    }
    await eventually('the call is shown', () => /heard .*1001 → 5000/.test(live.out));
  });
  afterAll(() => {
    for (const socket of sockets) socket.close();
    for (const run of runs) run.kill();
  });

  test('an interface: each call as it comes; Ctrl-C ends it with the page, reports for their owner, and the exit status of what was heard', async () => {
    expect(live.out).toMatch(/^\d\d:\d\d:\d\d {2}heard {10}1001 → 5000 {2}.* in the clear/m);
    expect(live.out).not.toContain('What a tap hears');
    expect(await live.interrupted(false)).toBe(2);
    expect(live.out).toMatch(/^What a tap hears: interface lo$/m);
    for (const name of ['audit.html', 'audit.json']) expect(live.out).toContain(`Written: ${join(out, name)}\n`);
    for (const name of ['audit-00.json', 'audit.json', 'audit.html']) {
      expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
    }
    const report = JSON.parse(readFileSync(join(out, 'audit.json'), 'utf8')) as AuditReport;
    expect(schemaViolations(auditReportSchema, report)).toEqual([]);
    expect(report).toMatchObject({
      verdict: 'heard',
      captures: [{ name: 'interface lo', format: 'pcapng', packets: 202, ended: 'complete', note: null }],
      calls: [
        { caller: { number: '1001' }, called: { number: '5000' }, streams: [{ packets: 100 }, { packets: 100 }] },
      ],
    });
    expect(readFileSync(join(out, 'audit.html'), 'utf8')).toMatch(/<\/html>\s*$/);
  });

  test('a pipe: Ctrl-C ends who captures, and what it captured is audited', async () => {
    await piped.interrupted(true);
    const report = JSON.parse(piped.out) as AuditReport;
    expect(report).toMatchObject({
      verdict: 'heard',
      captures: [{ name: 'standard input', packets: 202, ended: 'complete' }],
    });
  });
});

function message(start: string, port: number, body: string): string {
  const isAnswer = start.startsWith('SIP/2.0');
  return [
    start,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK1`,
    'From: <sip:1001@127.0.0.1>;tag=a',
    `To: <sip:5000@127.0.0.1>${isAnswer ? ';tag=b' : ''}`,
    'Call-ID: of-the-live-test@127.0.0.1',
    'CSeq: 1 INVITE',
    'Content-Type: application/sdp',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

function description(port: number): string {
  const media = `m=audio ${port} RTP/AVP 0\r\n`;
  return `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n${media}`;
}

/** 20 ms of a tone. */
function tone(ssrc: number, at: number): Uint8Array {
  const samples = Int16Array.from(
    { length: 160 },
    (_, n) => 8_000 * Math.sin((2 * Math.PI * 440 * (160 * at + n)) / 8_000),
  );
  const payload = new Uint8Array(160);
  encodeMuLaw(samples, payload);
  return serializeRtpPacket({
    ssrc,
    csrcs: [],
    extension: undefined,
    paddingLength: 0,
    marker: at === 0,
    payloadType: 0,
    sequenceNumber: at,
    timestamp: 160 * at,
    payload,
  });
}
