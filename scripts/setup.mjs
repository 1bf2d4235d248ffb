// Brings what the repository needs: its packages, and its own Node.js 24 (a development dependency), whatever
// the machine has. Plain JavaScript that Node.js 20 runs. Every command of the repository starts here.
import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, constants as osConstants, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const node24 = join(root, 'node_modules', 'node', 'bin', 'node');

const modules = join(root, 'node_modules');
const lockFile = join(root, 'package-lock.json');
/** Holds the id of the process that installs; beside node_modules, which npm empties. */
const installing = join(root, '.installing');
const oldestNode = [20, 11];
const wantedMajor = '24';

/** A failure that a person can act on: it is printed as it is, without a stack. */
export class SetupFailure extends Error {}

/** Installs what is missing, saying so; returns quickly and silently when all is there. */
export async function ensureInstalled() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    throw new SetupFailure(
      `Node.js ${process.versions.node} is too old to start with. Install Node.js ${oldestNode.join('.')} or later.`,
    );
  }
  if (!isInstalled()) await alone(install);
  await ensureNode24();
}

/**
 * What a call manager's Node.js is started with: room for short-lived objects (in MB). A call leaves some for as long as its
 * transactions last; with the room that there is by default they are copied, and taken for long-lived, too often.
 */
export const managerOptions = JSON.parse(readFileSync(join(root, 'packages/manager/node-options.json'), 'utf8'));
/** Less room for what is soon forgotten: of what an auditor reads hardly anything is kept. */
export const auditOptions = JSON.parse(readFileSync(join(root, 'packages/audit/node-options.json'), 'utf8'));

/** Runs a program of the repository under its own Node.js, forwarding signals; resolves to its exit code. */
export function runNode24(args, options = {}) {
  return run(node24, args, { ...options, env: environment(options.env) });
}

/** The environment in which the repository's programs find its Node.js first, and what that has compiled before. */
export function environment(extra = {}) {
  const path = [join(modules, 'node', 'bin'), join(modules, '.bin'), process.env.PATH].join(':');
  return { ...compileCache(), ...process.env, PATH: path, ...extra };
}

/**
 * Lets Node.js keep what it makes of our sources, which is more than half of what a command takes to begin. It is kept within
 * the clone: what others may write must not be run. Nothing is kept where nothing can be written, for Node.js that is told
 * of a folder that cannot be made tries for ever.
 */
function compileCache() {
  const folder = join(modules, '.cache', 'trustline-compiled');
  try {
    for (const made of [dirname(folder), folder]) if (!existsSync(made)) mkdirSync(made, { mode: 0o755 });
    accessSync(folder, constants.W_OK);
  } catch {
    return {};
  }
  return { NODE_COMPILE_CACHE: folder };
}

/** Runs a program with our terminal, forwarding the signals that end it; resolves to its exit code. */
export function run(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    // The terminal sends Ctrl-C to the child itself as well; a program that is asked twice to end must bear it,
    // so only what the child cannot have got is passed on.
    const forward = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    child.on('error', fail);
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      done(code ?? 128 + (osConstants.signals[signal] ?? 0));
    });
  });
}

