import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeUdpPort, Lab, type PasswordDevice, runSipp, type SippOptions } from '@trustline/testing/node';
import { expect } from 'vitest';
import { register } from './sipp-scenario.fixture.ts';

/** A phone that SIPp plays when it is called. */
interface CalledPhone {
  readonly device: PasswordDevice;
  /** Where it has registered and listens. */
  readonly port: number;
  readonly localAddress: string;
}

/** What a run of the caller may say besides its scenario. */
export interface CallerOptions extends Partial<SippOptions> {
  /** The number that it calls; that of the first called phone by default. */
  readonly number?: string;
}

/** A manager with phones that SIPp plays: 1001, which calls, and others that have registered and wait to be called. */
export class SippLab {
  readonly lab: Lab;
  readonly caller: PasswordDevice;
  readonly #folder: string;
  readonly #called = new Map<string, CalledPhone>();
  readonly #folders = new Map<number, string>();
  #runs = 0;

  private constructor(folder: string, lab: Lab, caller: PasswordDevice) {
    this.#folder = folder;
    this.lab = lab;
    this.caller = caller;
  }

  /**
   * @param folder for what the runs leave behind
   * @param configuration further lines of `trustline.yaml`
   * @param lines of the phones that are called
   * @param host where the manager listens
   * @param listeners further ones, as lines of `trustline.yaml`
   */
  static async start(
    folder: string,
    configuration: readonly string[] = [],
    lines: readonly string[] = ['1002'],
    host = '127.0.0.1',
    listeners: readonly string[] = [],
  ): Promise<SippLab> {
    const lab = await Lab.start(join(folder, 'manager'), configuration, host, listeners);
    const made = new SippLab(folder, lab, await lab.passwordDevice('1001'));
    for (const line of lines) await made.add(line);
    return made;
  }

  /** Adds a phone that is called. */
  async add(line: string, localAddress = '127.0.0.1'): Promise<void> {
    const device = await this.lab.passwordDevice(line);
    const port = await freeUdpPort();
    this.#called.set(line, { device, port, localAddress });
    expect(await this.run(device, register, { localPort: port, localAddress })).toMatchObject({ exitCode: 0 });
  }

  stop(): Promise<void> {
    return this.lab.stop();
  }

  /** All messages that a run has seen so far; the one that was started last by default. */
  messagesSoFar(run = this.#runs): Promise<string> {
    const folder = this.#folders.get(run);
    return folder === undefined ? Promise.resolve('') : readFile(join(folder, 'messages.log'), 'utf8').catch(() => '');
  }

  /** The number of the run that was started last. */
  get lastRun(): number {
    return this.#runs;
  }

  /** A phone that is called. */
  phone(line = '1002'): CalledPhone {
    const phone = this.#called.get(line);
    if (phone === undefined) throw new Error(`no phone of line ${line} has registered`);
    return phone;
  }

  /** Runs a scenario as a device; one with a REGISTER is for its own line. */
  run(device: PasswordDevice, text: string, { number = '1002', ...options }: CallerOptions = {}) {
    const target = `${options.localAddress === '::1' ? '[::1]' : '127.0.0.1'}:${this.lab.ports.md5[options.transport ?? 'udp']}`;
    const isRegister = text.includes('REGISTER');
    const dialled = isRegister ? device.line : number;
    return runSipp({
      directory: this.#nextFolder(device.line),
      scenario: text,
      target,
      timeout: 15,
      ...options,
      credentials: {
        user: device.name,
        password: device.password,
        uri: isRegister ? target : `${dialled}@${target}`,
        ...options.credentials,
      },
      variables: { line: device.line, number: dialled, ...options.variables },
    });
  }

  /** Calls as 1001. */
  call(text: string, options: CallerOptions = {}) {
    return this.run(this.caller, text, options);
  }

  /** Starts a phone that waits for calls. */
  wait(text: string, options: Partial<SippOptions> & { readonly line?: string } = {}) {
    const { line = '1002', ...rest } = options;
    const { port, localAddress } = this.phone(line);
    return runSipp({
      directory: this.#nextFolder(`called-${line}`),
      scenario: text,
      localPort: port,
      localAddress,
      timeout: 20,
      variables: { line, number: this.caller.line },
      ...rest,
    });
  }

  /** Caller and called follow their scenarios to the end. */
  async both(callerText: string, calledText: string, options: CallerOptions = {}) {
    const { calls, timeout, number } = options;
    const waiting = this.wait(calledText, {
      ...(calls && { calls }),
      ...(timeout && { timeout }),
      ...(number && { line: number }),
    });
    const caller = await this.call(callerText, options);
    const called = await waiting;
    expect({ caller: caller.exitCode, said: caller.errors }).toEqual({ caller: 0, said: caller.errors });
    expect({ called: called.exitCode, said: called.errors }).toEqual({ called: 0, said: called.errors });
    return { caller, called };
  }

  #nextFolder(who: string): string {
    this.#runs += 1;
    const folder = join(this.#folder, `${this.#runs}-${who}`);
    this.#folders.set(this.#runs, folder);
    return folder;
  }
}
