import type { ManagerOptions, RunningManager } from './manager.ts';

/**
 * Starts a manager on this machine. What it is made of is loaded now: a command that only asks a running one has no use for
 * it, and would wait for it.
 */
export async function startManager(options: ManagerOptions): Promise<RunningManager> {
  const manager = await import('./manager.ts');
  return manager.startManager(options);
}
