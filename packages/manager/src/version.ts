import manifest from '../package.json' with { type: 'json' };

/** The version of the manager, as its package has it. */
export const version: string = manifest.version;
