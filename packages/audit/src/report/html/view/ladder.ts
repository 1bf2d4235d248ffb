import type { ReportCall } from '../../../model/report.ts';
import { element, type PageElement } from '../element.ts';
import { type KeyPiece, type LadderLine, ladderOf } from '../ladder-layout.ts';
import { counted, duration, grouped, protocolName } from '../wording.ts';
import { icon } from './icons.ts';
import { streamId } from './stream.ts';

/** Colours that keys have: after them they begin anew. */
const MOST_KEY_COLOURS = 6;

/** Who said what to whom, line by line, with the way of each key that lies open. Null where nothing was seen. */
export function ladderView(call: ReportCall): PageElement | null {
  const { columns, lines, lanes } = ladderOf(call);
  if (lines.length === 0) return null;
  const begin = call.messages.find(({ time }) => time !== null)?.time ?? null;
  return element(
    'section',
    { class: 'ladder', 'aria-labelledby': 'ladder-title' },
    element('h2', { id: 'ladder-title' }, 'How it went'),
    keyWords(call),
    element(
      'div',
      { class: 'wide', role: 'region', 'aria-label': 'The ladder: messages from host to host', tabindex: '0' },
      element(
        'div',
        { class: 'rungs', 'data-columns': columns.length, 'data-lanes': lanes },
        element(
          'div',
          { class: 'hosts' },
          element('span', { class: 'when' }, 'Packet'),
          element(
            'div',
            { class: 'tracks' },
            columns.map(({ address, name }, at) =>
              element(
                'div',
                { class: 'host', 'data-place': `${at + 1} / ${at + 2}` },
                name !== null && element('strong', {}, element('bdi', {}, name)),
                element('span', {}, element('bdi', {}, address)),
              ),
            ),
          ),
        ),
        element(
          'ol',
          {},
          lines.map((line) =>
            lineView(
              line,
              columns.map(({ address }) => address),
              begin,
            ),
          ),
        ),
      ),
    ),
    call.messagesNotShown > 0 &&
      element('p', { class: 'remark' }, `${counted(call.messagesNotShown, 'further message')} not shown.`),
  );
}

/** The ways of the keys in words: for those who do not see the lines, and for more keys than there are lines. */
function keyWords(call: ReportCall): PageElement | null {
  if (call.keyPath.length === 0) return null;
  return element(
    'ul',
    { class: 'key-words' },
    call.keyPath.map(({ packet, streams }, key) =>
      element(
        'li',
        { class: `key-${key % MOST_KEY_COLOURS}` },
        icon('keys-exposed'),
        `Key ${key + 1}: read in packet ${grouped(packet)}, opens `,
        streams.length === 0 && 'no stream of this capture',
        streams.map((number, index) => [
          index > 0 && ', ',
          element('button', { type: 'button', class: 'link', 'data-goto': streamId(number) }, `stream ${number}`),
        ]),
      ),
    ),
  );
}

function lineView(line: LadderLine, hosts: readonly string[], begin: string | null): PageElement {
  const packet = line.kind === 'message' ? line.message.packet : line.stream.firstPacket;
  const time = line.kind === 'message' ? line.message.time : line.stream.start;
  const [left, right] = [Math.min(line.from, line.to), Math.max(line.from, line.to)];
  const direction = line.from === line.to ? 'self' : line.from < line.to ? 'right' : 'left';
  const kind = line.kind === 'stream' ? `media ${line.stream.state}` : line.message.carriesKey ? 'carries-key' : '';
  return element(
    'li',
    { class: `rung ${kind}`.trim() },
    element('span', { class: 'when' }, element('span', { class: 'packet' }, grouped(packet)), ' ', offset(begin, time)),
    element(
      'div',
      { class: 'tracks' },
      hosts.map((_, at) =>
        element('span', { class: 'lifeline', 'aria-hidden': 'true', 'data-place': `${at + 1} / ${at + 2}` }),
      ),
      element('span', { class: 'unseen' }, `${hosts[line.from] ?? 'unknown'} to ${hosts[line.to] ?? 'unknown'}: `),
      element(
        'div',
        { class: `arrow ${direction}`, 'data-place': `${left + 1} / ${right + 2}`, 'data-span': right - left + 1 },
        line.kind === 'message' ? messageWords(line) : streamWords(line),
      ),
    ),
    line.keys.length > 0 && element('span', { class: 'lanes', 'aria-hidden': 'true' }, line.keys.map(lane)),
  );
}

function messageWords({ message }: LadderLine & { readonly kind: 'message' }): PageElement {
  return element(
    'span',
    { class: 'says' },
    message.carriesKey && icon('keys-exposed'),
    element('strong', {}, message.name),
    ' ',
    message.detail !== null && element('span', { class: 'detail' }, message.detail),
    element('span', { class: 'unseen' }, `, ${protocolName(message.protocol)}`),
    message.carriesKey &&
      element(
        'span',
        { class: 'unseen' },
        message.readableBy === 'anyone'
          ? ', carries a key that anybody reads'
          : ', carries a key for who has the given one',
      ),
    message.readableBy === 'given-key' && element('span', { class: 'tag' }, 'read with given key'),
  );
}

function streamWords({ stream }: LadderLine & { readonly kind: 'stream' }): PageElement {
  const state = { clear: 'clear', opened: 'opened', encrypted: 'encrypted', unknown: 'not known' }[stream.state];
  return element(
    'span',
    { class: 'says' },
    element('strong', {}, `Stream ${stream.number}`),
    ' ',
    element('span', { class: 'detail' }, `${stream.codec ?? 'RTP'}, ${duration(stream.durationSeconds)}, ${state}`),
  );
}

function lane(piece: KeyPiece | null): PageElement {
  if (piece === null) return element('span', { class: 'lane' });
  const parts = [
    `lane key-${piece.key % MOST_KEY_COLOURS}`,
    piece.up && 'up',
    piece.down && 'down',
    piece.at === 'message' && 'begins',
    piece.at === 'stream' && 'ends',
  ];
  return element('span', { class: parts.filter(Boolean).join(' ') });
}

/** `+0.120 s` after the first message; nothing where either time is not known. */
function offset(begin: string | null, time: string | null): PageElement | null {
  if (begin === null || time === null) return null;
  const seconds = (Date.parse(time) - Date.parse(begin)) / 1000;
  if (!Number.isFinite(seconds)) return null;
  const sign = seconds < 0 ? '−' : '+';
  return element('time', { datetime: time }, `${sign}${Math.abs(seconds).toFixed(3)} s`);
}
