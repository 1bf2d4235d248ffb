/** SIPp scenarios, composed of the few messages that ours need. `[line]` calls `[number]`. */
import { randomBytes } from 'node:crypto';

/** What an end describes of its audio. */
export interface Described {
  /** RFC 3264 §8.4; `sendrecv` is not written. */
  readonly direction?: 'sendonly' | 'recvonly' | 'inactive';
  /** Of the audio; one of SIPp's by default. */
  readonly port?: number;
  /** Of the audio; SIPp's by default. */
  readonly address?: string;
  /** Payload types with their `rtpmap`; PCMA by default. */
  readonly formats?: Readonly<Record<number, string>>;
  /** SRTP with this key and salt (RFC 4568 §6.1), of {@link newKey}. */
  readonly key?: string;
}

/** A key and salt for AES_CM_128_HMAC_SHA1_80 as `inline:` has them, new to all, and another key in each of nine calls at most. */
export function newKey(): string {
  return `[call_number]${randomBytes(30).toString('base64').slice(1)}`;
}

function description(described: boolean | Described | undefined): readonly string[] {
  if (described === undefined || described === false) return [];
  const of = described === true ? {} : described;
  const { direction, port = '[auto_media_port]', address = '[media_ip]', formats = { 8: 'PCMA/8000' }, key } = of;
  return [
    'v=0',
    'o=- 1 1 IN IP[media_ip_type] [media_ip]',
    's=-',
    `c=IN IP[media_ip_type] ${address}`,
    't=0 0',
    `m=audio ${port} RTP/${key === undefined ? 'AVP' : 'SAVP'} ${Object.keys(formats).join(' ')}`,
    ...Object.entries(formats).map(([payloadType, map]) => `a=rtpmap:${payloadType} ${map}`),
    ...(key === undefined ? [] : [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`]),
    ...(direction === undefined ? [] : [`a=${direction}`]),
  ];
}

/** Puts steps together to one scenario. */
export function scenario(...steps: readonly string[]): string {
  return `<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="ours">\n${steps.join('\n')}\n</scenario>\n`;
}

interface RequestOptions {
  readonly cseq: number;
  /** Answers the challenge that came last. */
  readonly authenticated?: boolean;
  readonly described?: boolean | Described;
  /** A body of plain text. */
  readonly text?: string;
  /** Of that body, in place of plain text. */
  readonly type?: string;
  /** Where it goes, in place of the number at the manager: who is called does not know that address. */
  readonly uri?: string;
  /** Lines in place of the usual Via or To. */
  readonly via?: string;
  readonly to?: string;
  readonly from?: string;
  /** Further header lines. */
  readonly headers?: readonly string[];
  /** Milliseconds until it is sent again while unanswered. */
  readonly repeat?: number;
}

const newVia = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport';
const toNumber = 'To: <sip:[number]@[remote_ip]>';
const fromLine = 'From: <sip:[line]@[local_ip]>;tag=[pid]from[call_number]';

/** A request of the caller. */
export function request(method: string, options: RequestOptions): string {
  const { cseq, authenticated = false, described = false, via = newVia, to = toNumber, from = fromLine } = options;
  const {
    text,
    headers = [],
    uri = `sip:${method === 'REGISTER' ? '' : '[number]@'}[remote_ip]:[remote_port]`,
  } = options;
  const head = [
    `${method} ${uri} SIP/2.0`,
    via,
    'Max-Forwards: 70',
    from,
    to,
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:[line]@[local_ip]:[local_port];transport=[transport]>',
    ...headers,
    ...(authenticated ? ['[authentication]'] : []),
    ...(described === false ? [] : ['Content-Type: application/sdp']),
    ...(text === undefined ? [] : [`Content-Type: ${options.type ?? 'text/plain'}`]),
    'Content-Length: [len]',
    '',
  ];
  return send([...head, ...description(described), ...(text === undefined ? [] : [text])], options.repeat);
}

/** Of the response that came last: the same transaction, the far end's tag. */
export const ofLast = { via: '[last_Via:]', to: '[last_To:]' } as const;
/** Within the dialog that the last response made. */
export const inDialog = { to: '[last_To:]' } as const;

interface ResponseOptions {
  readonly described?: boolean | Described;
  /** Lines in place of those of what came last. */
  readonly cseq?: string;
  readonly via?: string;
  readonly from?: string;
  readonly to?: string;
  readonly contact?: string;
  /** Adds a To tag. */
  readonly tagged?: boolean;
  readonly repeat?: number;
  /** Further header lines. */
  readonly headers?: readonly string[];
}

/** A response of the called to what came last. */
export function respond(status: string, options: ResponseOptions = {}): string {
  const { described = false, cseq = '[last_CSeq:]', via = '[last_Via:]', tagged = true, headers = [] } = options;
  const head = [
    `SIP/2.0 ${status}`,
    via,
    options.from ?? '[last_From:]',
    options.to ?? (tagged ? '[last_To:];tag=[pid]to[call_number]' : '[last_To:]'),
    '[last_Call-ID:]',
    cseq,
    options.contact ?? 'Contact: <sip:[local_ip]:[local_port];transport=[transport]>',
    ...headers,
    ...(described === false ? [] : ['Content-Type: application/sdp']),
    'Content-Length: [len]',
    '',
  ];
  return send([...head, ...description(described)], options.repeat);
}

export function expectResponse(status: number, { challenge = false, optional = false } = {}): string {
  const attributes = `${challenge ? ' auth="true"' : ''}${optional ? ' optional="true"' : ''}`;
  return `<recv response="${status}"${attributes}/>`;
}

/** Waits for the 200 and keeps its To, for a request that {@link ofKept} sends after others have come. */
export const expectAcceptanceAndKeepTo =
  '<recv response="200"><action><ereg regexp=".*" search_in="hdr" header="To:" assign_to="1"/></action></recv>';
/** Within the dialog whose To was kept. */
export const ofKept = { to: 'To:[$1]' } as const;

/** Keeps what a header of the message that is waited for says, for `[$name]` later on. */
export function keeping(expectation: string, headers: Readonly<Record<string, string>>): string {
  const actions = Object.entries(headers).map(
    ([name, header]) => `<ereg regexp=".*" search_in="hdr" header="${header}:" assign_to="${name}"/>`,
  );
  return expectation.replace('/>', `><action>${actions.join('')}</action></recv>`);
}

export function expectRequest(method: string, { optional = false } = {}): string {
  return `<recv request="${method}"${optional ? ' optional="true"' : ''}/>`;
}

/** Waits for an INVITE and keeps who sent it and to whom, for a request of the called in the same dialog: {@link ofCalled}. */
export const expectInviteAndKeepEnds = [
  '<recv request="INVITE"><action>',
  '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="2"/>',
  '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="3"/>',
  '</action></recv>',
  '<Reference variables="2,3"/>', // a scenario that only waits uses neither, which SIPp takes for a mistake
].join('');
/** From the called, in the dialog that its responses have made. */
export const ofCalled = { from: 'From:[$3];tag=[pid]to[call_number]', to: 'To:[$2]' } as const;

export function pause(milliseconds: number): string {
  return `<pause milliseconds="${milliseconds}"/>`;
}

/** An INVITE that is challenged and sent again; what it comes to follows. The CSeq is 2 then. */
export function invite({
  repeat = 500,
  headers = [] as readonly string[],
  described = true as boolean | Described,
} = {}): string {
  return [
    request('INVITE', { cseq: 1, described, headers, repeat }),
    expectResponse(100, { optional: true }),
    expectResponse(401, { challenge: true }),
    request('ACK', { cseq: 1, ...ofLast }),
    request('INVITE', { cseq: 2, described, authenticated: true, headers, repeat }),
    expectResponse(100, { optional: true }),
  ].join('\n');
}

/** Registers `[line]`, which is `[number]` here, at this address. */
export const register = scenario(
  request('REGISTER', { cseq: 1, repeat: 500 }),
  expectResponse(401, { challenge: true }),
  request('REGISTER', { cseq: 2, authenticated: true, repeat: 500 }),
  expectResponse(200),
);

function ringingAndAnswering(headers: readonly string[]): string {
  return scenario(
    expectRequest('INVITE'),
    respond('180 Ringing', { headers }),
    respond('200 OK', { described: true, repeat: 500, headers }),
    expectRequest('ACK'),
    expectRequest('BYE'),
    respond('200 OK', { tagged: false }),
  );
}

/** Rings and answers; the caller hangs up. */
export const answering = ringingAndAnswering([]);
/** The same where a proxy has recorded its route (RFC 3261 §12.1.1). */
export const answeringBehindProxy = ringingAndAnswering(['[last_Record-Route:]']);

/** Waits for the 200 and keeps the route that proxies have recorded, for {@link routed}. */
export const expectAcceptanceAndRoutes = '<recv response="200" rrs="true"/>';
/** Within the dialog, by that route. */
export const routed = { uri: '[next_url]', headers: ['[routes]'] } as const;

/**
 * The same with that many per cent of its messages lost on the way, of those that somebody sends again: what SIPp itself
 * repeats, and what it waits for. Two are not lost, for SIPp ends the call when the next message overtakes them: a
 * challenge (a 100 comes between the two) and an ACK (the BYE comes before the next).
 */
export function withLoss(text: string, percent: number): string {
  return text.replace(/<send(?= retrans=)|<recv(?! [^>]*(auth=|"ACK"))/g, (start) => `${start} lost="${percent}"`);
}

export function refusing(status: string, options: ResponseOptions = {}): string {
  return scenario(expectRequest('INVITE'), respond(status, { repeat: 500, ...options }), expectRequest('ACK'));
}

/** A SUBSCRIBE that is challenged and answered, with a To of one that was kept where it is within a dialog. */
export function subscribe(
  event: string,
  {
    cseq = 1,
    expires = 300,
    within = {},
    expected = expectResponse(200),
  }: { cseq?: number; expires?: number; within?: { readonly to?: string }; expected?: string } = {},
): string {
  const headers = [`Event: ${event}`, `Expires: ${expires}`];
  return [
    request('SUBSCRIBE', { cseq, headers, repeat: 500, ...within }),
    expectResponse(401, { challenge: true }),
    request('SUBSCRIBE', { cseq: cseq + 1, headers, authenticated: true, repeat: 500, ...within }),
    expected,
  ].join('\n');
}

/** A MESSAGE of plain text that is challenged and answered. */
export function message(text: string, expected: string): string {
  return [
    request('MESSAGE', { cseq: 1, text, repeat: 500 }),
    expectResponse(401, { challenge: true }),
    request('MESSAGE', { cseq: 2, text, authenticated: true, repeat: 500 }),
    expected,
  ].join('\n');
}

/** Takes NOTIFY requests until one says what matches. `name` tells this from the others in a scenario. */
export function notifyUntil(name: string, expression: string): string {
  const action = `<action><ereg regexp="${expression}" search_in="msg" assign_to="${name}"/></action>`;
  const accept = respond('200 OK', { tagged: false });
  return [
    `<label id="${name}"/>`,
    `<recv request="NOTIFY" next="${name}-done" test="${name}">${action}</recv>`,
    accept.replace('<send', `<send next="${name}"`),
    `<label id="${name}-done"/>`,
    accept,
  ].join('\n');
}

function send(lines: readonly string[], repeat: number | undefined): string {
  const attributes = repeat === undefined ? '' : ` retrans="${repeat}"`;
  return `<send${attributes}><![CDATA[\n\n${lines.join('\n')}\n\n]]></send>`;
}

/** Is offered something else within the call, and takes it. */
export const takesNewOffer = [
  expectRequest('INVITE'),
  respond('200 OK', { described: true, tagged: false, repeat: 500 }),
  expectRequest('ACK'),
];

export const isHungUp = [expectRequest('BYE'), respond('200 OK', { tagged: false })];
