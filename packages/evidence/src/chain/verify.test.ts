import { hexadecimal } from '@trustline/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { at, chainOf, chainOfLength, content, keys, otherKeys, record, sign } from './chain.fixture.ts';
import {
  appendEntry,
  type ChainEntry,
  ed25519Signer,
  emptyChain,
  entryContent,
  erasePersonalFields,
  signedOctets,
} from './entry.ts';
import { createHead, headText, parseHead } from './head.ts';
import { ERASED } from './personal.ts';
import { type ChainBreak, verifyEntries } from './verify.ts';

const length = 9;
const whole = chainOfLength(length);
const place = fc.nat({ max: length - 1 });

describe('a chain as it was written', () => {
  test('holds, empty or not, and its entries read back as what was said', async () => {
    expect(await verifyEntries([], keys.publicKey)).toMatchObject({ ok: true, count: 0 });
    expect(await verifyEntries(whole.entries, keys.publicKey)).toEqual({
      ok: true,
      count: length,
      hash: whole.state.hash,
      erased: 0,
    });
    expect(whole.entries.map(entryContent)).toEqual(Array.from({ length }, (_, index) => content(index)));
  });

  test('holds after a trip through JSON, in which absent and undefined fields are the same', async () => {
    const event = { ...(content(0) as { event: object }).event, line: undefined };
    const { entries } = chainOf([{ kind: 'event', event } as never]);
    expect(await verifyEntries(JSON.parse(JSON.stringify(entries)) as unknown[], keys.publicKey)).toMatchObject({
      ok: true,
    });
  });

  test('does not hold for another key, and cannot be continued under one', async () => {
    expect(await verifyEntries(whole.entries, otherKeys.publicKey)).toMatchObject({ ok: false, sequence: 1 });
    const options = { at, salt: new Uint8Array(32), sign: ed25519Signer(otherKeys.privateKey) };
    const { entry } = appendEntry(whole.state, content(0), options);
    expect(await verifyEntries([...whole.entries, entry], keys.publicKey)).toMatchObject({
      ok: false,
      sequence: length + 1,
      rule: 'signature',
    });
  });

  test('is not begun with a short salt or a key of another kind', () => {
    const append = () => appendEntry(emptyChain(keys.publicKey), content(0), { at, salt: new Uint8Array(8), sign });
    expect(append).toThrow(expect.objectContaining({ code: 'evidence.short-salt' }));
    expect(() => ed25519Signer(keys.publicKey as never).call(undefined, new Uint8Array())).toThrow();
  });
});

describe('entries that are signed together', () => {
  /** Nine entries, of which every third signs those before it. */
  const { entries } = chainOf(
    Array.from({ length: 9 }, (_, index) => content(index)),
    3,
  );

  test('hold, and have one signature', async () => {
    expect(entries.map(({ signature }) => signature !== null)).toEqual([2, 5, 8].flatMap(() => [false, false, true]));
    expect(await verifyEntries(entries, keys.publicKey)).toMatchObject({ ok: true, count: 9 });
  });

  test('do not hold without the one that signs them', async () => {
    expect(await verifyEntries(entries.slice(0, 8), keys.publicKey)).toMatchObject({
      ok: false,
      rule: 'signature',
      sequence: 7,
      index: 6,
    });
    expect(await verifyEntries(entries.slice(0, 6), keys.publicKey)).toMatchObject({ ok: true, count: 6 });
  });

  test('made anew by somebody without the key do not hold, from the first of them on', async () => {
    const forged = chainOf([content(0), content(1), content(1)], 3).entries;
    const stolen = forged.with(2, { ...(forged[2] as ChainEntry), signature: entries[2]?.signature ?? null });
    expect(await verifyEntries(stolen, keys.publicKey)).toMatchObject({ ok: false, rule: 'signature', sequence: 1 });
  });
});

