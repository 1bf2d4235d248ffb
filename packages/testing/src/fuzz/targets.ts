import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Rooms that decode what strangers send: each must have a target as soon as it has sources. */
const decodingRooms = ['capture', 'evidence', 'gateway', 'h323', 'keying', 'pki', 'rtp', 'sccp', 'sip', 'srtp'];

/** A file of a room's `fuzz` folder. */
export interface Target {
  readonly room: string;
  readonly name: string;
  readonly path: string;
}

/** The rooms that are fuzzed when none is named. */
export function fuzzedRooms(root: string): readonly string[] {
  return namesIn(join(root, 'packages')).filter((room) => {
    const hasSources = existsSync(join(root, 'packages', room, 'src', 'index.ts'));
    return targetsOf(root, room).length > 0 || (decodingRooms.includes(room) && hasSources);
  });
}

export function targetsOf(root: string, room: string): readonly Target[] {
  const folder = join(root, 'packages', room, 'fuzz');
  return namesIn(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ room, name: file.slice(0, -'.ts'.length), path: join(folder, file) }));
}

/** The target whose kept input a file is, by the file's name. */
export function targetOfKept(root: string, file: string): Target | undefined {
  return namesIn(join(root, 'packages'))
    .flatMap((room) => targetsOf(root, room))
    .filter((target) => new RegExp(`^${keptName(target)}-\\d+-\\d+\\.bin$`).test(file))
    .at(0);
}

/** How the name of a kept input begins. */
export function keptName({ room, name }: Target): string {
  return `${room}-${name}`;
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
