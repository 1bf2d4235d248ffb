import { hash } from 'node:crypto';

/** A short name for a long text, for what is only ever compared. */
export function shortName(text: string): string {
  return hash('sha1', text, 'base64');
}
