import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import type { ManagerClient } from '@trustline/manager/node';
import { blankState } from '@trustline/phone';
import {
  bootFleet,
  bootTimeOf,
  type FileServer,
  type FleetPhone,
  type FleetResult,
  PassingMemory,
  readIdentityPem,
  StateFolder,
} from '@trustline/phone/node';
import { json, printable, type Terminal } from '../terminal.ts';
import { phoneExitCodes } from './exit-codes.ts';

/** What `trustline phone fleet` is asked to do. */
export interface FleetTask {
  readonly count: number;
  readonly files: FileServer;
  /** What they speak; what their configurations say without. */
  readonly protocol: 'SIP' | 'SCCP' | undefined;
  readonly atOnce: number;
  /** The last phones' names and lines count up from these. */
  readonly firstDevice: string;
  readonly firstLine: number;
  /** Adds the phones and opens an enrolment for each; undefined where that has been done before. */
  readonly prepare:
    | { readonly client: ManagerClient; readonly by: 'mic' | 'string'; readonly key: KeyKind }
    | undefined;
  /** The folder in which each phone has its memory; without one it is gone at the end. */
  readonly states: string | undefined;
  readonly json: boolean;
}

export type KeyKind = 'EC-P-256' | 'RSA-2048';

const SCHEMA = 1;
/** Requests to the manager at a time. */
const PREPARED_AT_ONCE = 8;
const FAILURES_SHOWN = 5;

/** Boots phones beside each other and says how that went; resolves to the exit code. */
export async function runFleet(task: FleetTask, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const show = (text: string) => {
    if (!task.json && terminal.isInteractive === true) terminal.out(`\r\u001b[2K${text}`);
  };
  const phones = await phonesOf(task, (done) => show(`prepared ${done} of ${task.count}`));
  // A phone takes a second to make an RSA key: they have one that was made before.
  const readyMade: KeyObject | undefined =
    task.prepare?.key === 'RSA-2048' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey : undefined;
  const fleet = await bootFleet({
    phones,
    files: task.files,
    atOnce: task.atOnce,
    makeKey: readyMade && (async () => readyMade),
    onProgress: (registered, failed) => show(`registered ${registered} of ${task.count}, failed ${failed}`),
    signal,
  });
  show('');
  terminal.out(task.json ? json(figuresOf(fleet.result, task)) : page(fleet.result, task));
  await fleet.stop();
  return fleet.result.registered === task.count ? phoneExitCodes.completed : phoneExitCodes.failed;
}

async function phonesOf(task: FleetTask, onProgress: (done: number) => void): Promise<readonly FleetPhone[]> {
  const phones: FleetPhone[] = [];
  const first = Number.parseInt(task.firstDevice.slice('SEP'.length), 16);
  let next = 0;
  const oneAfterTheOther = async () => {
    for (let at = next; at < task.count; at = next) {
      next += 1;
      const device = `SEP${(first + at).toString(16).toUpperCase().padStart(12, '0')}`;
      phones[at] = await phoneOf(task, device, String(task.firstLine + at));
      onProgress(next);
    }
  };
  await Promise.all(Array.from({ length: PREPARED_AT_ONCE }, oneAfterTheOther));
  return phones;
}

async function phoneOf({ prepare, states, protocol }: FleetTask, device: string, line: string): Promise<FleetPhone> {
  const memory = states === undefined ? new PassingMemory() : new StateFolder(join(states, device));
  if (prepare === undefined) return { device, memory };
  const { client, by, key } = prepare;
  const declared = protocol === 'SCCP' ? 'sccp' : 'sip';
  await client.addDevice({ name: device, securityMode: 'encrypted', protocol: declared, lines: [{ number: line }] });
  const { string } = await client.openEnrolment(device, { by, key });
  if (string !== null) return { device, memory, authenticationString: new Redacted(string) };
  const { certificatePem, privateKeyPem } = await client.manufacture(device);
  memory.save({ ...blankState, mic: readIdentityPem(certificatePem, new Redacted(privateKeyPem)) });
  return { device, memory };
}

function figuresOf(result: FleetResult, { count, atOnce, firstDevice }: FleetTask) {
  const seconds = result.milliseconds / 1_000;
  const milliseconds = (share: number) => Math.round(bootTimeOf(result, share));
  return {
    schema: SCHEMA,
    node: firstDevice,
    phones: count,
    atOnce,
    registered: result.registered,
    failed: result.failed.map(({ device, error: { code, message } }) => ({ device, code, reason: message })),
    seconds: Math.round(seconds * 100) / 100,
    phonesPerSecond: Math.round((10 * result.registered) / seconds) / 10,
    bootMilliseconds: { p50: milliseconds(0.5), p99: milliseconds(0.99), longest: milliseconds(1) },
    octetsPerPhone: Math.round(result.octetsPerPhone),
  };
}

function page(result: FleetResult, task: FleetTask): string {
  const { seconds, phonesPerSecond, bootMilliseconds, octetsPerPhone, failed } = figuresOf(result, task);
  const { p50, p99, longest } = bootMilliseconds;
  const lines = [
    `${result.registered} of ${task.count} phones registered in ${seconds.toFixed(1)} s: ${phonesPerSecond} phones/s, ${task.atOnce} at a time.`,
    `One phone, from power-on: p50 ${p50} ms, p99 ${p99} ms, longest ${longest} ms. Memory of one: ${Math.round(octetsPerPhone / 1_000)} kB.`,
    ...failed.slice(0, FAILURES_SHOWN).map(({ device, reason }) => `${device}: ${printable(reason)}`),
  ];
  const next = result.failed[0]?.error.nextStep;
  if (failed.length > FAILURES_SHOWN) lines.push(`… and ${failed.length - FAILURES_SHOWN} more.`);
  if (next !== undefined) lines.push(`  next: ${next}`);
  return lines.map((line) => `${line}\n`).join('');
}
