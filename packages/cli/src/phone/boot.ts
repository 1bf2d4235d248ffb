import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted, TrustlineError } from '@trustline/base';
import { PhoneError, type PhoneState } from '@trustline/phone';
import { type FileServer, NetworkBoot, readIdentityPem, type StateFolder } from '@trustline/phone/node';
import type { Terminal } from '../terminal.ts';
import { BootReport } from './boot-report.ts';
import { exitCodeOfRegistration, phoneExitCodes } from './exit-codes.ts';

/** What `trustline phone boot` is asked to do. */
export interface BootTask {
  /** SEP and the MAC address in capitals. */
  readonly device: string;
  readonly files: FileServer;
  readonly folder: StateFolder;
  /** A folder as `trustline phone mic` wrote it. */
  readonly mic: string | undefined;
  readonly authenticationString: Redacted<string> | undefined;
  readonly digestPassword: Redacted<string> | undefined;
  readonly line: string | undefined;
  /** What it speaks; what its configuration says without. */
  readonly protocol: 'SIP' | 'SCCP' | undefined;
  readonly eraseTrustLists: boolean;
  /** Ends as soon as it is registered, or cannot be. */
  readonly once: boolean;
  readonly json: boolean;
}

/** The files of a MIC in its folder. */
export const micFiles = { certificate: 'mic.crt.pem', key: 'mic.key.pem' } as const;

/** Boots a phone and keeps it registered until `signal` aborts; resolves to the exit code. */
export async function bootPhone(task: BootTask, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { device, files, folder, authenticationString, digestPassword, line, protocol, once, json } = task;
  prepareState(task);
  const report = new BootReport(terminal, device, json);
  report.begins(files, folder.path);
  const boot = NetworkBoot.powerOn({
    device,
    files,
    memory: folder,
    authenticationString,
    digestPassword,
    line,
    protocol,
    onEvent: (event) => report.event(event),
    phone: { onEvent: (event) => report.ofPhone(event) },
  });
  // What `phone call --state` needs to know is there from the first boot on, whatever comes of it.
  folder.savePlace({ device, ...files, protocol });
  const interrupted = aborted(signal);
  try {
    await Promise.race([boot.registered(), interrupted]);
    if (signal.aborted) return phoneExitCodes.noAnswer;
    report.registered(boot.state, folder.path, once);
    if (!once) await interrupted;
    return phoneExitCodes.completed;
  } catch (failure) {
    if (!(failure instanceof TrustlineError)) throw failure;
    const exitCode = report.failure(failure, exitCodeOfRegistration(failure.code), once);
    if (once) return exitCode;
    await interrupted; // it goes on trying, and says how that goes
    return boot.phone === undefined ? exitCode : phoneExitCodes.completed;
  } finally {
    await boot.stop();
  }
}

/** The MIC from its folder, and the deletion of lists, before the power is switched on. */
function prepareState({ folder, mic, eraseTrustLists }: BootTask): void {
  const before = folder.load();
  const lists = eraseTrustLists ? { ctl: undefined, itl: undefined } : before.lists;
  const after: PhoneState = { ...before, lists, mic: mic === undefined ? before.mic : readMic(mic) };
  if (after.mic !== before.mic || eraseTrustLists) folder.save(after);
}

function readMic(folder: string): PhoneState['mic'] {
  const [certificate, key] = [join(folder, micFiles.certificate), join(folder, micFiles.key)];
  if (!existsSync(certificate) || !existsSync(key)) {
    throw new PhoneError(
      'phone.credentials-missing',
      `${folder} holds no ${micFiles.certificate} and ${micFiles.key}`,
      {
        nextStep: 'Have them made where the manager runs: trustline phone mic SEP… --out FOLDER',
      },
    );
  }
  return readIdentityPem(readFileSync(certificate, 'utf8'), new Redacted(readFileSync(key, 'utf8')));
}

/** Resolves when the person has had enough. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
