import { parseDecimal } from '../message/grammar.ts';

/** The event package about messages that wait (RFC 3842). */
export const MESSAGE_SUMMARY_EVENT = 'message-summary';
export const MESSAGE_SUMMARY_TYPE = 'application/simple-message-summary';

/** What messages are of (RFC 3458 §6.2, as RFC 3842 §5.2 names them). */
export const messageClasses = [
  'voice-message',
  'fax-message',
  'pager-message',
  'multimedia-message',
  'text-message',
  'none',
] as const;
export type MessageClass = (typeof messageClasses)[number];

/** How many messages of one class; those that are urgent are among them. */
export interface MessageCounts {
  readonly new: number;
  readonly old: number;
  readonly urgent?: { readonly new: number; readonly old: number };
}

export interface MessageSummary {
  readonly waiting: boolean;
  /** Where they are, a URI. */
  readonly account?: string;
  readonly counts: Readonly<Partial<Record<MessageClass, MessageCounts>>>;
}

const MOST_MESSAGES = 2 ** 32 - 1;

export function formatMessageSummary({ waiting, account, counts }: MessageSummary): Uint8Array {
  const lines = [
    `Messages-Waiting: ${waiting ? 'yes' : 'no'}`,
    ...(account === undefined ? [] : [`Message-Account: ${account}`]),
    ...messageClasses.flatMap((name) => {
      const count = counts[name];
      if (count === undefined) return [];
      const urgent = count.urgent === undefined ? '' : ` (${count.urgent.new}/${count.urgent.old})`;
      return [`${capitalised(name)}: ${count.new}/${count.old}${urgent}`];
    }),
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n`);
}

/** Undefined without a status line (RFC 3842 §5.2). Lines that are none of these, and messages described, are passed over. */
export function parseMessageSummary(body: Uint8Array): MessageSummary | undefined {
  let waiting: boolean | undefined;
  let account: string | undefined;
  const counts: Partial<Record<MessageClass, MessageCounts>> = {};
  for (const line of new TextDecoder().decode(body.subarray(0, 65_536)).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const messageClass = messageClasses.find((one) => one === name);
    if (name === 'messages-waiting' && /^(yes|no)$/i.test(value)) waiting ??= value.toLowerCase() === 'yes';
    else if (name === 'message-account' && value !== '') account ??= value;
    else if (messageClass !== undefined) {
      const read = readCounts(value);
      if (read !== undefined) counts[messageClass] ??= read;
    }
  }
  return waiting === undefined ? undefined : { waiting, ...(account === undefined ? {} : { account }), counts };
}

function readCounts(value: string): MessageCounts | undefined {
  const match = /^(\d+)\s*\/\s*(\d+)(?:\s*\(\s*(\d+)\s*\/\s*(\d+)\s*\))?$/.exec(value);
  if (match === null) return undefined;
  const [fresh, old, urgentNew, urgentOld] = match.slice(1).map((text) => parseDecimal(text ?? '', MOST_MESSAGES));
  if (fresh === undefined || old === undefined) return undefined;
  if (urgentNew === undefined || urgentOld === undefined) return { new: fresh, old };
  return { new: fresh, old, urgent: { new: urgentNew, old: urgentOld } };
}

/** `voice-message` as the wire has it: `Voice-Message`. */
function capitalised(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
