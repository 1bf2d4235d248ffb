import { describe, expect, test } from 'vitest';
import { FileCache } from './file-cache.ts';
import { type FileClient, type FileEvent, FileService } from './file-service.ts';
import {
  CombinedFileSource,
  type FileAnswer,
  type FileRequest,
  type FileSensitivity,
  type FileSource,
  type VersionedFileSource,
} from './file-source.ts';

const client: FileClient = { transport: 'tftp', remoteAddress: '192.0.2.7', remotePort: 2_070 };
const request: FileRequest = { name: 'a.xml', transport: 'tftp', remoteAddress: '192.0.2.7' };

function found(sensitivity: FileSensitivity = 'none', size = 4, version = '1'): FileAnswer {
  const content = new Uint8Array(size);
  return { kind: 'found', file: { content, contentType: 'text/xml', version, sensitivity } };
}

function serviceOf(find: FileSource['find'], fileSize = 1_000) {
  const events: FileEvent[] = [];
  return { service: new FileService({ source: { find }, onEvent: (event) => events.push(event), fileSize }), events };
}

describe('what may leave', () => {
  const plain = 'SEP0011223344FF.cnf.xml';
  test.each<[string, FileSensitivity, FileClient['transport'], 'found' | 'refused']>([
    [plain, 'none', 'tftp', 'found'],
    [plain, 'secret', 'tftp', 'refused'],
    [plain, 'secret', 'http', 'refused'],
    [plain, 'secret', 'https', 'refused'],
    [`${plain}.sgn`, 'secret', 'tftp', 'refused'],
    [`${plain}.sgn`, 'secret', 'https', 'refused'],
    [`${plain}.enc.sgn`, 'encrypted', 'tftp', 'found'],
    [`${plain}.enc.sgn`, 'secret', 'tftp', 'refused'],
    [`${plain}.enc.sgn`, 'none', 'tftp', 'refused'],
    [plain, 'encrypted', 'tftp', 'refused'],
    ['Ringlist.xml', 'none', 'http', 'found'],
    ['Ringlist.xml', 'secret', 'http', 'refused'],
  ])('%s that gives away "%s" by %s is %s', async (name, sensitivity, transport, kind) => {
    const { service, events } = serviceOf(async () => found(sensitivity));
    expect(await service.find({ ...client, transport }, name)).toMatchObject({ kind });
    expect(events.map((event) => 'cause' in event && event.cause)).toEqual(kind === 'found' ? [] : ['not-encrypted']);
  });

  test('a bad name reaches no source, and is shown without control characters', async () => {
    const { service, events } = serviceOf(() => {
      throw new Error('asked');
    });
    expect(await service.find(client, '../x\u001b[2J')).toEqual({ kind: 'refused', cause: 'bad-name' });
    expect(events).toMatchObject([{ kind: 'file-refused', cause: 'bad-name', name: '../x?[2J', remotePort: 2_070 }]);
  });

  test('what is too large, not there, not allowed, or fails has a cause, and no error crosses', async () => {
    const answers: FileAnswer[] = [
      found('none', 1_001),
      { kind: 'not-found' },
      { kind: 'refused', cause: 'not-allowed', reason: 'the device is not known' },
    ];
    const { service, events } = serviceOf(async () => answers.shift() ?? Promise.reject(new Error('PIN 1234')));
    expect(await service.find(client, 'a')).toEqual({ kind: 'refused', cause: 'too-large' });
    expect(await service.find(client, 'a')).toEqual({ kind: 'not-found' });
    expect(await service.find(client, 'a')).toEqual({ kind: 'refused', cause: 'not-allowed' });
    expect(await service.find(client, 'a')).toEqual({ kind: 'refused', cause: 'failed' });
    expect(events.map((event) => 'cause' in event && event.cause)).toEqual([
      'too-large',
      'not-found',
      'not-allowed',
      'failed',
    ]);
    expect(JSON.stringify(events)).not.toContain('1234');
  });
});

