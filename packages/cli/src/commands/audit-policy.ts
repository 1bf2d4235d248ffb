import { readFileSync } from 'node:fs';
import { type AuditPolicy, readPolicy } from '@trustline/audit';
import { TrustlineError } from '@trustline/base';
import { parseDocument } from 'yaml';

/** A policy is a page; more than that is something else. */
const LONGEST_POLICY = 1 << 20;

/** @throws {TrustlineError} cli.policy with everything that is wrong in it */
export function readPolicyFile(file: string): AuditPolicy {
  const text = readFileSync(file, 'utf8').slice(0, LONGEST_POLICY);
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw wrong(file, [error.message.split('\n')[0] ?? 'It is no YAML.']);
  const reading = readPolicy(document.toJS({ maxAliasCount: 20 }));
  if (!reading.ok) throw wrong(file, reading.problems);
  return reading.policy;
}

function wrong(file: string, problems: readonly string[]): TrustlineError {
  return new TrustlineError('cli.policy', `${file} is no policy:\n  ${problems.join('\n  ')}`, {
    nextStep: 'docs/audit.md shows one.',
  });
}
