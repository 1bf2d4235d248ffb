import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { problemLine } from '@trustline/base';
import { environmentOverrides, flagOverrides } from '../configuration/overrides.ts';
import { type ConfigurationProblem, readConfiguration } from '../configuration/read.ts';
import type { Configuration } from '../configuration/schema.ts';
import { ManagerError } from '../error.ts';

export interface ConfigurationSources {
  /** The document; without it the variable TRUSTLINE_CONFIG, then `trustline.yaml` here if it is there. */
  readonly file?: string | undefined;
  /** `key=value`, each overriding the document and the environment. */
  readonly set?: readonly string[] | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** The document's path, or undefined when the defaults alone hold. */
  readonly file: string | undefined;
  /** Absolute. */
  readonly dataFolder: string;
  /** Absolute. */
  readonly apiSocket: string;
  /** Absolute; undefined when none is configured. */
  readonly passphraseFile: string | undefined;
  /** The sound that held parties hear; undefined where it is a tone, or nothing. */
  readonly holdFile: string | undefined;
  /** The same of what a caller hears whose call leaves protection. */
  readonly announcementFile: string | undefined;
}

/** The largest `sun_path` that every supported system takes, without its final zero. */
const longestSocketPath = 103;

/**
 * Finds, reads and validates the configuration with what overrides it.
 *
 * @throws {ManagerError} manager.configuration-invalid; its message lists every problem, one a line
 * @throws {ManagerError} manager.configuration-unreadable
 */
export function loadConfiguration(sources: ConfigurationSources = {}): LoadedConfiguration {
  const environment = sources.environment ?? process.env;
  const named = sources.file ?? environment['TRUSTLINE_CONFIG'];
  const { file, text } = readDocument(named);
  const variables = environmentOverrides(environment);
  const flags = flagOverrides(sources.set ?? []);
  const overrides = [...variables.overrides, ...flags.overrides];
  const reading = readConfiguration(text, { file: file ?? 'trustline.yaml', overrides });
  const problems = [...variables.problems, ...flags.problems, ...(reading.ok ? [] : reading.problems)];
  if (!reading.ok || problems.length > 0) throw invalid(problems);

  const { configuration } = reading;
  // Paths of the document are relative to it; those of flags and variables to where the command was given.
  const base = file === undefined ? process.cwd() : dirname(resolve(file));
  const baseOf = (path: string) => (overrides.some((one) => one.path.join('.') === path) ? process.cwd() : base);
  const dataFolder = absolute(baseOf('dataFolder'), configuration.dataFolder);
  const apiSocket = absolute(dataFolder, configuration.api.socket);
  if (Buffer.byteLength(apiSocket) > longestSocketPath) {
    throw new ManagerError(
      'manager.socket-path-too-long',
      `The path of the local socket is longer than the ${longestSocketPath} octets a system takes: ${apiSocket}`,
      { nextStep: 'Set api.socket to a short absolute path, /run/trustline/api.sock for instance.' },
    );
  }
  const { passphraseFile } = configuration.identity;
  const { holdFile, announcementFile } = configuration.media;
  return {
    configuration,
    file,
    dataFolder,
    apiSocket,
    holdFile: holdFile === undefined ? undefined : absolute(baseOf('media.holdFile'), holdFile),
    announcementFile:
      announcementFile === undefined ? undefined : absolute(baseOf('media.announcementFile'), announcementFile),
    passphraseFile:
      passphraseFile === undefined ? undefined : absolute(baseOf('identity.passphraseFile'), passphraseFile),
  };
}

function readDocument(named: string | undefined): { readonly file: string | undefined; readonly text: string } {
  const file = named ?? 'trustline.yaml';
  try {
    return { file, text: readFileSync(file, 'utf8') };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (named === undefined && code === 'ENOENT') return { file: undefined, text: '' };
    throw new ManagerError('manager.configuration-unreadable', `The configuration ${file} cannot be read: ${message}`, {
      nextStep: 'Name another with --config FILE, or leave it out to use the defaults.',
      cause,
    });
  }
}

function invalid(problems: readonly ConfigurationProblem[]): ManagerError {
  return new ManagerError(
    'manager.configuration-invalid',
    problems.map((problem) => problemLine(problem.source, problem)).join('\n'),
    {
      nextStep: 'Every key is explained in docs/configuration.md.',
    },
  );
}

function absolute(base: string, path: string): string {
  return isAbsolute(path) ? path : resolve(base, path);
}
