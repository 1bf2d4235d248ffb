import { expect, test } from 'vitest';
import { clear } from '../model/exposure.ts';
import { Observations } from '../model/observations.ts';
import { client, server } from './conversation.fixture.ts';
import { withoutCopies } from './copies.ts';

const place = { number: 1, microseconds: 0 };
const octets = (text: string) => new TextEncoder().encode(text);

/** What reaches readers of connections between the same two ends. */
function readersOf(observations = new Observations()) {
  const heard: string[] = [];
  const open = withoutCopies(() => ({
    data: (_, data) => void heard.push(new TextDecoder().decode(data)),
    gap: () => void heard.push('gap'),
    ended: () => void heard.push('ended'),
  }));
  return { heard, open: () => open({ observations, exposure: clear, client, server }) };
}

test('a connection that two interfaces captured is read once', () => {
  const { heard, open } = readersOf();
  const [one, copy] = [open(), open()];
  for (const text of ['REGISTER', 'second'])
    for (const reader of [one, copy]) reader.data('client', octets(text), place);
  for (const reader of [one, copy]) reader.gap('client', 3, place);
  for (const reader of [one, copy]) reader.ended('client', place);
  expect(heard).toEqual(['REGISTER', 'second', 'gap', 'ended']);
});

test('the next between the same ports is another, though it begins alike', () => {
  const { heard, open } = readersOf();
  const one = open();
  one.data('client', octets('REGISTER'), place);
  one.ended('client', place);
  open().data('client', octets('REGISTER'), place);
  expect(heard).toEqual(['REGISTER', 'ended', 'REGISTER']);
});

test('one that begins otherwise at the same time is of another network with the same addresses', () => {
  const { heard, open } = readersOf();
  open().data('client', octets('REGISTER'), place);
  open().data('client', octets('REGISTER of another'), place);
  open().data('server', octets('REGISTER'), place);
  expect(heard).toHaveLength(3);
});
