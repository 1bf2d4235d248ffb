import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freeTcpPort } from '../../../testing/src/node/ports.ts';
import { missingPrograms } from '../../../testing/src/node/programs.ts';
import { type Certificate, readCertificate } from '../certificate.ts';
import { judgeDeviceCertificate } from '../judge.ts';
import { decodeCertificatesPem, encodeCertificatesPem, encodePem } from '../pem.ts';
import { buildOcspRequest } from '../revocation/ocsp-request.ts';
import { judgeOcspResponse } from '../revocation/ocsp-response.ts';
import { readRevocationListFile } from '../revocation/revocation-list.ts';
import type { Cluster } from './cluster.ts';
import { OcspRefresher } from './ocsp-refresher.ts';
import { createCluster, openCluster } from './open.ts';

const now = Date.now();
const MINUTE = 60_000;
const DAY = 86_400_000;
const names = { cluster: 'Test lab', hosts: ['cm.example'], addresses: [], domains: [] } as const;

let home: string;

function write(name: string, data: string | Uint8Array): string {
  const path = join(home, name);
  writeFileSync(path, data, { mode: 0o600 });
  return path;
}

function openssl(...args: string[]): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8', timeout: 20_000 });
  return { ok: status === 0, output: `${stdout}${stderr}` };
}

function must(...args: string[]): string {
  const { ok, output } = openssl(...args);
  if (!ok) throw new Error(`openssl ${args.join(' ')}: ${output}`);
  return output;
}

const newCluster = (stale: 'refuse' | 'warn' = 'warn'): Promise<Cluster> =>
  createCluster(join(home, String(Math.random()).slice(2)), names, now, { outsidePolicy: { stale, ocsp: true } });

const readPem = (file: string): Certificate => {
  const [der = new Uint8Array()] = decodeCertificatesPem(readFileSync(join(home, file), 'utf8'));
  return readCertificate(der);
};

/** A certificate by `issuer`, or by itself, under files of its name; made by openssl alone. */
function make(name: string, issuer: string | undefined, serial: string, extensions: readonly string[]): void {
  const path = (ending: string) => join(home, `${name}.${ending}`);
  const file = write(`${name}.ext`, `${extensions.join('\n')}\n`);
  must(
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    path('key'),
    '-out',
    path('csr'),
    '-subj',
    `/CN=${name}`,
  );
  const signing =
    issuer === undefined
      ? ['-signkey', path('key')]
      : ['-CA', join(home, `${issuer}.pem`), '-CAkey', join(home, `${issuer}.key`)];
  must(
    'x509',
    '-req',
    '-in',
    path('csr'),
    ...signing,
    '-set_serial',
    serial,
    '-days',
    '30',
    '-extfile',
    file,
    '-out',
    path('pem'),
  );
}

const authority = [
  'basicConstraints=critical,CA:TRUE',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
];
const responder = ['keyUsage=digitalSignature', 'extendedKeyUsage=OCSPSigning', 'noCheck=ignored'];
const client = (port: number) => [
  'keyUsage=digitalSignature',
  'extendedKeyUsage=clientAuth',
  'authorityKeyIdentifier=keyid',
  `authorityInfoAccess=OCSP;URI:http://127.0.0.1:${port}/ocsp`,
];

const later = '991231235959Z';
const index = (room: string) =>
  [`${room}\tunknown\t/CN=room`, `V\t${later}\t\t1002\tunknown\t/CN=hall`]
    .map((line) => `${line.replace('SERIAL', '1001')}\n`)
    .join('');
const goodIndex = index(`V\t${later}\t\tSERIAL`);
const revokedIndex = index(`R\t${later}\t260101000000Z,keyCompromise\tSERIAL`);

