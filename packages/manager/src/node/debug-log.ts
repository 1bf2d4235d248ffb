import { eventLine, recordLine } from '@trustline/evidence';
import { endsOf } from '../trace/message-trace.ts';
import { mediaWords, messageWords } from '../trace/message-words.ts';
import type { ManagerContext, ManagerPart, Signalling } from './parts.ts';

/** At level `debug` the log follows what happens: each event and record, and each SIP message in words, without keys. */
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
        signalling.watchMessages(({ direction, flow, message, device, leg }) => {
          const media = mediaWords(message);
          const about = [messageWords(message), media, leg && `call ${leg.call}`].filter((word) => word !== undefined);
          const way = direction === 'sent' ? 'to' : 'from';
          log.debug(
            `SIP ${way} ${device ?? 'a stranger'} at ${endsOf(flow).remote} (${flow.transport}): ${about.join(', ')}`,
          );
        }),
      );
    },
    async stop() {
      for (const step of undo.splice(0)) step();
    },
  };
}