test('sources are asked in their order, and the first that knows the file decides, also by a refusal', async () => {
  const nothing: FileSource = { find: async () => ({ kind: 'not-found' }) };
  const no: FileSource = { find: async () => ({ kind: 'refused', cause: 'not-allowed', reason: '' }) };
  const yes: FileSource = { find: async () => found() };
  expect(await new CombinedFileSource([nothing, yes, no]).find(request)).toMatchObject({ kind: 'found' });
  expect(await new CombinedFileSource([nothing, no, yes]).find(request)).toMatchObject({ kind: 'refused' });
  expect(await new CombinedFileSource([nothing]).find(request)).toEqual({ kind: 'not-found' });
});

/** A source whose versions a test decides, and which counts how often it makes a file. */
class Workshop implements VersionedFileSource {
  made = 0;
  current: string | undefined = '1';
  size = 4;
  gate: Promise<void> = Promise.resolve();

  async version(): Promise<string | undefined> {
    return this.current;
  }

  async find(): Promise<FileAnswer> {
    this.made += 1;
    const version = this.current ?? 'unversioned';
    await this.gate;
    return found('none', this.size, version);
  }
}

describe('the cache', () => {
  test('makes a file once for each version, and once for all who ask meanwhile', async () => {
    const workshop = new Workshop();
    const cache = new FileCache(workshop);
    await Promise.all(Array.from({ length: 50 }, () => cache.find(request)));
    expect(await cache.find(request)).toMatchObject({ file: { version: '1' } });
    expect(workshop.made).toBe(1);
    workshop.current = '2';
    expect(await cache.find(request)).toMatchObject({ file: { version: '2' } });
    expect(workshop.made).toBe(2);
    expect(cache.size.files).toBe(1);
  });

  test('keeps the forms of transports apart, and nothing that has no version', async () => {
    const workshop = new Workshop();
    const cache = new FileCache(workshop);
    await cache.find(request);
    await cache.find({ ...request, transport: 'https' });
    expect(workshop.made).toBe(2);
    workshop.current = undefined;
    await cache.find(request);
    await cache.find(request);
    expect(workshop.made).toBe(4);
  });

  test('forgets what it is told to, and does not keep what was begun before', async () => {
    const workshop = new Workshop();
    const cache = new FileCache(workshop);
    await cache.find(request);
    await cache.find({ ...request, transport: 'https' });
    await cache.find({ ...request, name: 'other' });
    cache.invalidate('a.xml');
    expect(cache.size).toEqual({ octets: 4, files: 1 });
    let release = (): void => {};
    workshop.gate = new Promise((resolve) => {
      release = resolve;
    });
    const old = cache.find(request);
    await Promise.resolve();
    await Promise.resolve();
    cache.invalidate();
    release();
    await old;
    expect(cache.size).toEqual({ octets: 0, files: 0 });
  });

  test('stays within its octets and files; the longest unused goes first, and what is too large is not kept', async () => {
    const workshop = new Workshop();
    const cache = new FileCache(workshop, { octets: 100, files: 3 });
    const ask = (name: string) => cache.find({ ...request, name });
    workshop.size = 20;
    await ask('a');
    await ask('b');
    await ask('c');
    await ask('a');
    await ask('d'); // b goes
    expect(workshop.made).toBe(4);
    await ask('a');
    expect(workshop.made).toBe(4);
    await ask('b');
    expect(workshop.made).toBe(5);
    expect(cache.size).toEqual({ octets: 60, files: 3 });
    workshop.size = 26;
    await ask('large');
    expect(cache.size).toEqual({ octets: 60, files: 3 });
  });

  test('a failure is not kept', async () => {
    let calls = 0;
    const source: VersionedFileSource = {
      version: async () => '1',
      find: async () => {
        calls += 1;
        if (calls === 1) throw new Error('no');
        return found();
      },
    };
    const cache = new FileCache(source);
    await expect(cache.find(request)).rejects.toThrow('no');
    expect(await cache.find(request)).toMatchObject({ kind: 'found' });
  });
});
