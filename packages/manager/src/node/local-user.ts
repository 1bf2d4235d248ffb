import { userInfo } from 'node:os';

/** The user of this process, for what is done on this machine: `root (uid 0)`. */
export function localUser(): string {
  const uid = process.getuid?.();
  try {
    const { username } = userInfo();
    return uid === undefined ? username : `${username} (uid ${uid})`;
  } catch {
    return `uid ${uid}`; // a user without an entry in the system's list
  }
}
