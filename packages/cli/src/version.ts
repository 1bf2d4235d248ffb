import manifest from '../package.json' with { type: 'json' };

/** The version of the command, as its package has it: to ask the manager for it would load all of the manager. */
export const version: string = manifest.version;
