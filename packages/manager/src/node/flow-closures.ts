import type { FlowCloseReason } from '@trustline/sip/node';

/** Why a connection was cut off; ends that are nobody's fault are no events. */
export const closeSentences: Readonly<Partial<Record<FlowCloseReason, string>>> = {
  'half-message': 'the far end began a message and did not finish it (limits.halfMessageSeconds)',
  'slow-reader': 'the far end did not read what it was sent',
};