describe('the first break is named', () => {
  test('any altered value, anywhere in an entry', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(), async (index, choice) => {
        const altered = structuredClone(whole.entries);
        const entry = altered[index] as ChainEntry;
        const paths = leaves(entry);
        const path = paths[choice % paths.length] as string[];
        alter(entry, path);
        const verdict = await verifyEntries(altered, keys.publicKey);
        expect(verdict, path.join('.')).toMatchObject({ ok: false, index });
      }),
      { numRuns: 400 },
    );
  });

  test('any member added or taken away, anywhere in an entry', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(), fc.boolean(), async (index, choice, add) => {
        const altered = structuredClone(whole.entries);
        const path = leaves(altered[index] as ChainEntry);
        const [name, ...parents] = (path[choice % path.length] as string[]).toReversed() as [string, ...string[]];
        const parent = parents.reduceRight<Record<string, unknown>>(
          (node, step) => node[step] as Record<string, unknown>,
          altered[index] as unknown as Record<string, unknown>,
        );
        if (add) parent[`${name}x`] = 1;
        else delete parent[name];
        // Array items taken away leave a hole, which no JSON can hold; added ones are named, which JSON drops.
        fc.pre(!Array.isArray(parent));
        expect(await verifyEntries(altered, keys.publicKey)).toMatchObject({ ok: false, index });
      }),
    );
  });

  test('a removed entry, by its number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: length - 2 }), async (index) => {
        const verdict = await verifyEntries(whole.entries.toSpliced(index, 1), keys.publicKey);
        expect(verdict).toMatchObject({ ok: false, index, sequence: index + 1, rule: 'sequence' });
        expect(verdict).toHaveProperty('sentence', expect.stringContaining(`Entry ${index + 1} was removed`));
      }),
    );
  });

  test('two swapped entries', async () => {
    await fc.assert(
      fc.asyncProperty(place, place, async (a, b) => {
        fc.pre(a !== b);
        const swapped = [...whole.entries];
        [swapped[a], swapped[b]] = [swapped[b] as ChainEntry, swapped[a] as ChainEntry];
        expect(await verifyEntries(swapped, keys.publicKey)).toMatchObject({ ok: false, index: Math.min(a, b) });
      }),
    );
  });

  test('an entry of this or another chain put in', async () => {
    const foreign = chainOf(Array.from({ length }, (_, index) => content(index + 1)));
    await fc.assert(
      fc.asyncProperty(place, place, fc.boolean(), async (from, to, ours) => {
        const inserted = (ours ? whole : foreign).entries[from] as ChainEntry;
        const entries = whole.entries.toSpliced(to, 0, inserted);
        const verdict = await verifyEntries(entries, keys.publicKey);
        // One put where its like belongs is told from it only by the next.
        expect(verdict).toHaveProperty('ok', false);
        expect(from === to ? [to, to + 1] : [to]).toContain((verdict as ChainBreak).index);
      }),
    );
  });

  test('an entry replaced by a genuine one of another history', async () => {
    const { entries } = chainOf([content(0), content(7), content(2)]);
    const mixed = [whole.entries[0], entries[1], whole.entries[2]];
    expect(await verifyEntries(mixed, keys.publicKey)).toMatchObject({ ok: false, sequence: 3, rule: 'previous' });
  });

  test('what is no entry at all', async () => {
    for (const nonsense of [null, 7, 'x', [], {}, { schema: 1 }, { ...whole.entries[0], body: [] }]) {
      expect(await verifyEntries([nonsense], keys.publicKey)).toMatchObject({ ok: false, index: 0, rule: 'malformed' });
    }
  });

  test('any bytes from outside are a verdict, never an exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (values) => {
        expect(await verifyEntries(values, keys.publicKey)).toHaveProperty('ok', values.length === 0);
      }),
    );
  });
});

describe('a head kept elsewhere', () => {
  const head = createHead(whole.state, { node: 'node-1', at, sign });

  test('agrees with the chain it was made of and with every longer one', async () => {
    for (let count = 0; count <= length; count++) {
      const early = createHead(chainOfLength(count).state, { node: 'node-1', at, sign });
      expect(await verifyEntries(whole.entries, keys.publicKey, early)).toMatchObject({ ok: true });
    }
    expect(parseHead(headText(head))).toEqual(head);
  });

  test('names its node, and one of schema 1, which named none, still holds', async () => {
    expect(JSON.parse(headText(head))).toMatchObject({ schema: 2, node: 'node-1' });
    const statement = { schema: 1, count: whole.state.count, hash: whole.state.hash, at } as const;
    const octets = signedOctets('head signature', canonicalJson(statement));
    const earlier = { ...statement, signature: hexadecimal(sign(octets)) };
    expect(parseHead(headText(earlier))).toEqual(earlier);
    expect(await verifyEntries(whole.entries, keys.publicKey, earlier)).toMatchObject({ ok: true });
  });

  test('finds a cut tail, which a chain alone cannot', async () => {
    for (let count = 0; count < length; count++) {
      const cut = whole.entries.slice(0, count);
      expect(await verifyEntries(cut, keys.publicKey)).toMatchObject({ ok: true });
      expect(await verifyEntries(cut, keys.publicKey, head)).toMatchObject({
        ok: false,
        index: count,
        sequence: count + 1,
        rule: 'tail',
      });
    }
  });

  test('finds a tail that was cut and written anew with the real key', async () => {
    const rewritten = chainOf([...Array.from({ length: length - 1 }, (_, index) => content(index)), content(30)]);
    expect(await verifyEntries(rewritten.entries, keys.publicKey, head)).toMatchObject({
      ok: false,
      index: length - 1,
      sequence: length,
      rule: 'head',
    });
  });

  test('is refused when altered, or signed by another', async () => {
    const forged = createHead(whole.state, { node: 'node-1', at, sign: ed25519Signer(otherKeys.privateKey) });
    for (const bad of [
      { ...head, count: 3 },
      { ...head, at: 'later' },
      { ...head, node: 'node-2' },
      { ...head, signature: 'zz' },
      forged,
    ]) {
      expect(await verifyEntries(whole.entries, keys.publicKey, bad)).toMatchObject({ ok: false, rule: 'head' });
    }
    for (const text of ['', '{', '[]', '{"schema":2}', headText(head).replace('"count":9', '"count":-1')]) {
      expect(parseHead(text)).toBeUndefined();
    }
  });
});

