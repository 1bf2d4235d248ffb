import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formToServe, parseFileName } from './file-name.ts';
import { nameOfTarget } from './request-target.ts';

describe('names that phones ask for', () => {
  test.each([
    ['CTLSEP0011223344FF.tlv', { kind: 'trust-list', list: 'CTL', device: 'SEP0011223344FF' }],
    ['ITLSEP0011223344FF.tlv', { kind: 'trust-list', list: 'ITL', device: 'SEP0011223344FF' }],
    ['ext_ITLSEP0011223344FF.tlv', { kind: 'trust-list', list: 'ITL', device: 'SEP0011223344FF' }],
    ['CTLFile.tlv', { kind: 'trust-list', list: 'CTL', device: undefined }],
    ['ITLFile.tlv', { kind: 'trust-list', list: 'ITL', device: undefined }],
    ['SEP0011223344FF.cnf.xml', { kind: 'configuration', device: 'SEP0011223344FF', form: 'plain' }],
    ['SEP0011223344FF.cnf.xml.sgn', { kind: 'configuration', device: 'SEP0011223344FF', form: 'signed' }],
    ['SEP0011223344FF.cnf.xml.enc.sgn', { kind: 'configuration', device: 'SEP0011223344FF', form: 'encrypted' }],
    ['XMLDefault.cnf.xml', { kind: 'default-configuration', form: 'plain' }],
    ['XMLDefault.cnf.xml.sgn', { kind: 'default-configuration', form: 'signed' }],
    ['SIP45.9-4-2SR3-1S.loads', { kind: 'shared' }],
    ['English_United_States/sip-phone.jar', { kind: 'shared' }],
    ['Desktops/320x212x16/List.xml', { kind: 'shared' }],
    ['Ringlist.xml', { kind: 'shared' }],
    ['Old Phone.raw', { kind: 'shared' }],
    ['CTLSEP0011223344.tlv', { kind: 'shared' }],
    ['a/SEP0011223344FF.cnf.xml', { kind: 'shared' }],
  ])('%s', (name, file) => {
    expect(parseFileName(name)).toEqual({ ok: true, file: { name, ...file } });
  });
});

describe('names that are refused', () => {
  test.each([
    [''],
    ['/etc/passwd'],
    ['//etc/passwd'],
    ['..'],
    ['.'],
    ['../etc/passwd'],
    ['a/../../b'],
    ['a/..'],
    ['a/./b'],
    ['a//b'],
    ['a/'],
    ['.hidden'],
    ['a/.ssh/id'],
    ['..\\windows'],
    ['a\\b'],
    ['C:file'],
    ['c:\\file'],
    ['file::$DATA'],
    ['%2e%2e/passwd'],
    ['..%2fpasswd'],
    ['a%00b'],
    ['CTLFile.tlv\0.xml'],
    ['a\nb'],
    ['a\u007f'],
    ['\u00e4.xml'],
    ['\uff0e\uff0e/a'],
    ['file.'],
    ['file '],
    ['a /b'],
    ['...'],
    ['a'.repeat(256)],
    ['a/a/a/a/a/a/a/a/a'],
    ['ctlsep0011223344ff.tlv'],
    ['CTLSEP0011223344ff.tlv'],
    ['ctlfile.tlv'],
    ['SEP0011223344FF.CNF.XML'],
    ['sep0011223344ff.cnf.xml.enc.sgn'],
    ['EXT_ITLSEP0011223344FF.tlv'],
    ['xmldefault.cnf.xml'],
  ])('%j', (name) => {
    expect(parseFileName(name)).toMatchObject({ ok: false });
  });

  test('no name that passes leads out of a folder, by any of the ways that are known', () => {
    const part = fc.constantFrom('..', '.', '/', '\\', '%2e', '\0', 'a', 'SEP', ' ', ':', '%', 'b.xml');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const name = parts.join('');
        if (!parseFileName(name).ok) return;
        const resolved = new URL(name.replace(/ /g, '+'), 'file:///root/folder/').pathname;
        expect(resolved.startsWith('/root/folder/')).toBe(true);
        expect(name.split('/')).not.toContain('..');
      }),
      { numRuns: 2_000 },
    );
  });
});

test('on HTTPS the signed name gives the plain file, elsewhere what was asked for', () => {
  expect(formToServe('signed', 'https')).toBe('plain');
  expect(formToServe('signed', 'http')).toBe('signed');
  expect(formToServe('signed', 'tftp')).toBe('signed');
  expect(formToServe('encrypted', 'https')).toBe('encrypted');
});

test.each([
  ['/CTLFile.tlv', 'CTLFile.tlv'],
  ['/Old%20Phone.raw', 'Old Phone.raw'],
  ['/%252e%252e/x', '%2e%2e/x'], // undone once; parseFileName refuses what is left
  ['//x', '/x'],
  ['/..%2fx', undefined],
  ['/..%2Fx', undefined],
  ['/x?y', undefined],
  ['/x#y', undefined],
  ['http://host/x', undefined],
  ['*', undefined],
  ['', undefined],
  ['/%', undefined],
  ['/%zz', undefined],
  ['/%ff', undefined],
])('RFC 9112 §3.2.1: target %s names %s', (target, name) => {
  expect(nameOfTarget(target)).toBe(name);
});
