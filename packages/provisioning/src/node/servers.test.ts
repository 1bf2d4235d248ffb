import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@trustline/testing/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileCache } from '../files/file-cache.ts';
import { type FileEvent, FileService } from '../files/file-service.ts';
import type { FileAnswer, FileRequest, FileSource } from '../files/file-source.ts';
import { defaultTftpLimits } from '../tftp/limits.ts';
import { decodeTftpPacket, encodeTftpPacket, type TftpPacket } from '../tftp/packet.ts';
import { type FetchWay, fetchFile } from './fetch-file.ts';
import { defaultHttpFileLimits, HttpFileServer } from './http-server.ts';
import { StaticFolder } from './static-folder.ts';
import { fetchFileByTftp } from './tftp-client.ts';
import { TftpFileServer } from './tftp-server.ts';

const host = '127.0.0.1';
let scratch: string;
let folder: string;
let events: FileEvent[];
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'trustline-files-'));
  folder = join(scratch, 'served');
  await mkdir(join(folder, 'ring'), { recursive: true });
  await writeFile(join(folder, 'Ringlist.xml'), '<CiscoIPPhoneRingList/>');
  await writeFile(join(folder, 'ring', 'Old Phone.raw'), new Uint8Array(5_000).fill(7));
  await writeFile(join(scratch, 'secret.txt'), 'outside');
  events = [];
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(scratch, { recursive: true, force: true });
});

async function service(source?: FileSource): Promise<FileService> {
  const from = source ?? new FileCache(await StaticFolder.open(folder));
  return new FileService({ source: from, onEvent: (event) => events.push(event) });
}

async function openTftp(source?: FileSource, at = host, limits = defaultTftpLimits): Promise<TftpFileServer> {
  const server = await TftpFileServer.open({ service: await service(source), host: at, port: 0, limits });
  closing.push(() => server.close());
  return server;
}

async function openHttp(source?: FileSource, limits = defaultHttpFileLimits): Promise<HttpFileServer> {
  const server = await HttpFileServer.open({ service: await service(source), host, port: 0, limits });
  closing.push(() => server.close());
  return server;
}

describe('a folder', () => {
  const ask = (name: string): FileRequest => ({ name, transport: 'tftp', remoteAddress: host });

  test('gives its files, with a version that changes with them', async () => {
    const source = await StaticFolder.open(folder);
    const first = await source.version(ask('Ringlist.xml'));
    expect(await source.find(ask('Ringlist.xml'))).toMatchObject({
      kind: 'found',
      file: { contentType: 'text/xml', version: first, sensitivity: 'none' },
    });
    await writeFile(join(folder, 'Ringlist.xml'), '<CiscoIPPhoneRingList></CiscoIPPhoneRingList>');
    expect(await source.version(ask('Ringlist.xml'))).not.toBe(first);
  });

  test.each<[string, (inside: string, outside: string) => Promise<unknown>, object]>([
    ['a link to a file outside', (at, out) => symlink(join(out, 'secret.txt'), join(at, 'x')), { cause: 'outside' }],
    ['a link to a folder outside', (at, out) => symlink(out, join(at, 'y')), { cause: 'outside' }],
    ['a link that leads in a circle', (at) => symlink('x', join(at, 'x')), { cause: 'outside' }],
    ['a dangling link', (at) => symlink('nowhere', join(at, 'x')), { kind: 'not-found' }],
    ['a folder', (at) => mkdir(join(at, 'x')), { cause: 'outside' }],
    ['nothing', async () => {}, { kind: 'not-found' }],
    ['a link within', (at) => symlink('Ringlist.xml', join(at, 'x')), { kind: 'found' }],
  ])('%s', async (what, make, answer) => {
    await make(folder, scratch);
    const source = await StaticFolder.open(folder);
    const name = what.includes('folder outside') ? 'y/secret.txt' : 'x';
    expect(await source.find(ask(name))).toMatchObject(answer);
    expect((await source.version(ask(name))) !== undefined).toBe('kind' in answer && answer.kind === 'found');
  });

  test.each(['../secret.txt', 'ring/../../secret.txt', '/etc/passwd', '..'])('%s is refused', async (name) => {
    expect(await (await StaticFolder.open(folder)).find(ask(name))).toMatchObject({ cause: 'bad-name' });
  });

  test('files of devices and trust lists are not taken from it, whoever put them there', async () => {
    const source = await StaticFolder.open(folder);
    for (const name of ['SEP0011223344FF.cnf.xml', 'CTLFile.tlv', 'ITLSEP0011223344FF.tlv']) {
      await writeFile(join(folder, name), 'password');
      expect(await source.find(ask(name))).toEqual({ kind: 'not-found' });
      expect(await source.version(ask(name))).toBeUndefined();
    }
  });

  test('what is larger than allowed is not read', async () => {
    const source = await StaticFolder.open(folder, 4_999);
    expect(await source.find(ask('ring/Old Phone.raw'))).toMatchObject({ cause: 'too-large' });
  });

  test('one that is not there, or is a file, says what to do', async () => {
    const error = expect.objectContaining({ code: 'provisioning.no-folder' });
    await expect(StaticFolder.open(join(scratch, 'none'))).rejects.toEqual(error);
    await expect(StaticFolder.open(join(scratch, 'secret.txt'))).rejects.toEqual(error);
  });
});

