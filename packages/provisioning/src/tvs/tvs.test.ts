import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { element } from '../elements/elements.ts';
import { type TvsAnswer, TvsClientSession, type TvsQuestion } from './client-session.ts';
import { type TvsDirectoryEntry, tvsDirectory } from './directory.ts';
import {
  decodeTvsMessage,
  encodeTvsMessage,
  readTvsElements,
  type TvsMessage,
  tvsCommand,
  tvsElement,
  tvsMessageStream,
} from './message.ts';
import { type TvsEvent, type TvsServerInput, TvsServerSession } from './server-session.ts';

const sample = readFileSync(
  new URL('../../vectors/enrolment/tvs-query-cert-cucm-10.5.txt', import.meta.url),
  'utf8',
).split('\n');

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const octets = (text: string) => new Uint8Array(Buffer.from(text.replace(/[^0-9a-f]/g, ''), 'hex'));
const lineAfter = (title: string) => octets(sample[sample.findIndex((line) => line.startsWith(title)) + 1] ?? '');

const device = 'CP-8861-SEPB000B4BA0AEE';
const subject = 'CN=ucm11pub.stormin.local;OU=IST;O=Stormin;L=Brisbane;ST=QLD;C=AU';
const issuer = 'CN=stormin-WIN2012-CA';
const serialNumber = octets('24000000179479b8f124ac3f3b000000000017');

/** The certificate's beginning is in the trace; the rest is made up to the length that the trace gives. */
const certificateHead = lineAfter('QUERY_CERT_RES').subarray(17);
const certificate = new Uint8Array(1451).fill(0xcc);
certificate.set(certificateHead);

const question: TvsQuestion = { kind: 'query', subject, issuer, serialNumber };
const directory: TvsDirectoryEntry[] = [
  { certificate, roles: [0, 3], timeToLive: 86_400, issuer, serialNumber: hex(serialNumber) },
];

describe('a query between an 8861 and a call manager 10.5', () => {
  test('our phone asks it octet by octet, as far as the trace shows, and at its full length', () => {
    const client = new TvsClientSession(0, { device, sessionId: 0x3e9, question });
    const output = client.poll();
    if (output?.kind !== 'transmit') throw new Error('nothing was asked');
    const traced = lineAfter('QUERY_CERT_REQ');
    expect(traced).toHaveLength(50);
    expect(hex(output.bytes.subarray(0, traced.length))).toBe(hex(traced));
    expect(output.bytes).toHaveLength(153);
  });

  test('our server answers it with the same octets but for the pad, which nobody reads', () => {
    const { sent } = serve([ask(question, 0x3e9)]);
    const [answer] = sent;
    if (answer === undefined) throw new Error('nothing was answered');
    const bytes = encodeTvsMessage({ ...answer, pad: 0xf7 });
    const traced = lineAfter('QUERY_CERT_RES');
    expect(hex(bytes.subarray(0, traced.length))).toBe(hex(traced));
    expect(bytes).toHaveLength(1480);
    expect(hex(bytes.subarray(-12))).toBe('0800020003090004' + '00015180');
    expect(answer.pad).toBe(0);
  });

  test('its beginning, cut short by the trace, is a message that has not ended', () => {
    const stream = tvsMessageStream();
    expect(stream.push(lineAfter('QUERY_CERT_REQ'))).toEqual([]);
    expect(stream.partial).toBe(true);
  });
});

