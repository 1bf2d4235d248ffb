import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blankState, type PhoneState } from '../../boot/state.ts';
import { StateFolder } from './state-folder.ts';

let scratch: string;
let folder: StateFolder;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-phone-state-'));
  folder = new StateFolder(join(scratch, 'phone-1001'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const octets = (...values: number[]) => Uint8Array.from(values);
const state: PhoneState = {
  ...blankState,
  lists: { ctl: octets(1, 2), itl: undefined },
  lsc: { certificate: octets(3), privateKey: new Redacted(octets(4, 5)) },
};
const place = { device: 'SEP001122334455', host: '192.0.2.1', httpPort: 6_970, tftpPort: 69 };

describe('the memory of a phone', () => {
  test('is blank before the first boot', () => {
    expect(folder.load()).toEqual(blankState);
    expect(folder.place()).toBeUndefined();
  });

  test('comes back, for its owner alone, and leaves no half-written file behind', () => {
    folder.save(blankState);
    folder.save(state);
    folder.savePlace(place);
    const again = new StateFolder(folder.path);
    expect(again.load().lists).toEqual(state.lists);
    expect(again.load().lsc?.privateKey.reveal()).toEqual(octets(4, 5));
    expect(again.place()).toEqual(place);
    folder.savePlace({ ...place, protocol: 'SCCP' });
    expect(again.place()).toEqual({ ...place, protocol: 'SCCP' });
    expect(readdirSync(folder.path).sort()).toEqual(['phone.json', 'state.json']);
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder.path)) expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder.path, 'phone.json'), 'utf8')).not.toContain('privateKey');
  });

  test.each(['', '{', '{"schema":2}', '{"schema":1,"ctl":7}'])(
    'damaged (%j) is an error, never a phone from the box: that would take the next list blindly',
    (text) => {
      folder.save(state);
      writeFileSync(join(folder.path, 'state.json'), text);
      expect(() => folder.load()).toThrow(expect.objectContaining({ code: 'phone.state-damaged' }));
    },
  );

  test.each([
    '{',
    '{"schema":1}',
    '{"schema":1,"device":"SEP001122334455","host":"a","httpPort":1,"tftpPort":1,"protocol":"H323"}',
    '{"schema":1,"device":"SEP001122334455","host":"a","httpPort":"1","tftpPort":1}',
  ])('that does not say which phone it is (%j) is an error', (text) => {
    folder.savePlace(place);
    writeFileSync(join(folder.path, 'phone.json'), text);
    expect(() => folder.place()).toThrow(expect.objectContaining({ code: 'phone.state-damaged' }));
  });

  test('that cannot be written is an error with the next step', () => {
    writeFileSync(join(scratch, 'phone-1001'), 'a file is in the way');
    expect(() => folder.save(state)).toThrow(expect.objectContaining({ code: 'phone.file-unwritable' }));
  });
});
