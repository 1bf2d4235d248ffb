import { isOpen } from '../model/exposure.ts';
import type { Finding } from '../model/report.ts';
import type { CallFacts } from './call-facts.ts';
import { findingOf } from './catalogue.ts';
import { protocolNames } from './verdict.ts';

/** That a call's signalling lies open. */
export function* signallingFindings({ openLegs, isUnanswered, streams, answered }: CallFacts): Generator<Finding> {
  const [leg] = openLegs;
  if (leg === undefined) return;
  const open = leg.messages.find(({ path }) => isOpen(path.exposure));
  const names = [...new Set(openLegs.map(({ protocol }) => protocolNames[protocol]))].join(' and ');
  const transport = open?.path.transport.toUpperCase() ?? '';
  const media = isUnanswered
    ? ' Nobody answered: what is exposed is who called whom, and when.'
    : streams.length === 0 && answered !== undefined
      ? ' It was answered, and its media is not in this capture.'
      : '';
  const within = open?.path.exposure.kind === 'null-cipher' ? ' within TLS that encrypts nothing' : '';
  yield findingOf('signalling-in-clear', `${names} by ${transport}${within}.${media}`, [
    { packets: openLegs.flatMap(({ first, last }) => [first.number, last.number]), says: 'first and last message' },
  ]);
}