function decoded(bytes: Uint8Array): TvsMessage {
  const result = decodeTvsMessage(bytes);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

function ask(asked: TvsQuestion, sessionId = 1): TvsServerInput {
  const output = new TvsClientSession(0, { device, sessionId, question: asked }).poll();
  if (output?.kind !== 'transmit') throw new Error('nothing was asked');
  return { kind: 'message', message: decoded(output.bytes) };
}

function serve(inputs: readonly TvsServerInput[]) {
  const server = new TvsServerSession({ lookup: tvsDirectory(() => directory) });
  const sent: TvsMessage[] = [];
  const events: TvsEvent[] = [];
  let closed = false;
  for (const input of [{ kind: 'opened' } as const, ...inputs]) {
    server.handle(0, input);
    for (let output = server.poll(); output !== undefined; output = server.poll()) {
      if (output.kind === 'transmit') sent.push(decoded(output.bytes));
      if (output.kind === 'event') events.push(output.event);
      if (output.kind === 'close') closed = true;
    }
  }
  return { sent, events, closed, server };
}

function answerTo(asked: TvsQuestion): TvsAnswer | undefined {
  const client = new TvsClientSession(0, { device, sessionId: 7, question: asked });
  const output = client.poll();
  if (output?.kind !== 'transmit') throw new Error('nothing was asked');
  const { sent } = serve([{ kind: 'message', message: decoded(output.bytes) }]);
  for (const message of sent) client.handle(0, { kind: 'message', message });
  const finished = client.poll();
  return finished?.kind === 'finished' ? finished.answer : undefined;
}

describe('client and server', () => {
  test('verify a certificate that the cluster vouches for, with its roles', () => {
    const answer = { outcome: 'valid', certificate, roles: [0, 3], timeToLive: 86_400 };
    expect(answerTo({ kind: 'verify', certificate })).toEqual(answer);
    expect(answerTo(question)).toEqual(answer);
  });

  test('do not vouch for another: a flipped octet, a serial number, an issuer', () => {
    const invalid = { outcome: 'invalid', timeToLive: 60 };
    expect(answerTo({ kind: 'verify', certificate: certificate.with(700, 0) })).toEqual(invalid);
    expect(answerTo({ ...question, serialNumber: serialNumber.with(0, 0x25) })).toEqual(invalid);
    expect(answerTo({ ...question, issuer: 'CN=stormin-WIN2012-CA2' })).toEqual(invalid);
  });

  test('find an issuer whether its parts are divided by semicolons or commas, and a serial number with leading zeros', () => {
    directory.push({
      certificate: Uint8Array.of(1),
      roles: [3],
      timeToLive: 1,
      issuer: 'CN=A, O=B, Inc',
      serialNumber: '0abc',
    });
    const asked = {
      kind: 'query',
      subject: 'CN=x',
      issuer: 'CN=A;O=B, Inc',
      serialNumber: octets('00000abc'),
    } as const;
    expect(answerTo(asked)).toMatchObject({ outcome: 'valid', roles: [3] });
    directory.pop();
  });

  test('say what was asked and what came of it', () => {
    expect(serve([ask(question), ask({ kind: 'verify', certificate: Uint8Array.of(1) })]).events).toEqual([
      { kind: 'vouched', device, cause: `it asked about the certificate of ${subject}` },
      { kind: 'not-vouched', device, cause: 'it asked about a certificate it showed' },
    ]);
  });
});

describe('the server closes on', () => {
  const message = (command: number, elements: TvsMessage['elements'] = []): TvsServerInput => ({
    kind: 'message',
    message: { command, pad: 0, sessionId: 1, elements },
  });
  const many = Array.from({ length: 33 }, () => ask(question));
  const rows: readonly [string, readonly TvsServerInput[], RegExp][] = [
    ['an answer', [message(tvsCommand.VERIFY_RES)], /command 2, which is no question/],
    ['a verification of nothing', [message(tvsCommand.VERIFY_REQ)], /showed none/],
    [
      'an element that occurs twice',
      [message(tvsCommand.VERIFY_REQ, [element(tvsElement.subject, 'a'), element(tvsElement.subject, 'b')])],
      /occurs twice/,
    ],
    ['a subject that is no UTF-8', [message(3, [{ tag: 3, value: octets('ff00') }])], /wrong form/],
    [
      'what cannot be read',
      [{ kind: 'rejected', reject: { ok: false, code: 'x', message: 'y', offset: 0 } }],
      /cannot be read: y/,
    ],
    ['too many questions', many, /more than 32/],
  ];
  test.each(rows)('%s', (_title, inputs, cause) => {
    const { events, closed } = serve(inputs);
    expect(closed).toBe(true);
    expect(events.at(-1)).toMatchObject({ kind: 'session-failed', cause: expect.stringMatching(cause) });
  });

  test('silence: told when nothing was asked, and not when it was', () => {
    const silent = serve([]);
    silent.server.handle(30_000, { kind: 'timeout' });
    expect(silent.server.poll()).toMatchObject({ kind: 'event' });
    const served = serve([ask(question)]);
    served.server.handle(30_000, { kind: 'timeout' });
    expect(served.server.poll()).toEqual({ kind: 'close' });
  });
});

describe('the phone believes no answer', () => {
  const answer = (change: Partial<TvsMessage>): TvsMessage => ({
    command: tvsCommand.QUERY_CERT_RES,
    pad: 0xf7,
    sessionId: 7,
    elements: [element(tvsElement.status, 0), element(tvsElement.certificate, certificate)],
    ...change,
  });
  const rows: readonly [string, TvsMessage][] = [
    ['of another session', answer({ sessionId: 8 })],
    ['to another question', answer({ command: tvsCommand.VERIFY_RES })],
    ['without a status', answer({ elements: [element(tvsElement.certificate, certificate)] })],
    ['without a certificate', answer({ elements: [element(tvsElement.status, 0)] })],
    ['with two', answer({ elements: [...answer({}).elements, element(tvsElement.certificate, certificate)] })],
  ];
  test.each(rows)('%s', (_title, message) => {
    const client = new TvsClientSession(0, { device, sessionId: 7, question });
    client.poll();
    client.handle(0, { kind: 'message', message });
    expect(client.poll()).toMatchObject({ kind: 'finished', answer: { outcome: 'failed' } });
  });

  test('that does not come', () => {
    const client = new TvsClientSession(0, { device, sessionId: 7, question });
    client.poll();
    client.handle(10_000, { kind: 'timeout' });
    expect(client.poll()).toMatchObject({ kind: 'finished', answer: { outcome: 'failed' } });
  });
});

describe('what is no TVS', () => {
  const rows: readonly [string, string, string, number][] = [
    ['nothing', '', 'tvs.truncated', 0],
    ['CAPF', '5501c0ffee010004', 'tvs.not-tvs', 0],
    ['another version', '570201000000000100000000', 'tvs.unknown-version', 1],
    ['half a head', '570103', 'tvs.truncated', 3],
    ['a length past the end', '57010300000003e90001', 'tvs.wrong-length', 8],
    ['an element longer than its message', '57010300000003e90004 01000201', 'tvs.truncated-element', 10],
  ];
  test.each(rows)('%s', (_title, text, code, offset) => {
    expect(decodeTvsMessage(octets(text))).toMatchObject({ ok: false, code, offset });
  });

  test('a truncation of a real question at any octet, and a stream of more than a message may hold', () => {
    const { kind, ...input } = ask(question);
    if (kind !== 'message' || !('message' in input)) throw new Error('no message');
    const bytes = encodeTvsMessage(input.message);
    for (let end = 0; end < bytes.length; end += 1) expect(decodeTvsMessage(bytes.subarray(0, end)).ok).toBe(false);
    expect(tvsMessageStream().push(octets('57010300000003e9ffff'))).toMatchObject([
      { code: 'tvs.too-long', offset: 8 },
    ]);
  });
});

test('any message, its unknown elements too, is read as it was written', () => {
  const message = fc.record({
    command: fc.nat(255),
    pad: fc.nat(255),
    sessionId: fc.nat(0xffffffff),
    elements: fc.array(fc.record({ tag: fc.nat(255), value: fc.uint8Array({ maxLength: 60 }) }), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(message, (value) => {
      expect(decodeTvsMessage(encodeTvsMessage(value))).toEqual({ ok: true, value });
    }),
  );
});

test('any distinguished name is read as it was written', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(name, (value) => {
      const message = { command: 3, pad: 0, sessionId: 1, elements: [element(tvsElement.issuer, value)] };
      expect(readTvsElements(message, { issuer: tvsElement.issuer })).toEqual({ ok: true, value: { issuer: value } });
    }),
  );
});