describe.skipIf(missingPrograms('openssl'))('openssl agrees about revocation', () => {
  let port: number;
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'trustline-revocation-'));
    port = await freeTcpPort();
    make('ca', undefined, '1', authority);
    make('stranger', undefined, '2', authority);
    make('responder', 'ca', '16', responder);
    make('impostor', 'stranger', '17', responder);
    make('unappointed', 'ca', '18', ['keyUsage=digitalSignature', 'extendedKeyUsage=clientAuth']);
    make('room', 'ca', '0x1001', client(port));
    make('hall', 'ca', '0x1002', client(port));
    write('good.txt', goodIndex);
    write('revoked.txt', revokedIndex);
  });
  afterEach(async () => {
    for (const child of running.splice(0)) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill();
      await gone;
    }
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const room = () => readFileSync(join(home, 'room.pem'), 'utf8');
  const ca = () => readFileSync(join(home, 'ca.pem'), 'utf8');
  const judge = (cluster: Cluster, at = now) => judgeDeviceCertificate(cluster.trust, [readPem('room.pem').der], at);

  test('that our list is whole, signed by the CAPF CA, and revokes the one LSC that was revoked', async () => {
    const cluster = await newCluster();
    const lost = await cluster.issueDeviceCertificate('SEP000000000001', now);
    const kept = await cluster.issueDeviceCertificate('SEP000000000002', now);
    await cluster.revokeDevice('SEP000000000001', 'the phone was lost', now);
    const capf = write('capf.pem', encodeCertificatesPem(cluster.trust.issuersFor('locally-significant')));
    const list = await cluster.certificateRevocationList('capf-ca', Date.now());
    const crl = write('capf.crl', encodePem('X509 CRL', list.der));
    expect(must('crl', '-in', crl, '-noout', '-CAfile', capf)).toContain('verify OK');
    const text = must('crl', '-in', crl, '-noout', '-text', '-crlnumber');
    expect(text).toContain('Version 2 (0x1)');
    expect(text).toContain(`crlNumber=0x${list.number?.toString(16).toUpperCase()}`);
    expect(text).toMatch(/X509v3 Authority Key Identifier/);
    expect(text).toMatch(/X509v3 CRL Reason Code:\s+Cessation Of Operation/);
    const verify = (pem: string) =>
      openssl('verify', '-x509_strict', '-crl_check', '-CAfile', capf, '-CRLfile', crl, write('lsc.pem', pem));
    expect(verify(kept.chainPem)).toMatchObject({ ok: true });
    expect(verify(lost.chainPem)).toMatchObject({ ok: false, output: expect.stringContaining('certificate revoked') });
  });

  test('that the operators’ list, by a key on P-256, and an empty one are in order too', async () => {
    const cluster = await newCluster();
    for (const [role, purpose] of [
      ['operator-ca', 'operator'],
      ['callmanager-ca', 'callmanager'],
      ['manufacturing-ca', 'manufacturer'],
    ] as const) {
      const issuers = write('issuers.pem', encodeCertificatesPem(cluster.trust.issuersFor(purpose)));
      const list = await cluster.certificateRevocationList(role, Date.now());
      const crl = write(`${role}.crl`, list.der);
      expect(must('crl', '-inform', 'DER', '-in', crl, '-noout', '-CAfile', issuers)).toContain('verify OK');
    }
  });

  test('in the other direction: a list of openssl’s own CA revokes a pinned certificate', async () => {
    const cluster = await newCluster();
    await cluster.pinDeviceCertificate('ROOM7', room(), ca(), Date.now());
    expect(judge(cluster, Date.now())).toMatchObject({ accepted: true, device: 'ROOM7' });
    write('index.txt', revokedIndex);
    write('crlnumber', '2A\n');
    const settings = [
      '[ca]',
      'default_ca=mine',
      '[mine]',
      `database=${join(home, 'index.txt')}`,
      `crlnumber=${join(home, 'crlnumber')}`,
      'default_md=sha256',
      'crl_extensions=lists',
      '[lists]',
      'authorityKeyIdentifier=keyid:always',
    ];
    const file = write('ca.cnf', `${settings.join('\n')}\n`);
    const key = ['-keyfile', join(home, 'ca.key'), '-cert', join(home, 'ca.pem')];
    must('ca', '-config', file, '-gencrl', ...key, '-crldays', '5', '-out', join(home, 'outside.crl'));
    const octets = new Uint8Array(readFileSync(join(home, 'outside.crl')));
    expect(readRevocationListFile(octets)).toMatchObject({ number: 42n, issuer: 'CN=ca' });
    await cluster.importRevocationList(octets, Date.now());
    expect(judge(cluster, Date.now())).toMatchObject({
      accepted: false,
      code: 'revoked',
      reason: expect.stringContaining('keyCompromise'),
    });
  });

  test('its responder is asked ahead, its answer kept; what it revokes stays revoked without it', async () => {
    const cluster = await newCluster('refuse');
    await cluster.pinDeviceCertificate('ROOM7', room(), ca(), Date.now());
    const refresher = new OcspRefresher(cluster);

    const [unreachable] = await refresher.refresh(Date.now);
    expect(unreachable).toMatchObject({
      result: 'failed',
      reason: expect.stringContaining('did not answer: ECONNREFUSED'),
      nextStep: expect.stringContaining('crl-import'),
    });
    expect(judge(cluster, Date.now())).toMatchObject({ accepted: false, code: 'revocation-unknown' });
    expect(cluster.staleRevocations(Date.now())).toMatchObject([{ device: 'ROOM7' }]);

    await respond('good.txt');
    expect(await refresher.refresh(Date.now)).toMatchObject([{ result: 'answered' }]);
    expect(judge(cluster, Date.now())).toMatchObject({ accepted: true, device: 'ROOM7' });
    expect(await refresher.refresh(Date.now)).toEqual([]); // what is known is fresh

    await respond('revoked.txt');
    expect(await refresher.refresh(() => Date.now() + 6 * MINUTE)).toMatchObject([{ result: 'revoked' }]);
    for (const one of [cluster, await openCluster(cluster.directory)]) {
      expect(one && judge(one, Date.now())).toMatchObject({ accepted: false, code: 'revoked' });
    }
  });

  test('a responder that hangs is given up, and asked once for all that name it', async () => {
    const cluster = await newCluster();
    await cluster.pinDeviceCertificate('ROOM7', room(), ca(), Date.now());
    const sockets: Socket[] = [];
    const hanging = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => hanging.listen(port, '127.0.0.1', resolve));
    await cluster.pinDeviceCertificate('HALL8', readFileSync(join(home, 'hall.pem'), 'utf8'), ca(), Date.now());
    const outcomes = await new OcspRefresher(cluster, 300).refresh(Date.now);
    expect(outcomes).toHaveLength(2);
    expect(sockets).toHaveLength(1);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ result: 'failed', reason: expect.stringContaining('no answer in time') });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => hanging.close(resolve));
  });

  describe('what answers are taken (RFC 6960 §3.2)', () => {
    const nonce = new Uint8Array(32).fill(7);
    const question = (name = 'room') => ({ certificate: readPem(`${name}.pem`), issuer: readPem('ca.pem'), nonce });

    /** What openssl answers to a question, signed by whom we say. */
    function answer(signer: string, about = question(), database = 'good.txt', ...more: string[]): Uint8Array {
      const request = write('request.der', buildOcspRequest(about));
      const out = join(home, 'response.der');
      const files = ['-index', join(home, database), '-CA', join(home, 'ca.pem'), '-reqin', request, '-respout', out];
      const signing = ['-rsigner', join(home, `${signer}.pem`), '-rkey', join(home, `${signer}.key`)];
      must('ocsp', ...files, ...signing, ...more);
      return new Uint8Array(readFileSync(out));
    }
    const judged = (octets: Uint8Array, at = Date.now()) => judgeOcspResponse(question(), octets, undefined, at);

    test('openssl reads our request: one certificate, and the nonce', () => {
      const request = write('request.der', buildOcspRequest(question()));
      const text = must('ocsp', '-reqin', request, '-req_text', '-noverify');
      expect(text).toContain('Serial Number: 1001');
      expect(text).toContain(
        `OCSP Nonce: \n            0420${'07'.repeat(32)}`.toUpperCase().replace('OCSP NONCE', 'OCSP Nonce'),
      );
    });

    test('of the issuer itself and of whom it has appointed, with a nonce and without', () => {
      for (const octets of [
        answer('ca'),
        answer('responder'),
        answer('responder', question(), 'good.txt', '-ndays', '2'),
      ]) {
        expect(judged(octets)).toMatchObject({ accepted: true, answer: { revoked: undefined } });
      }
      expect(judged(answer('responder', question(), 'revoked.txt'))).toMatchObject({
        accepted: true,
        answer: { revoked: { at: Date.UTC(2026, 0, 1), reason: 'keyCompromise' } },
      });
    });

    test.each([
      ['by a responder of another authority', () => answer('impostor'), 0, 'wrong-signer'],
      ['by a certificate of the issuer that is not for OCSP', () => answer('unappointed'), 0, 'wrong-signer'],
      ['about another certificate', () => answer('responder', question('hall')), 0, 'wrong-certificate'],
      [
        'to another question (replayed)',
        () => answer('responder', { ...question(), nonce: new Uint8Array(32).fill(8) }),
        0,
        'wrong-nonce',
      ],
      [
        'past its nextUpdate (replayed)',
        () => answer('responder', question(), 'good.txt', '-nmin', '5'),
        DAY,
        'too-old',
      ],
      ['old, without a nextUpdate', () => answer('responder'), DAY, 'too-old'],
      ['from the future', () => answer('ca'), -DAY, 'not-yet-valid'],
      [
        'about a certificate it does not know',
        () => answer('responder', question(), 'empty.txt'),
        0,
        'unknown-certificate',
      ],
      ['that is none (tryLater)', () => Uint8Array.of(0x30, 3, 0x0a, 1, 3), 0, 'no-answer'],
      ['that is no OCSP', () => new TextEncoder().encode('<html>'), 0, 'malformed-response'],
    ])('not one %s', (_title, octets, shift, code) => {
      write('empty.txt', '');
      expect(judged(octets(), Date.now() + shift)).toMatchObject({
        accepted: false,
        code,
        reason: expect.stringMatching(/./),
        nextStep: expect.stringMatching(/./),
      });
    });

    test('not one older than the answer known', () => {
      const first = judged(answer('responder'));
      if (!first.accepted) throw new Error(first.reason);
      const newer = { ...first.answer, thisUpdate: first.answer.thisUpdate + MINUTE };
      expect(judgeOcspResponse(question(), answer('responder'), newer, Date.now())).toMatchObject({ code: 'too-old' });
    });

    test('altered in any octet, it says the same or is refused; cut off anywhere, it is refused', () => {
      const octets = answer('responder', question(), 'revoked.txt', '-nmin', '5');
      const whole = judged(octets);
      for (let at = 0; at < octets.length; at += 1) {
        const altered = Uint8Array.from(octets);
        altered[at] = (altered[at] ?? 0) ^ 0x01;
        const judgment = judged(altered);
        if (judgment.accepted)
          expect(judgment, `octet ${at}`).toMatchObject({ answer: whole.accepted && whole.answer });
        expect(judged(octets.subarray(0, at)).accepted, `cut at ${at}`).toBe(false);
      }
    });
  });

  /** openssl as the responder of the authority, in the place of an earlier one. */
  async function respond(database: string): Promise<void> {
    for (const child of running.splice(0)) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill();
      await gone;
    }
    const files = ['-index', join(home, database), '-CA', join(home, 'ca.pem')];
    const signing = ['-rsigner', join(home, 'responder.pem'), '-rkey', join(home, 'responder.key')];
    const args = ['ocsp', '-port', String(port), ...files, ...signing, '-nmin', '10'];
    const child = spawn('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(child);
    await new Promise<void>((resolve, reject) => {
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => {
          said += String(data);
          if (/ACCEPT|waiting for OCSP client connections/i.test(said)) resolve();
        });
      }
      child.once('close', () => reject(new Error(`openssl ocsp ended: ${said}`)));
    });
  }
});
