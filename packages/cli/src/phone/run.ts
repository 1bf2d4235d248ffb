import { TrustlineError } from '@trustline/base';
import { CaptureFile } from '@trustline/capture/node';
import type { SdesSuiteName } from '@trustline/keying';
import type { MediaSecurity } from '@trustline/phone';
import {
  type AudioSource,
  type CallOptions,
  play,
  type RunningCall,
  readWavFile,
  type Softphone,
  WavRecorder,
} from '@trustline/phone/node';
import { printFailure, type Terminal } from '../terminal.ts';
import { aborted } from './boot.ts';
import { exitCodeOfRegistration, phoneExitCodes } from './exit-codes.ts';
import { PhoneReport } from './report.ts';
import { chosenLine, deviceNameOf, type PhoneSession, type PhoneSource, startSession } from './session.ts';

/** What `trustline phone` is asked to do. */
export interface PhoneTask {
  readonly kind: 'run' | 'answer' | 'call';
  /** Whom to call; for `call` only. */
  readonly number?: string;
  readonly source: PhoneSource;
  /** One of the phone's lines; the first by default. */
  readonly line?: string | undefined;
  readonly device?: string | undefined;
  readonly server?: { readonly host: string; readonly port?: number } | undefined;
  /** Default: `require` with credentials; as its configuration says for a phone that has booted. */
  readonly security?: MediaSecurity | undefined;
  /** What it speaks; as it did when it booted, or SIP, without. */
  readonly protocol?: 'SIP' | 'SCCP' | undefined;
  readonly suite?: SdesSuiteName | undefined;
  /** For `run`: whether calls are answered or only shown. */
  readonly answer?: 'auto' | 'never' | undefined;
  readonly play?: string | undefined;
  readonly loop?: boolean | undefined;
  readonly record?: string | undefined;
  readonly digits?: string | undefined;
  /** Seconds after the answer. */
  readonly duration?: number | undefined;
  /** Seconds on hold, from the answer on. */
  readonly hold?: number | undefined;
  /** Whom the far end is to talk to in place of being hung up. */
  readonly transfer?: string | undefined;
  /** Call that one first, and join the two when he has answered. */
  readonly attended?: boolean | undefined;
  readonly capture?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Silence before we hang up when all has been said, so that nothing is cut off, in milliseconds. */
const TAIL = 500;
const POLL_INTERVAL = 50;

/** Does a task until it is done or `signal` aborts; resolves to the exit code. */
export async function runPhone(task: PhoneTask, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { source: from } = task;
  const line = chosenLine(from, task.line);
  const sound = task.play === undefined ? undefined : readWavFile(task.play);
  const source = () => (sound === undefined ? undefined : play(sound, { loop: task.loop === true }));
  const node = task.device ?? deviceNameOf(from) ?? line.number ?? '';
  const report = new PhoneReport(terminal, node, line.number ?? node, task.json === true, task.kind === 'run');
  const capture = task.capture === undefined ? undefined : await CaptureFile.open(task.capture);
  const incoming: RunningCall[] = [];
  const arrived = Promise.withResolvers<void>();
  const session = startSession(from, {
    line,
    device: task.device,
    server: task.server,
    protocol: task.protocol,
    wanted: {
      ...(task.security === undefined ? {} : { security: task.security }),
      ...(task.suite === undefined ? {} : { suites: [task.suite] }),
      ...(capture === undefined ? {} : { capture }),
      onEvent: (event) => {
        report.event(event);
        if (event.kind !== 'incoming') return;
        incoming.push(event.call);
        arrived.resolve();
      },
    },
  });
  const media = (number: number): { options: CallOptions; source: AudioSource | undefined } => {
    const said = source();
    const path = task.record === undefined ? undefined : numbered(task.record, number);
    const sink = path === undefined ? undefined : new WavRecorder(path, (error) => void printFailure(terminal, error));
    return { options: { source: said, sink }, source: said };
  };
  try {
    if (task.kind === 'run') {
      await runUntilAborted(task, session, incoming, report, media, signal);
      return phoneExitCodes.completed;
    }
    let phone: Softphone | undefined;
    try {
      phone = (await Promise.race([session.registered(), aborted(signal)])) ?? undefined;
    } catch (failure) {
      if (!(failure instanceof TrustlineError)) throw failure;
      return report.failure(failure, exitCodeOfRegistration(failure.code));
    }
    if (signal.aborted || phone === undefined) return phoneExitCodes.noAnswer;
    const one = media(0);
    if (task.kind === 'call')
      return await finish(task, phone, await phone.call(task.number ?? '', one.options), one.source, report, signal);
    await Promise.race([arrived.promise, aborted(signal)]);
    const [call] = incoming;
    if (call === undefined) return phoneExitCodes.noAnswer;
    await phone.answer(call, one.options);
    return await finish(task, phone, call, one.source, report, signal);
  } finally {
    await session.stop();
    await capture?.close();
  }
}

/** Answers what comes, as told, until the person has had enough. */
async function runUntilAborted(
  task: PhoneTask,
  session: PhoneSession,
  incoming: RunningCall[],
  report: PhoneReport,
  media: (number: number) => { options: CallOptions; source: AudioSource | undefined },
  signal: AbortSignal,
): Promise<void> {
  const running: Promise<number>[] = [];
  let count = 0;
  while (!signal.aborted) {
    for (const call of incoming.splice(0)) {
      if (task.answer === 'never') continue;
      const one = media(count);
      count += 1;
      const phone = session.phone();
      if (phone === undefined) continue;
      await phone.answer(call, one.options);
      running.push(finish(task, phone, call, one.source, report, signal));
    }
    await pause(POLL_INTERVAL);
  }
  await Promise.all(running);
}

/** Goes through with a call: digits, duration, the end of what is played; says how it went. */
async function finish(
  task: PhoneTask,
  phone: Softphone,
  call: RunningCall,
  source: AudioSource | undefined,
  report: PhoneReport,
  signal: AbortSignal,
): Promise<number> {
  report.follow(call);
  let startedAt = 0;
  void call.established.then(async () => {
    startedAt = performance.now();
    if (task.digits !== undefined) {
      await voiceOf(call);
      call.sendDigits(task.digits);
    }
    if (task.hold !== undefined && call.hold()) {
      await pause(task.hold * 1_000);
      call.resume();
    }
  });
  void talk(task, phone, call, source, signal, () => startedAt);
  const ended = await call.ended;
  const seconds = startedAt === 0 ? 0 : Math.round((performance.now() - startedAt) / 100) / 10;
  return report.result(call, ended, seconds);
}

/** A Skinny phone is told where its voice goes only after the answer, and digits go there too. */
async function voiceOf(call: RunningCall): Promise<void> {
  for (let waited = 0; waited < VOICE_PATIENCE && !((call.statistics()?.packetsSent ?? 0) > 0); waited += 100) {
    await pause(100);
  }
}

/** How long digits wait for the voice, in milliseconds. */
const VOICE_PATIENCE = 5_000;

/** Hangs up when it is time to, or transfers. */
async function talk(
  task: PhoneTask,
  phone: Softphone,
  call: RunningCall,
  source: AudioSource | undefined,
  signal: AbortSignal,
  startedAt: () => number,
): Promise<void> {
  let doneAt: number | undefined;
  while (call.state !== 'ended') {
    const now = performance.now();
    if (call.state === 'established' && startedAt() > 0) {
      const nothingToSay = task.transfer !== undefined && source === undefined;
      const isSaid = task.duration === undefined && (source?.isDone ?? nothingToSay) && !call.sendsDigits;
      const isOver = task.duration !== undefined && now - startedAt() >= task.duration * 1_000 && !call.sendsDigits;
      if (isSaid || isOver) doneAt ??= now + (isSaid ? TAIL : 0);
    }
    const isDone = doneAt !== undefined && now >= doneAt;
    if (isDone && task.transfer !== undefined && !signal.aborted && (await transfer(task, phone, call, signal))) return;
    if (signal.aborted || isDone) {
      call.hangUp();
      return;
    }
    await pause(POLL_INTERVAL);
  }
}

/** Transfers the far end of a call, and waits until that is over; false where the call has to be hung up by us. */
async function transfer(
  { transfer: number = '', attended }: PhoneTask,
  phone: Softphone,
  call: RunningCall,
  signal: AbortSignal,
): Promise<boolean> {
  let other: RunningCall | undefined;
  if (attended === true) {
    other = await phone.call(number, { consultingFor: call });
    await Promise.race([other.established, other.ended, aborted(signal)]);
    if (other.state !== 'established' || !call.join(other)) return other.hangUp() && false;
  } else if (!call.transfer(number)) return false;
  const isTransferred = await Promise.race([call.transferred, call.ended.then(() => true), aborted(signal)]);
  if (isTransferred !== true) other?.hangUp();
  return isTransferred === true;
}

/** `heard.wav`, `heard-1.wav`, `heard-2.wav` for the calls of one run. */
function numbered(path: string, number: number): string {
  return number === 0 ? path : path.replace(/(\.[^./]*)?$/, `-${number}$1`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