describe('TFTP', () => {
  test.each([host, '::1', '0.0.0.0', '::'])('serves on %s, and tells what it served', async (at) => {
    const server = await openTftp(undefined, at);
    const address = at === '0.0.0.0' ? host : at === '::' ? '::1' : at;
    const found = await fetchFileByTftp({ address, port: server.local.port, name: 'ring/Old Phone.raw' });
    expect(found).toEqual({ kind: 'found', content: new Uint8Array(5_000).fill(7) });
    const served = { kind: 'file-served', transport: 'tftp', remoteAddress: address, octets: 5_000 };
    await eventually('the event', () => events.length > 0);
    expect(events).toMatchObject([served]);
    await eventually('the end of the transfer', () => server.running === 0);
  });

  test('IPv4 through a socket of both families is IPv4 in events', async () => {
    const server = await openTftp(undefined, '::');
    await fetchFileByTftp({ address: host, port: server.local.port, name: 'nothing' });
    expect(events).toMatchObject([{ cause: 'not-found', remoteAddress: host }]);
  });

  test('a file that is not there, a bad name and writing are refused with their codes', async () => {
    const { port } = (await openTftp()).local;
    expect(await fetchFileByTftp({ address: host, port, name: 'nothing' })).toEqual({ kind: 'not-found' });
    expect(await fetchFileByTftp({ address: host, port, name: '../secret.txt' })).toMatchObject({ kind: 'refused' });
    const answer = await exchange(port, { kind: 'write-request', fileName: 'x', mode: 'octet', options: [] });
    expect(answer).toMatchObject({ packet: { kind: 'error', code: 2 } });
    expect(events).toMatchObject([{ cause: 'not-found' }, { cause: 'bad-name' }, { cause: 'write' }]);
  });

  test('netascii: lines end as the text form wants it on the way, and as they were at the end', async () => {
    await writeFile(join(folder, 'lines.txt'), 'a\nb\rc\n');
    const { port } = (await openTftp()).local;
    const request = { kind: 'read-request', fileName: 'lines.txt', options: [] } as const;
    const raw = await exchange(port, { ...request, mode: 'netascii' });
    expect(raw).toMatchObject({ packet: { data: Uint8Array.from(Buffer.from('a\r\nb\r\0c\r\n')) } });
    const read = await fetchFileByTftp({ address: host, port, name: 'lines.txt', mode: 'netascii' });
    expect(read).toEqual({ kind: 'found', content: Uint8Array.from(Buffer.from('a\nb\rc\n')) });
  });

  test('beyond its transfers it says so, and serves again when one is over', async () => {
    const server = await openTftp(undefined, host, { ...defaultTftpLimits, transfersPerAddress: 1, firstTimeout: 200 });
    const { port } = server.local;
    await exchange(port, { kind: 'read-request', fileName: 'Ringlist.xml', mode: 'octet', options: [] });
    expect(await fetchFileByTftp({ address: host, port, name: 'Ringlist.xml' })).toMatchObject({ kind: 'refused' });
    await eventually('the end of the transfer that nobody answers', () => server.running === 0);
    expect(await fetchFileByTftp({ address: host, port, name: 'Ringlist.xml' })).toMatchObject({ kind: 'found' });
    const kinds = events.map((event) => ('cause' in event ? event.cause : event.kind));
    expect(kinds.slice(0, 2)).toEqual(['overload', 'no-answer']);
  });

  test('closing it ends what runs', async () => {
    const server = await openTftp();
    const request = { kind: 'read-request', fileName: 'Ringlist.xml', mode: 'octet', options: [] } as const;
    await exchange(server.local.port, request);
    server.close();
    server.close();
    expect(server.running).toBe(0);
  });

  test('a port that is taken says so', async () => {
    const { port } = (await openTftp()).local;
    await expect(TftpFileServer.open({ service: await service(), host, port })).rejects.toEqual(
      expect.objectContaining({ code: 'provisioning.port-in-use' }),
    );
  });

  test('who gives up while nobody answers gets an answer at once', async () => {
    const silent = createSocket('udp4').bind(0, host);
    await once(silent, 'listening');
    closing.push(() => silent.close());
    const { port } = silent.address();
    const signal = AbortSignal.timeout(100);
    expect(await fetchFileByTftp({ address: host, port, name: 'x', signal })).toMatchObject({ kind: 'failed' });
  });
});