/** Ends a script: prints what a person can act on, and sets the exit code. */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    process.stderr.write(`trustline: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** Whether every package of the lock file is there in its version, by what npm wrote when it had installed all. */
function isInstalled() {
  if (!existsSync(lockFile)) throw new SetupFailure(`${lockFile} is missing: the clone is not complete.`);
  const wanted = Object.entries(packagesOf(lockFile)).filter(([path]) => path.startsWith('node_modules/'));
  const installed = packagesOf(join(modules, '.package-lock.json'));
  return wanted.every(([path, { version, link, optional }]) => {
    if (link) return existsSync(join(root, path, 'package.json'));
    if (optional && installed[path] === undefined) return true; // for another platform
    return installed[path]?.version === version && existsSync(join(root, path, 'package.json'));
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return {};
  }
}

/** Runs `work` while no other process of this clone installs; not at all when another has done it meanwhile. */
async function alone(work) {
  for (let told = false; ; told = true) {
    try {
      writeFileSync(installing, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw new SetupFailure(`nothing can be installed into ${root}: ${error.message}`);
    }
    const holder = installer();
    if (holder === undefined) rmSync(installing, { force: true });
    else {
      if (!told) {
        const hint = `if it does not, delete ${installing}`;
        process.stderr.write(`trustline: process ${holder} is installing; waiting for it (${hint})\n`);
      }
      await delay(500);
    }
  }
  try {
    if (!isInstalled()) await work();
  } finally {
    rmSync(installing, { force: true });
  }
}

/** The process that installs; undefined when it was killed and left its mark. */
function installer() {
  try {
    const holder = Number(readFileSync(installing, 'utf8'));
    process.kill(holder, 0);
    return holder;
  } catch (error) {
    return error.code === 'EPERM' ? 'of another user' : undefined;
  }
}

async function install() {
  // The optional ones are for other platforms, all but a few.
  const wanted = Object.entries(packagesOf(lockFile))
    .filter(([path, { optional, link }]) => path.startsWith('node_modules/') && !optional && !link)
    .map(([path]) => join(root, path, 'package.json'));
  const say = (sentence) => process.stderr.write(`trustline: ${sentence}\n`);
  say(`installing ${wanted.length} packages into node_modules (npm ci); this happens once and takes about a minute`);
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  // npm is silent without a terminal, and spins without saying how far it is with one.
  const progress = setInterval(() => {
    const there = wanted.filter((path) => existsSync(path)).length;
    const last = there === wanted.length ? `, fetching Node.js ${wantedMajor}` : '';
    say(`${there} of ${wanted.length} packages are there${last} (${seconds()} s)`);
  }, 5_000);
  let code;
  try {
    // npm warns of every package that names a newer Node.js, though only that newer one will run it: errors alone.
    // `--include=dev`: the runtime is a development dependency, and NODE_ENV=production would leave it out.
    code = await npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], root);
  } finally {
    clearInterval(progress);
  }
  if (code !== 0) {
    throw new SetupFailure(
      `npm ci failed (exit code ${code}; the reason is above). Check the network and the registry (npm ping), then try again.`,
    );
  }
  say(`installed in ${seconds()} s`);
}

/** npm, as it started us or as PATH has it. */
export async function npm(args, cwd) {
  const script = process.env.npm_execpath;
  // What installing says goes to standard error: a command's own output may be on its way into a file.
  const stdio = ['inherit', 2, 2];
  return withNpmEnvironment((env) =>
    script !== undefined && /npm-cli\.(c|m)?js$/.test(script)
      ? run(process.execPath, [script, ...args], { cwd, env, stdio })
      : run('npm', args, { cwd, env, stdio }),
  );
}

/** An environment for a further npm: without what `npm start` tells its script, and with a cache that can be written. */
async function withNpmEnvironment(work) {
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  for (const name of Object.keys(env)) {
    if (/^npm_(config_local_prefix|package_|lifecycle_)/.test(name)) delete env[name];
  }
  const usual = env.npm_config_cache ?? join(homedir(), '.npm');
  if (writable(usual)) return work(env);
  const scratch = mkdtempSync(join(tmpdir(), 'trustline-npm-'));
  try {
    return await work({ ...env, npm_config_cache: scratch });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function writable(directory) {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function node24Version() {
  const { stdout, error } = spawnSync(node24, ['--version'], { encoding: 'utf8' });
  return error === undefined ? stdout.trim() : undefined;
}

async function ensureNode24() {
  if (node24Version()?.startsWith(`v${wantedMajor}.`)) return;
  const package_ = join(modules, 'node');
  const installer = join(package_, 'installArchSpecificPackage.js');
  if (existsSync(installer)) {
    process.stderr.write(
      `trustline: npm did not run the install script of the package "node"; fetching Node.js ${wantedMajor} now\n`,
    );
    await withNpmEnvironment(({ npm_config_ignore_scripts: _, ...env }) =>
      run(process.execPath, [installer], { cwd: package_, env }),
    );
  }
  const version = node24Version();
  if (version?.startsWith(`v${wantedMajor}.`)) return;
  throw new SetupFailure(
    version === undefined
      ? `the repository's own Node.js is missing (${node24}). Run: npm rebuild node --ignore-scripts=false`
      : `the repository's own Node.js says ${version} where v${wantedMajor} is needed. Run: npm ci`,
  );
}
