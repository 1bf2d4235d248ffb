import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';
import { exitCodes } from '../exit-codes.ts';

/** Files of another implementation, and what a stranger could make of them. */
const vector = (name: string) => fileURLToPath(new URL(`../../../pki/vectors/trust-files/${name}`, import.meta.url));
const ctl = vector('CTLFile.tlv');
const itl = vector('ITLFile.tlv');

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-ctl-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function changed(path: string, name: string, offset: number, octet: number): string {
  const octets = readFileSync(path);
  octets[offset] = octet;
  const made = join(scratch, name);
  writeFileSync(made, octets);
  return made;
}

describe('ctl verify', () => {
  test('of a list that is in order says so, with offsets, and ends with 0', async () => {
    expect(await trustline(['ctl', 'verify', ctl])).toEqual({
      code: exitCodes.done,
      error: '',
      out: [
        `${ctl}: verified, 4897 octets`,
        '  offset 0: header of 408 octets, version 1.2, CTLFile.tlv, 2026-11-23 08:59:09 UTC',
        '  offset 127: signature with SHA-1, made by CN=lab-SAST, OU=SAST, O=LAB, C=NZ',
        '  offset 408: SAST, C=NZ,O=LAB,OU=SAST,CN=lab-SAST, certificate, serial number and key agree',
        '  offset 1907: CCM+TFTP, C=NZ,O=LAB,OU=CCM,CN=lab-CCM, certificate, serial number and key agree',
        '  offset 3398: CAPF, C=NZ,O=LAB,OU=CAPF,CN=lab-CAPF, certificate, serial number and key agree',
        '',
      ].join('\n'),
    });
  });

  test('of a list that was tampered with names rule and offset, and ends with 1', async () => {
    const tampered = changed(ctl, 'tampered.tlv', 150, 0);
    const { code, out, error } = await trustline(['ctl', 'verify', tampered]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error).toMatch(/^\S+tampered\.tlv: NOT verified: rule signature, offset 127: .*\n {2}next: .*\n$/);
    const asJson = await trustline(['ctl', 'verify', tampered, '--json']);
    expect(asJson.code).toBe(1);
    expect(JSON.parse(asJson.out)).toMatchObject({
      schema: 1,
      node: null,
      verified: false,
      rule: 'signature',
      offset: 127,
    });
  });

  test('of anything else ends with 1', async () => {
    const text = join(scratch, 'text.tlv');
    writeFileSync(text, '<html>404</html>');
    const { code, error } = await trustline(['ctl', 'verify', text]);
    expect(code).toBe(1);
    expect(error).toMatch(/rule version, offset 0/);
    expect((await trustline(['ctl', 'verify', join(scratch, 'nothing.tlv')])).code).toBe(1);
  });

  test.each(['SEP001122334455.cnf.xml.sgn', 'SEP001122334455.cnf.xml.enc.sgn'])(
    'of a signed file needs the lists that phones hold: %s',
    async (name) => {
      const { code, out } = await trustline(['ctl', 'verify', vector(name), '--list', ctl, itl]);
      expect(code).toBe(0);
      expect(out).toMatch(/verified, .* octets\n(.*\n)* {2}offset \d+: \d+ octets, (plain|encrypted to one phone)\n$/);
      const alone = await trustline(['ctl', 'verify', vector(name)]);
      expect(alone.code).toBe(1);
      expect(alone.error).toMatch(/rule signer-unknown, .*\n {2}next: .*--list/);
    },
  );

  test('of a signed file under another name says that it is another file', async () => {
    const renamed = join(scratch, 'SEPAABBCCDDEEFF.cnf.xml.sgn');
    copyFileSync(vector('SEP001122334455.cnf.xml.sgn'), renamed);
    const { code, error } = await trustline(['ctl', 'verify', renamed, '--list', ctl]);
    expect(code).toBe(1);
    expect(error).toMatch(/rule file-name, offset 377/);
  });
});

describe('ctl show', () => {
  test('says what stands in a list, and its hashes as phones show them', async () => {
    const { code, out } = await trustline(['ctl', 'show', itl]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ITL ITLFile\.tlv, version 1\.2, signer version 1\.1\n/);
    expect(out).toMatch(/\nVerified\.\nMD5 [0-9a-f]{32}\nSHA-1 [0-9a-f]{40}\n/);
    expect(out).toMatch(
      /\n\d+ +TVS +C=NZ,O=LAB,OU=TVS,CN=lab-TVS +7461e533110a2cd7206755cb7e305caf515eab4a +2036-11-20\n$/,
    );
  });

  test('as JSON carries schema and node, and every record', async () => {
    const shown = JSON.parse((await trustline(['ctl', 'show', ctl, '--json'])).out);
    expect(shown).toMatchObject({ schema: 1, node: null, kind: 'CTL', verified: true, digest: 'SHA-1', length: 4897 });
    expect(shown.records.map(({ role }: { role: string }) => role)).toEqual(['SAST', 'CCM+TFTP', 'CAPF']);
    expect(shown.records[0]).toMatchObject({ offset: 408, certificate: { notAfter: '2036-11-20T08:59:07.000Z' } });
  });

  test('shows a list that is not in order too, and says so', async () => {
    const { code, out } = await trustline(['ctl', 'show', changed(ctl, 'shown.tlv', 150, 0)]);
    expect(code).toBe(0);
    expect(out).toMatch(/\nNOT verified: rule signature, offset 127: /);
  });

  test('of what is no list says where it ceases to be one', async () => {
    const { code, error } = await trustline(['ctl', 'show', vector('CCM.pem')]);
    expect(code).toBe(1);
    expect(error).toMatch(/is no trust list: version at offset 0: .*\n {2}next: /);
  });
});

describe('ctl diff', () => {
  test('says the changes in words, and what a phone with the old list does', async () => {
    const { code, out } = await trustline(['ctl', 'diff', ctl, itl]);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'TVS certificate of lab-TVS: added, expires 2036-11-20',
        'Signed with SHA-512, before with SHA-1',
        'Signer version 1.1, before 1.0',
        `A phone that holds ${ctl} alone takes ${itl}: Signed by CN=lab-SAST, OU=SAST, O=LAB, C=NZ, whom the CTL that is held knows.`,
        '',
      ].join('\n'),
    );
  });

  test('says that a phone refuses what was tampered with, also as JSON', async () => {
    const tampered = changed(ctl, 'new.tlv', 150, 0);
    const { out } = await trustline(['ctl', 'diff', ctl, tampered]);
    expect(out).toMatch(/^The lists say the same\.\nA phone that holds \S+ alone REFUSES \S+: /);
    expect(JSON.parse((await trustline(['ctl', 'diff', ctl, tampered, '--json'])).out)).toMatchObject({
      schema: 1,
      changes: [],
      taken: false,
      rule: 'signature',
      offset: 127,
    });
  });
});
