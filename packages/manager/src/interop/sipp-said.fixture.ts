/** What the logs of SIPp's runs say was said. */
import type { SippResult } from '@trustline/testing/node';

interface Said {
  readonly sent: boolean;
  readonly text: string;
}

/** The messages of a run in order. */
export function saidIn({ messages }: Pick<SippResult, 'messages'>): readonly Said[] {
  return messages.split(/^-{20,}.*$/m).flatMap((entry) => {
    const [, way, text = ''] = /message (sent|received)[^\n]*\n\s*([\s\S]*)/.exec(entry) ?? [];
    return way === undefined ? [] : [{ sent: way === 'sent', text }];
  });
}

/** The directions in the descriptions of those received messages that begin so. */
export function directionsOf(run: Pick<SippResult, 'messages'>, start: string): readonly string[] {
  return saidIn(run)
    .filter(({ sent, text }) => !sent && text.startsWith(`${start} `) && text.includes('m=audio'))
    .map(({ text }) => /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(text)?.[1] ?? 'sendrecv');
}

/** The dialog of the first message that begins so, as a Replaces header names it at the manager (RFC 3891 §6.1). */
export function replacesOf(messages: string, start: string): string | undefined {
  const found = saidIn({ messages }).find(({ text }) => text.startsWith(`${start} `))?.text ?? '';
  const [callId, to, from] = [/^Call-ID: *(\S+)/m, /^To:.*;tag=([^;\s]+)/m, /^From:.*;tag=([^;\s]+)/m].map(
    (expression) => expression.exec(found)?.[1],
  );
  return callId && to && from && `${callId};to-tag=${to};from-tag=${from}`;
}

/**
 * Every media key that phones have made, in the order of the phones and of what each said: by whom, and once for each message
 * that told it, to whom: `2001 > 2002`. Those that none of them made come last, as `manager > 2002`.
 */
export function carriedKeys(...phones: readonly (readonly [name: string, run: SippResult])[]): readonly string[] {
  const makers = new Map(phones.flatMap(([name, run]) => keysIn(run, true).map((key) => [key, name] as const)));
  const told = phones.flatMap(([name, run]) => keysIn(run, false).map((key) => ({ name, key })));
  const own = told.filter(({ key }) => !makers.has(key)).map(({ key }) => [key, 'manager'] as const);
  return [...makers, ...new Map(own)].map(([key, maker]) => {
    const names = told.filter((one) => one.key === key).map(({ name }) => name);
    return `${maker} > ${names.length === 0 ? 'nobody' : names.join(' ')}`;
  });
}

/** Keys in the order in which they were said, with repetitions. */
function keysIn(run: SippResult, sent: boolean): readonly string[] {
  const texts = saidIn(run).filter((one) => one.sent === sent);
  return texts.flatMap(({ text }) =>
    [...text.matchAll(/^a=crypto:\d+ \S+ inline:([^|\s]+)/gm)].map(([, key = '']) => key),
  );
}
