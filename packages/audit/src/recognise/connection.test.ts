import { describe, expect, test } from 'vitest';
import { KeyHunt } from '../keys/key-hunt.ts';
import { StrayKeys } from '../keys/stray-keys.ts';
import { clear } from '../model/exposure.ts';
import type { Recognition } from '../signalling/reader.ts';
import type { ConnectionSide } from '../traffic/connections.ts';
import { type ConnectionCandidate, ConnectionRecognition, MOST_HELD_OCTETS } from './connection.ts';

const place = { number: 1, microseconds: 0 };
const ends = {
  client: { address: '10.0.0.1', port: 1 },
  server: { address: '10.0.0.2', port: 2 },
  joinedLate: false,
};
const octets = (text: string) => new TextEncoder().encode(text);

/** Says yes to what begins with the word, more while that may be; keeps what it is given. */
function candidate(word: string, asked: { count: number } = { count: 0 }) {
  const given: string[] = [];
  const made: ConnectionCandidate = {
    name: word,
    recogniseConnection: (begun): Recognition => {
      asked.count++;
      const text = new TextDecoder().decode(begun.subarray(0, word.length));
      if (text === word) return 'yes';
      return word.startsWith(text) ? 'more' : 'no';
    },
    openConnection: () => ({
      data: (from, data) => void given.push(`${from}: ${new TextDecoder().decode(data)}`),
      gap: (from, count) => void given.push(`${from} lacks ${count}`),
      ended: (from) => void given.push(`${from} ended`),
    }),
  };
  return { made, given };
}

const hunt = new KeyHunt(new StrayKeys(), ends.client, ends.server, clear);
const hunts = { client: hunt, server: hunt };

function recognition(...candidates: readonly ConnectionCandidate[]) {
  const names: string[] = [];
  const made = new ConnectionRecognition(candidates, { ends, exposure: clear, depth: 0, hunts }, (name) =>
    names.push(name),
  );
  const say = (from: ConnectionSide, text: string) => made.data(from, octets(text), place);
  return { made, names, say };
}

describe('what a connection carries is found by what it says', () => {
  test('what came before is given on in order, of both sides', () => {
    const { made: one, given } = candidate('HELLO');
    const { names, say } = recognition(candidate('OTHER').made, one);
    say('server', 'HE');
    say('client', 'HEL');
    say('client', 'LO there');
    say('server', 'more');
    expect(names).toEqual(['HELLO']);
    expect(given).toEqual(['server: HE', 'client: HEL', 'client: LO there', 'server: more']);
  });

  test('a candidate that wants more is waited for before those after it', () => {
    const [long, short] = [candidate('GET /chat'), candidate('GET')];
    const { names, say } = recognition(long.made, short.made);
    say('client', 'GET /');
    expect(names).toEqual([]);
    say('client', 'file');
    expect(names).toEqual(['GET']);
  });

  test('a connection that was joined in its middle is recognised at the next message', () => {
    const { made: one, given } = candidate('HELLO');
    const { say } = recognition(one);
    say('client', 'rest of something');
    say('client', 'HELLO');
    expect(given).toEqual(['client: HELLO']);
  });

  test('one that was joined within a message is known by what begins amid a segment, where somebody can tell', () => {
    const { made: one, given } = candidate('HELLO');
    const within = (octets: Uint8Array): Recognition =>
      new TextDecoder().decode(octets).includes('HELLO') ? 'yes' : 'more';
    for (const joinedLate of [true, false]) {
      given.length = 0;
      const late = { ends: { ...ends, joinedLate }, exposure: clear, depth: 0, hunts };
      const made = new ConnectionRecognition([{ ...one, recogniseWithin: within }], late, () => {});
      for (const [from, text] of [
        ['server', 'rest of HEL'],
        ['client', 'rest'],
        ['server', 'LO there'],
        ['server', 'more'],
      ] as const) {
        made.data(from, octets(text), { ...place, number: place.number + 1 });
      }
      expect(given).toEqual(
        joinedLate ? ['server: rest of HEL', 'client: rest', 'server: LO there', 'server: more'] : [],
      );
    }
  });

  test('a gap before it is known is the end of what waits', () => {
    const { made: one, given } = candidate('HELLO');
    const { made, say } = recognition(one);
    say('client', 'HEL');
    made.gap('client', 3, place);
    say('client', 'HELLO');
    made.gap('client', 9, place);
    made.ended('client', place);
    expect(given).toEqual(['client: HELLO', 'client lacks 9', 'client ended']);
  });

  test('segments of one octet cost neither memory without bound nor a question each', () => {
    const asked = { count: 0 };
    const { made } = candidate('x'.repeat(4 * MOST_HELD_OCTETS), asked);
    const { names, say } = recognition(made);
    for (let at = 0; at < 2 * MOST_HELD_OCTETS; at++) say('client', 'x');
    expect(names).toEqual([]);
    expect(asked.count).toBeLessThan(1_000);
  });
});
