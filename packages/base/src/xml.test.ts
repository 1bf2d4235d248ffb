import { describe, expect, test } from 'vitest';
import { readXml, writeXml } from './xml.ts';

const limits = { octets: 1_000, elements: 8, depth: 4 };
const read = (text: string) => readXml(new TextEncoder().encode(text), limits);

describe('XML from strangers', () => {
  test('what is written is read again, with its prefixes', () => {
    const octets = writeXml({
      name: 'a:b',
      attributes: { 'xmlns:a': 'urn:<&"\n>' },
      content: [{ name: 'c', content: 'x < y' }],
    });
    expect(readXml(octets, limits)).toMatchObject({
      ok: true,
      root: { name: 'a:b', attributes: { 'xmlns:a': 'urn:<&"\n>' }, children: [{ name: 'c', text: 'x < y' }] },
    });
  });

  test.each([
    ['document-type', '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'],
    ['malformed', '<a><b></a>'],
    ['malformed', ''],
    ['mixed-content', '<a>text<b/></a>'],
    ['too-deep', '<a><a><a><a><a/></a></a></a></a>'],
    ['too-large', `<a>${'<b/>'.repeat(8)}</a>`],
    ['too-large', `<a>${' '.repeat(1_000)}</a>`],
    ['encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
  ])('is refused with %s and never throws', (code, text) => {
    expect(read(text)).toMatchObject({ ok: false, code });
  });
});
