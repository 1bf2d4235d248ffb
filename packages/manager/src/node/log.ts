import { type Logger, pino } from 'pino';
import type { Configuration } from '../configuration/schema.ts';

/** The process's own log, on standard error: JSON lines, or for people `HH:MM:SS level text`. */
export function createLog({ log, node }: Pick<Configuration, 'log' | 'node'>): Logger {
  const options = { level: log.level, base: { node }, timestamp: pino.stdTimeFunctions.isoTime };
  const write = (line: string) => process.stderr.write(log.json ? line : readable(line));
  return pino(options, { write });
}

function readable(line: string): string {
  const { time, level, msg, err } = JSON.parse(line) as {
    readonly time: string;
    readonly level: number;
    readonly msg: string;
    readonly err?: { readonly stack: string };
  };
  const stack = err === undefined ? '' : `\n${err.stack}`;
  return `${time.slice(11, 19)} ${pino.levels.labels[level] ?? level} ${msg}${stack}\n`;
}