describe('HTTP', () => {
  const http = (port: number): FetchWay => ({ transport: 'http', port });

  test('serves what TFTP serves, with its type and length', async () => {
    const { port } = (await openHttp()).local;
    const response = await fetch(`http://${host}:${port}/Ringlist.xml`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/xml');
    expect(response.headers.get('etag')).toMatch(/^"[!#-~]+"$/);
    expect(await response.text()).toBe('<CiscoIPPhoneRingList/>');
    const fetched = await fetchFile({ host, name: 'ring/Old Phone.raw', order: [http(port)] });
    expect(fetched).toMatchObject({ answer: { kind: 'found', content: new Uint8Array(5_000).fill(7) } });
    await eventually('the events', () => events.length === 2);
    expect(events).toMatchObject([
      { kind: 'file-served', octets: 23 },
      { kind: 'file-served', octets: 5_000 },
    ]);
  });

  test.each([
    ['GET', '/nothing', 404],
    ['GET', '/../secret.txt', 400],
    ['GET', '/%2e%2e/secret.txt', 400],
    ['GET', '/..%2fsecret.txt', 400],
    ['GET', '/ring/..%5c..%5csecret.txt', 400],
    ['GET', '//etc/passwd', 400],
    ['GET', '/x%00', 400],
    ['GET', '/Ringlist.xml?x=1', 400],
    ['GET', 'http://other/Ringlist.xml', 400],
    ['HEAD', '/Ringlist.xml', 200],
    ['PUT', '/Ringlist.xml', 405],
    ['POST', '/Ringlist.xml', 405],
    ['DELETE', '/Ringlist.xml', 405],
    ['OPTIONS', '*', 405],
    ['TRACE', '/', 405],
  ])('%s %s is answered %i', async (method, target, status) => {
    const { port } = (await openHttp()).local;
    const answer = await raw(port, `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
    expect(answer).not.toContain('outside');
    expect(answer.split('\r\n\r\n')[1]).toBe('');
  });

  test('a source that refuses gives 403, one that fails gives 503, and neither says why', async () => {
    const answers: (() => Promise<FileAnswer>)[] = [
      async () => ({ kind: 'refused', cause: 'not-allowed', reason: 'the device was removed' }),
      async () => Promise.reject(new Error('disk')),
    ];
    const source: FileSource = { find: () => (answers.shift() ?? (async () => ({ kind: 'not-found' })))() };
    const { port } = (await openHttp(source)).local;
    const refused = await fetch(`http://${host}:${port}/x`);
    expect([refused.status, await refused.text()]).toEqual([403, '']);
    expect((await fetch(`http://${host}:${port}/x`)).status).toBe(503);
  });

  test('connections of one address are limited', async () => {
    const { port } = (await openHttp(undefined, { ...defaultHttpFileLimits, connectionsPerAddress: 1 })).local;
    const first = connect(port, host);
    await once(first, 'connect');
    first.write('GET /Ringlist.xml HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(first, 'data');
    const second = connect(port, host);
    second.on('error', () => {});
    await once(second, 'close');
    first.destroy();
    await eventually('a place for the next', async () => {
      const { answer } = await fetchFile({ host, name: 'Ringlist.xml', order: [http(port)] });
      return answer.kind === 'found';
    });
  });
});

describe('a phone that asks', () => {
  test('asks by HTTP first, and by TFTP where nobody listens for HTTP', async () => {
    const tftp = await openTftp();
    const web = await openHttp();
    const both: FetchWay[] = [
      { transport: 'http', port: web.local.port },
      { transport: 'tftp', port: tftp.local.port },
    ];
    const ask = () => fetchFile({ host: 'localhost', name: 'Ringlist.xml', order: both });
    expect(await ask()).toMatchObject({ answer: { kind: 'found' }, way: { transport: 'http' }, failures: [] });
    await web.close();
    expect(await ask()).toMatchObject({
      answer: { kind: 'found' },
      way: { transport: 'tftp' },
      failures: [{ way: { transport: 'http' }, reason: 'nothing listens there' }],
    });
  });

  test('takes "not found" for an answer', async () => {
    const web = await openHttp();
    const order: FetchWay[] = [
      { transport: 'http', port: web.local.port },
      { transport: 'tftp', port: 9 },
    ];
    const asked = await fetchFile({ host, name: 'CTLFile.tlv', order });
    expect(asked).toMatchObject({ answer: { kind: 'not-found' }, way: { transport: 'http' } });
  });

  test('takes no file that is too large', async () => {
    const web = await openHttp();
    const order: FetchWay[] = [{ transport: 'http', port: web.local.port }];
    const asked = await fetchFile({ host, name: 'ring/Old Phone.raw', order, fileSize: 4_999 });
    expect(asked.answer).toEqual({ kind: 'refused', reason: 'the file is larger than 4999 octets' });
  });
});

/** Sends one packet from a port of its own, and gives what comes back first. */
async function exchange(port: number, packet: TftpPacket): Promise<ReturnType<typeof decodeTftpPacket>> {
  const socket = createSocket('udp4').bind(0, host);
  await once(socket, 'listening');
  socket.send(encodeTftpPacket(packet), port, host);
  const [bytes] = (await once(socket, 'message')) as [Uint8Array];
  socket.close();
  return decodeTftpPacket(new Uint8Array(bytes));
}

async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, host);
  socket.write(request);
  let answer = '';
  for await (const piece of socket as AsyncIterable<Uint8Array>) answer += Buffer.from(piece).toString('latin1');
  return answer;
}
