import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const repository = join(import.meta.dirname, '../../../..');
const consumer = join(import.meta.dirname, '../../packing/consumer');

/** What `npm run pack:srtp -- --json` says. */
interface Packed {
  readonly tarball: string;
  readonly packed: number;
  readonly files: number;
  readonly unpacked: number;
  readonly browser: { readonly modules: number; readonly octets: number };
  readonly node: { readonly modules: number; readonly octets: number };
}

interface PackedManifest {
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly [field: string]: unknown;
}

/** The package as people get it: packed, and installed from the tarball in a folder that holds nothing else. */
export class InstalledPackage {
  readonly folder: string;
  readonly packed: Packed;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'trustline-package-'));
    const pack = [join(repository, 'scripts/pack-srtp.mjs'), '--out', this.folder, '--json'];
    this.packed = JSON.parse(run(process.execPath, pack, repository)) as Packed;
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const options = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--cache', join(this.folder, 'cache')];
    run('npm', ['install', '--prefix', this.folder, ...options, this.packed.tarball], this.folder);
    cpSync(consumer, this.folder, { recursive: true });
  }

  get location(): string {
    return join(this.folder, 'node_modules/@trustline/srtp');
  }

  manifest(): PackedManifest {
    return JSON.parse(readFileSync(join(this.location, 'package.json'), 'utf8')) as PackedManifest;
  }

  /** Paths of all files within the package, and their octets. */
  files(): Map<string, number> {
    const entries = readdirSync(this.location, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
    return new Map(paths.map((path) => [relative(this.location, path), statSync(path).size]));
  }

  /** The names of the folders beside the package: what else was installed. */
  installed(): string[] {
    const modules = join(this.folder, 'node_modules');
    const scopes = readdirSync(modules).filter((name) => !name.startsWith('.'));
    return scopes.flatMap((scope) => readdirSync(join(modules, scope)).map((name) => `${scope}/${name}`));
  }

  /** Compiles the consumer against the packed declarations alone, without those of Node.js or of browsers. */
  compileConsumer(module: string, moduleResolution: string): void {
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'es2022', lib: ['es2022'], types: [] },
      ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
      rewriteRelativeImportExtensions: true,
    };
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    run(join(repository, 'node_modules/.bin/tsc'), ['-p', this.folder], this.folder);
    if (!existsSync(join(this.folder, 'in-browser.js'))) throw new Error('the consumer was not compiled');
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs it with what it says kept for the error; without what `npm test` tells its scripts of this repository. */
export function run(program: string, args: readonly string[], cwd: string): string {
  const mine = Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_local_prefix|package_|lifecycle_)/.test(name),
  );
  try {
    return execFileSync(program, args, { cwd, env: Object.fromEntries(mine), encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}
