import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cseq } from './cseq.ts';
import { parameterValue } from './grammar.ts';
import { headerValue, headerValues } from './headers.ts';
import { contacts, fromAddress, toAddress } from './name-addr.ts';
import { headerSeconds, maxForwards } from './numbers.ts';
import { parseDatagram } from './parse.ts';
import { createResponse } from './response.ts';
import { serializeMessage } from './serialize.ts';
import { StreamParser } from './stream.ts';
import { headerTokens } from './tokens.ts';
import type { SipMessage } from './types.ts';
import { parseUri, unescapeUri } from './uri.ts';
import { validateMessage } from './validate.ts';
import { viaBranch, vias } from './via.ts';

const folder = new URL('../../vectors/rfc4475/', import.meta.url);

function vector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.dat`, folder)));
}

interface Outcome {
  /** 'accepted', or the code of the refusal. */
  readonly outcome: string;
  /** The status that answers a refusal; absent where it is dropped in silence. */
  readonly answer?: number;
  readonly reason: string;
}

/** RFC 4475's own section stands in front of each reason. */
const TABLE: Readonly<Record<string, Outcome>> = {
  wsinv: { outcome: 'accepted', reason: '3.1.1.1: white space and folding wherever the grammar allows it' },
  intmeth: { outcome: 'accepted', reason: '3.1.1.2: every character a method, user or display name may have' },
  esc01: { outcome: 'accepted', reason: '3.1.1.3: escapes in URIs are kept, not interpreted' },
  escnull: { outcome: 'accepted', reason: '3.1.1.4: %00 is an ordinary escape' },
  esc02: { outcome: 'accepted', reason: '3.1.1.5: % outside of URIs is a token character' },
  lwsdisp: { outcome: 'accepted', reason: '3.1.1.6: no white space before the bracket' },
  longreq: { outcome: 'accepted', reason: '3.1.1.7: long values inside the limits' },
  dblreq: { outcome: 'accepted', reason: '3.1.1.8: octets after the body of a datagram are dropped' },
  semiuri: { outcome: 'accepted', reason: '3.1.1.9: a semicolon in the user part belongs to the user' },
  transports: { outcome: 'accepted', reason: '3.1.1.10: transports we do not know' },
  mpart01: { outcome: 'accepted', reason: '3.1.1.11: a binary body is only carried' },
  unreason: { outcome: 'accepted', reason: '3.1.1.12: a reason phrase in UTF-8' },
  noreason: { outcome: 'accepted', reason: '3.1.1.13: an empty reason phrase' },
  badinv01: { outcome: 'sip.bad-header', reason: '3.1.2.1: Via ;;,;,, is malformed, so no answer could find its way' },
  clerr: { outcome: 'sip.truncated', answer: 400, reason: '3.1.2.2: Content-Length larger than the datagram' },
  ncl: { outcome: 'sip.bad-content-length', answer: 400, reason: '3.1.2.3: negative Content-Length' },
  scalar02: { outcome: 'sip.bad-cseq', answer: 400, reason: '3.1.2.4: CSeq above 2^31 - 1' },
  scalarlg: { outcome: 'sip.bad-cseq', reason: '3.1.2.5: the same in a response, which is dropped' },
  quotbal: { outcome: 'sip.bad-header', answer: 400, reason: '3.1.2.6: a quote that never closes' },
  ltgtruri: { outcome: 'sip.bad-start-line', answer: 400, reason: '3.1.2.7: brackets around the Request-URI' },
  lwsruri: { outcome: 'sip.bad-start-line', answer: 400, reason: '3.1.2.8: white space inside the Request-URI' },
  lwsstart: { outcome: 'sip.bad-start-line', answer: 400, reason: '3.1.2.9: more than one space in the request line' },
  trws: { outcome: 'sip.bad-start-line', answer: 400, reason: '3.1.2.10: spaces after the version' },
  escruri: { outcome: 'sip.bad-uri', answer: 400, reason: '3.1.2.11: headers in the Request-URI' },
  baddate: { outcome: 'accepted', reason: '3.1.2.12: Date decides nothing here and is only carried' },
  regbadct: { outcome: 'sip.bad-header', answer: 400, reason: '3.1.2.13: Contact with ? outside of brackets' },
  badaspec: { outcome: 'sip.bad-header', answer: 400, reason: '3.1.2.14: spaces within an addr-spec' },
  baddn: {
    outcome: 'sip.truncated',
    answer: 400,
    reason: '3.1.2.15: no empty line in the archived file; the bare comma in From alone: below',
  },
  badvers: { outcome: 'sip.bad-version', answer: 505, reason: '3.1.2.16: SIP/7.0' },
  mismatch01: { outcome: 'sip.cseq-method-mismatch', answer: 400, reason: '3.1.2.17: CSeq names another method' },
  mismatch02: { outcome: 'sip.cseq-method-mismatch', answer: 400, reason: '3.1.2.18: the same with an unknown method' },
  bigcode: { outcome: 'sip.bad-start-line', reason: '3.1.2.19: a status of ten digits; a response is dropped' },
  badbranch: {
    outcome: 'accepted',
    reason: '3.2.1: a branch of the cookie alone; the transaction layer treats it as RFC 2543',
  },
  insuf: { outcome: 'sip.missing-header', reason: '3.3.1: no Call-ID, From or To, so nothing to answer with' },
  unkscm: { outcome: 'sip.unsupported-uri-scheme', answer: 416, reason: '3.3.2: an unknown scheme in the Request-URI' },
  novelsc: { outcome: 'sip.unsupported-uri-scheme', answer: 416, reason: '3.3.3: a known scheme that is not SIP' },
  unksm2: {
    outcome: 'accepted',
    reason: '3.3.4: unknown schemes in To, From and Contact are the registrar’s to judge',
  },
  bext01: { outcome: 'accepted', reason: '3.3.5: Require is the user agent’s to judge (420)' },
  invut: { outcome: 'accepted', reason: '3.3.6: the type of the body is the user agent’s to judge (415)' },
  regaut01: { outcome: 'accepted', reason: '3.3.7: an unknown scheme of authentication' },
  multi01: {
    outcome: 'sip.duplicate-header',
    answer: 400,
    reason: '3.3.8: From, To, Call-ID, CSeq and Max-Forwards twice',
  },
  mcl01: { outcome: 'sip.bad-content-length', answer: 400, reason: '3.3.9: two lengths that differ' },
  bcast: { outcome: 'accepted', reason: '3.3.10: the Via beneath is the transaction layer’s to find foreign' },
  zeromf: { outcome: 'accepted', reason: '3.3.11: Max-Forwards 0 is good for the last hop' },
  cparam01: { outcome: 'accepted', reason: '3.3.12: without brackets it is a parameter of the header' },
  cparam02: { outcome: 'accepted', reason: '3.3.13: inside brackets it is a parameter of the URI' },
  regescrt: { outcome: 'accepted', reason: '3.3.14: an escaped Route in a Contact, kept as it is' },
  sdp01: { outcome: 'accepted', reason: '3.3.15: Accept is the user agent’s to judge (406)' },
  inv2543: { outcome: 'accepted', reason: '3.4.1: RFC 2543, without branch, Max-Forwards and Content-Length' },
  test: {
    outcome: 'sip.bad-start-line',
    reason: 'not in the RFC: no version, no Via, a line without colon',
  },
};

/** As a server judges a datagram: read it, then every header that decides. */
function judge(bytes: Uint8Array): { outcome: string; answer?: number } {
  const result = parseDatagram(bytes);
  const refused = result.ok ? validateMessage(result.message) : result;
  if (refused === undefined) return { outcome: 'accepted' };
  const { error, respondable } = refused;
  return respondable === undefined ? { outcome: error.code } : { outcome: error.code, answer: respondable.status };
}

function accepted(name: string): SipMessage {
  const result = parseDatagram(vector(name));
  if (!result.ok) throw result.error;
  return result.message;
}

describe('RFC 4475', () => {
  test('every file of the archive has its row', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.dat'));
    expect(files.map((name) => name.slice(0, -4)).sort()).toEqual(Object.keys(TABLE).sort());
  });

  test.each(Object.entries(TABLE))('%s', (name, { outcome, answer }) => {
    expect(judge(vector(name))).toEqual(answer === undefined ? { outcome } : { outcome, answer });
  });

  test.each(Object.keys(TABLE).filter((name) => TABLE[name]?.outcome === 'accepted'))(
    '%s survives a round trip',
    (name) => {
      const message = accepted(name);
      const again = parseDatagram(serializeMessage(message));
      const withoutLength = (headers: SipMessage['headers']) =>
        headers.filter((header) => header.name !== 'Content-Length');
      if (!again.ok) throw again.error;
      expect(withoutLength(again.message.headers)).toEqual(withoutLength(message.headers));
      expect({ ...again.message, headers: [] }).toEqual({ ...message, headers: [] });
    },
  );

  test.each(Object.entries(TABLE).filter(([, row]) => row.answer !== undefined))(
    '%s gets an answer that can be read',
    (name) => {
      const result = parseDatagram(vector(name));
      const refused = result.ok ? validateMessage(result.message) : result;
      const { request, status, reason } = refused?.respondable ?? expect.fail('not respondable');
      const answer = parseDatagram(serializeMessage(createResponse(request, status, { reason, toTag: 'refused' })));
      // A mismatch or an oversized CSeq goes back as it came: that is what the sender must find again.
      if (answer.ok) expect(answer.message).toMatchObject({ kind: 'response', status });
      else expect(['sip.bad-cseq']).toContain(answer.error.code);
    },
  );

  test('wsinv is read to the last parameter (§3.1.1.1)', () => {
    const message = accepted('wsinv');
    expect(vias(message)?.map(({ transport, host }) => `${transport} ${host}`)).toEqual([
      'UDP 192.0.2.2',
      'TCP spindle.example.com',
      'UDP 192.168.255.111',
    ]);
    expect(vias(message)?.map(viaBranch)).toEqual(['390skdjuw', 'z9hG4bK9ikj8', 'z9hG4bK30239']);
    expect(fromAddress(message)).toMatchObject({ displayName: 'J Rosenberg \\"', uri: 'sip:jdrosen@example.com' });
    expect(parameterValue(toAddress(message)?.parameters ?? [], 'tag')).toBe('1918181833n');
    expect(cseq(message)).toEqual({ sequence: 9, method: 'INVITE' });
    expect(maxForwards(message)).toBe(68);
    expect(headerValue(message, 'NewFangledHeader')).toBe('newfangled value continued newfangled value');
    expect(headerValue(message, 'UnknownHeaderWithUnusualValue')).toBe(';;,,;;,;');
    const list = contacts(message);
    expect(list === 'all' ? undefined : list?.[0]).toMatchObject({
      displayName: 'Quoted string ""',
      parameters: [
        { name: 'newparam', value: 'newvalue' },
        { name: 'secondparam', value: undefined },
        { name: 'q', value: '0.33' },
      ],
    });
  });

  test('intmeth keeps quoted control characters and UTF-8 (§3.1.1.2)', () => {
    const message = accepted('intmeth');
    expect(toAddress(message)?.displayName).toBe('BEL:\x07 NUL:\x00 DEL:\x7f');
    expect(parameterValue(fromAddress(message)?.parameters ?? [], "fromParam''~+*_!.-%")).toBe('работающий');
    expect(headerValue(message, "extensionHeader-!.%*+_`'~")).toBe('\ufeff大停電');
  });

  test('esc01 unescapes to what was meant, and only when asked (§3.1.1.3)', () => {
    const message = accepted('esc01');
    const uri = parseUri(message.kind === 'request' ? message.uri : '');
    expect(uri).toMatchObject({ user: 'sips%3Auser%40example.com', host: 'example.net' });
    expect(unescapeUri('sips%3Auser%40example.com')).toBe('sips:user@example.com');
  });

  test('semiuri: the user part holds the semicolon (§3.1.1.9)', () => {
    const message = accepted('semiuri');
    expect(parseUri(message.kind === 'request' ? message.uri : '')).toMatchObject({
      user: 'user;par=u%40example.net',
      parameters: [],
    });
  });

  test('cparam01 and cparam02 give the parameter to header and URI (§3.3.12, §3.3.13)', () => {
    expect(contacts(accepted('cparam01'))).toMatchObject([{ parameters: [{ name: 'unknownparam' }] }]);
    expect(contacts(accepted('cparam02'))).toMatchObject([
      { uri: 'sip:+19725552222@gw1.example.net;unknownparam', parameters: [] },
    ]);
  });

  test('bext01 names what it requires (§3.3.5)', () => {
    expect(headerTokens(accepted('bext01'), 'Require')).toEqual(['nothingSupportsThis', 'nothingSupportsThisEither']);
  });

  test('esc02 has two Contacts and a header that only looks like one (§3.1.1.5)', () => {
    expect(headerValues(accepted('esc02'), 'Contact')).toHaveLength(2);
    expect(headerValue(accepted('esc02'), 'C%6Fntact')).toBe('<sip:alias2@host2.example.com>');
  });

  test('a comma in a display name without quotes is refused (§3.1.2.15)', () => {
    const text = new TextDecoder().decode(vector('baddn'));
    expect(judge(new TextEncoder().encode(`${text}\r\n`))).toEqual({ outcome: 'sip.bad-header', answer: 400 });
  });

  test('an Expires beyond 2^32 - 1 becomes that (§3.1.2.4)', () => {
    const text = new TextDecoder().decode(vector('scalar02')).replace('36893488147419103232', '36');
    const result = parseDatagram(new TextEncoder().encode(text));
    expect(result.ok && headerSeconds(result.message)).toBe(2 ** 32 - 1);
  });

  test('on a stream dblreq is two requests, and inv2543 ends it for want of a length (§3.1.1.8, §3.4.1)', () => {
    const twice = new StreamParser().push(vector('dblreq')).map(({ kind }) => kind);
    expect(twice).toEqual(['message', 'message', 'error']); // the archive's second length leaves two octets over
    const [event] = new StreamParser().push(vector('inv2543'));
    expect(event).toMatchObject({ kind: 'error', failure: { error: { code: 'sip.missing-content-length' } } });
  });
});
