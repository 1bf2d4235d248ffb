import { eventLine, recordLine } from '@trustline/evidence';
import { wordsOf } from '../trace/watched-words.ts';
import type { ManagerContext, ManagerPart, Signalling } from './parts.ts';

/** At level `debug` the log follows what happens: each event and record, and each message of SIP and Skinny in words, without keys. */
export function createDebugLog({ journal, log }: ManagerContext, signalling: Signalling): ManagerPart {
  const undo: (() => void)[] = [];
  return {
    async start() {
      if (!log.isLevelEnabled('debug')) return;
      undo.push(
        journal.subscribe(({ content }) => {
          if (content.kind === 'event') log.debug(eventLine(content.event));
          if (content.kind === 'call') log.debug(recordLine(content.record));
        }),
        signalling.watchMessages((watched) => {
          const { direction, protocol, transport, remote, device, leg } = watched;
          const { words, media, reason } = wordsOf(watched);
          const about = [words, media, reason, leg && `call ${leg.call}`].filter((word) => word != null);
          const way = direction === 'sent' ? 'to' : 'from';
          const kind = protocol === 'sip' ? 'SIP' : 'SCCP';
          log.debug(`${kind} ${way} ${device ?? 'a stranger'} at ${remote} (${transport}): ${about.join(', ')}`);
        }),
      );
    },
    async stop() {
      for (const step of undo.splice(0)) step();
    },
  };
}