describe('erasure', () => {
  const chosen = fc.uniqueArray(fc.integer({ min: 1, max: length }), { minLength: 1 });

  test('removes fields and salt of any entries, is itself an entry, and the chain still holds', async () => {
    await fc.assert(
      fc.asyncProperty(chosen, async (sequences) => {
        const { entries, state } = erased(sequences);
        const verdict = await verifyEntries(entries, keys.publicKey, createHead(state, { node: 'node-1', at, sign }));
        expect(verdict).toMatchObject({ ok: true, count: length + 1, erased: sequences.length });
      }),
    );
  });

  test('leaves nothing by which a person is recognised, and what is left reads as erased', () => {
    const { entries } = chainOf([{ kind: 'call', record }, content(0)]);
    const [left, event] = entries.map(erasePersonalFields);
    expect(JSON.stringify([left, event])).not.toMatch(/SEP|1001|1002|Ada|Lovelace|192\.0\.2|hung up/);
    expect(entryContent(event as ChainEntry)).toMatchObject({ event: { kind: 'handshake-refused', cause: ERASED } });
    expect(entryContent(left as ChainEntry)).toMatchObject({
      record: { call: 'call-1', cause: ERASED, levels: [{ cause: ERASED }], legs: [{ party: { device: ERASED } }] },
    });
  });

  test('that no entry tells of is a break at the entry that lost its fields', async () => {
    const entries = whole.entries.map((entry) => (entry.sequence === 4 ? erasePersonalFields(entry) : entry));
    expect(await verifyEntries(entries, keys.publicKey)).toMatchObject({
      ok: false,
      index: 3,
      sequence: 4,
      rule: 'erasure',
    });
  });

  test('that was told but not done is a break', async () => {
    const { entries } = erased([4, 5]);
    entries[4] = whole.entries[4] as ChainEntry;
    expect(await verifyEntries(entries, keys.publicKey)).toMatchObject({ ok: false, sequence: 5, rule: 'erasure' });
  });

  test('may span entries that never had personal fields, and only what lies before it', async () => {
    const once = erased([2]);
    const range = { kind: 'erased', ranges: [[1, length + 1]], rule: 'test' } as const;
    const again = appendEntry(once.state, range, { at, salt: new Uint8Array(32), sign });
    const entries = [...once.entries.map((entry) => erasePersonalFields(entry)), again.entry];
    expect(await verifyEntries(entries, keys.publicKey)).toMatchObject({ ok: true, erased: length });
    const ahead = appendEntry(once.state, { ...range, ranges: [[1, 99]] }, { at, salt: new Uint8Array(32), sign });
    expect(await verifyEntries([...once.entries, ahead.entry], keys.publicKey)).toMatchObject({ rule: 'malformed' });
  });

  function erased(sequences: readonly number[]) {
    const ranges = [...sequences].sort((a, b) => a - b).map((sequence) => [sequence, sequence] as const);
    const told = appendEntry(
      whole.state,
      { kind: 'erased', ranges, rule: 'test' },
      { at, salt: new Uint8Array(32), sign },
    );
    const entries = whole.entries.map((entry) =>
      sequences.includes(entry.sequence) ? erasePersonalFields(entry) : entry,
    );
    return { entries: [...entries, told.entry], state: told.state };
  }
});

/** The paths to every text, number and null in a value. */
function leaves(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]));
}

function alter(target: unknown, path: readonly string[]): void {
  const [name, ...rest] = path as [string, ...string[]];
  const node = target as Record<string, unknown>;
  if (rest.length > 0) {
    alter(node[name], rest);
    return;
  }
  const old = node[name];
  // The last character is turned over too gently for sloppy decoders to mind: hexadecimal stays hexadecimal.
  if (typeof old === 'string') node[name] = old.slice(0, -1) + (old.at(-1) === '0' ? '1' : '0');
  else if (typeof old === 'number') node[name] = old + 1;
  else node[name] = 'x';
}
