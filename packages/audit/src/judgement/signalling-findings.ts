import { isOpen } from '../model/exposure.ts';
import type { Finding } from '../model/report.ts';
import type { CallFacts } from './call-facts.ts';
import { findingOf } from './catalogue.ts';
import { protocols, remedyWords } from './remedy-words.ts';
import { protocolNames } from './verdict.ts';

/** What each protocol's own rules, and those of cards, ask of its signalling. */
const rulesOfSignalling = {
  sip: ['RFC 3261 §26.1', 'PCI DSS 4.0 §4.2.1'],
  skinny: ['NIST SP 800-58 §5', 'PCI DSS 4.0 §4.2.1'],
  h323: ['ITU-T H.235.0', 'PCI DSS 4.0 §4.2.1'],
  mgcp: ['RFC 3435 §5', 'PCI DSS 4.0 §4.2.1'],
} as const;

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
  const evidence = [
    { packets: openLegs.flatMap(({ first, last }) => [first.number, last.number]), says: 'first and last message' },
  ];
  const spoken = protocols.filter((protocol) => openLegs.some((one) => one.protocol === protocol));
  yield findingOf('signalling-in-clear', `${names} by ${transport}${within}.${media}`, evidence, {
    fix: remedyWords({ media: false, signalling: spoken }),
    rules: [...new Set(spoken.flatMap((protocol) => rulesOfSignalling[protocol]))],
  });
}
