import type { CatalogueEntry } from './entry.ts';

/** Of what records claim, and the capture refutes. */
export const claimCatalogue: readonly CatalogueEntry[] = [
  {
    code: 'claim-above-truth',
    harm: 'critical',
    title: 'The call was claimed to be more secure than it was',
    means: 'The call manager’s signed record says a level, and the wire shows less.',
    why: 'People saw a lock and said what they would not have said. A wrong lock is worse than none.',
    rules: ['PCI DSS 4.0 §4.2.1', 'RFC 3261 §26.1'],
    fix: 'Find which leg of this call broke the claim: trustline call ID, and its ladder here.',
    how: { trustline: 'report it: its levels are meant to be the least over all legs' },
  },
  {
    code: 'records-not-verified',
    harm: 'high',
    title: 'The records do not verify',
    means: 'The chain of records that was given is broken: an entry was altered, removed or reordered.',
    why: 'What it claims proves nothing.',
    rules: ['PCI DSS 4.0 §10.3.4'],
    fix: 'trustline records verify FILE says where; export them anew from the manager.',
    how: {},
  },
];

/** Of the capture itself. */
export const captureCatalogue: readonly CatalogueEntry[] = [
  {
    code: 'capture-loses-packets',
    harm: 'information',
    title: 'The capture lacks packets',
    means: 'Sequence numbers or acknowledgements show packets that were sent and not captured.',
    why: 'What is missing may hold what would change a verdict.',
    rules: [],
    fix: 'Capture closer to the phones, with a larger buffer (dumpcap -B), or fewer things at once.',
    how: {},
  },
  {
    code: 'capture-cut',
    harm: 'information',
    title: 'The capture cuts packets',
    means: 'It was made with a snap length: the ends of packets are not there.',
    why: 'Keys and digits at the end of long messages are missed, and media cannot be judged.',
    rules: [],
    fix: 'Capture whole packets: tcpdump -s 0, dumpcap -s 0.',
    how: {},
  },
];
