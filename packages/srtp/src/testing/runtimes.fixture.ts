import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './package.fixture.ts';

const folder = join(import.meta.dirname, '../../packing/runtimes');

/** A Node.js of this major version, or the reason why there is none. */
export interface Runtime {
  readonly program: string;
  readonly missing: string | undefined;
}

/**
 * Those that packing/runtimes/package.json pins, installed beside it once; they are no dependencies of the room. Without
 * a registry, or on another platform, the reason is said.
 */
export function olderRuntime(major: number): Runtime {
  const name = `node-${major}-${process.platform}-${process.arch}`;
  const program = join(folder, 'node_modules', name, 'bin/node');
  try {
    const version = pinned(name);
    if (versionOf(program) !== version) install();
    const found = versionOf(program);
    return {
      program,
      missing: found === version ? undefined : `npm did not bring Node.js ${version} (${found} is there)`,
    };
  } catch (error) {
    return { program, missing: `Node.js ${major} could not be had from npm: ${error}` };
  }
}

function pinned(name: string): string {
  const { optionalDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const version = optionalDependencies[name]?.split('@').at(-1);
  if (version === undefined) throw new Error(`packing/runtimes/package.json has none for ${process.platform}`);
  return version;
}

function install(): void {
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--silent'];
  run('npm', ['install', '--prefix', folder, ...options], folder);
}

function versionOf(program: string): string {
  return existsSync(program) ? run(program, ['--version'], folder).trim().slice(1) : 'none';
}
