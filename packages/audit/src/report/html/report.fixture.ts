import { encodeMuLaw } from '@trustline/rtp';
import {
  AUDIT_REPORT_SCHEMA,
  type AuditReport,
  type Finding,
  type ReportCall,
  type ReportEnd,
  type ReportMessage,
  type ReportStream,
  type Verdict,
  verdicts,
} from '../../model/report.ts';
import { noise, speechLike } from '../../signal/signals.fixture.ts';

const RATE = 8000;
const day = '2026-03-04';

function end(name: string | null, number: string | null, ...addresses: readonly string[]): ReportEnd {
  return { name, number, uri: number === null ? null : `sip:${number}@10.20.0.5`, device: null, addresses };
}

const aliceEnd = end('Front desk', '2001', '10.20.1.21:5060', '10.20.1.21:16384');
const bankEnd = end('Payment hotline', '0800 555 0199', '10.20.0.5:5060', '10.20.9.2:20000');
const unknownEnd: ReportEnd = { number: null, name: null, uri: null, device: null, addresses: [] };

/** What a report holds of a voice: mu-law in a WAV file, and the peaks of 400 stretches. */
export function heardAudio(seed: number, seconds: number, withWav: boolean): NonNullable<ReportStream['audio']> {
  const samples = speechLike(seed, seconds * RATE).map((sample) => Math.max(-32_768, Math.min(32_767, 4 * sample)));
  return {
    sampleRate: RATE,
    seconds,
    audibleSeconds: Math.round(seconds * 7) / 10,
    levelDecibels: -21.4,
    peaks: peaksOf(samples),
    wav: withWav ? wavOf(samples) : null,
  };
}

function peaksOf(samples: Int16Array): number[] {
  const stretch = Math.max(1, Math.floor(samples.length / 400));
  return Array.from({ length: Math.min(400, samples.length) }, (_, at) => {
    const part = samples.subarray(at * stretch, (at + 1) * stretch);
    return Math.min(255, Math.round(part.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 128));
  });
}

/** 8 kHz mono mu-law (RIFF WAVE format 7). */
export function wavOf(samples: Int16Array): string {
  const data = new Uint8Array(samples.length);
  encodeMuLaw(samples, data);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(7, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]).toString('base64');
}

const noisePeaks = peaksOf(noise(7, 40_000));

export function aStream(changes: Partial<ReportStream> = {}): ReportStream {
  return {
    number: 1,
    source: '10.20.1.21:16384',
    destination: '10.20.9.2:20000',
    ssrc: '0x1f3a9c02',
    payloadTypes: [0, 101],
    codec: 'PCMU',
    firstPacket: 21,
    lastPacket: 1890,
    start: `${day}T10:15:04.310Z`,
    durationSeconds: 37.4,
    packets: 1870,
    lost: 3,
    repeated: 0,
    late: 1,
    octets: 321_640,
    jitterMilliseconds: { mean: 0.42, most: 3.1 },
    state: 'clear',
    because: 'Its payload decodes as G.711 speech exactly as it was captured.',
    clearPackets: 1870,
    openedPackets: 0,
    closedPackets: 0,
    key: null,
    audio: null,
    noisePeaks: null,
    digits: [],
    ...changes,
  };
}

const encryptedStream = {
  state: 'encrypted',
  because: 'Every packet has the framing of SRTP with a tag of 10 octets, and no key of it was found.',
  clearPackets: 0,
  closedPackets: 1870,
  noisePeaks,
} as const;

export function aMessage(packet: number, from: number, to: number, name: string, changes: Partial<ReportMessage> = {}) {
  const second = String(packet % 60).padStart(2, '0');
  return {
    packet,
    time: `${day}T10:15:${second}.120Z`,
    from,
    to,
    protocol: 'sip',
    name,
    detail: null,
    carriesKey: false,
    readableBy: 'anyone',
    ...changes,
  } as const satisfies ReportMessage;
}

export function aCall(changes: Partial<ReportCall> = {}): ReportCall {
  return {
    number: 1,
    verdict: 'protected',
    because: 'Its signalling is within TLS and all of its audio is SRTP.',
    fix: null,
    caller: aliceEnd,
    called: end('Ward 3', '2003', '10.20.1.23:5061'),
    start: `${day}T10:15:01.120Z`,
    answered: `${day}T10:15:04.120Z`,
    end: `${day}T10:15:41.700Z`,
    durationSeconds: 40.6,
    legs: [
      {
        protocol: 'sip',
        identity: '6f1a0c77@10.20.1.21',
        transport: 'udp',
        signalling: 'clear',
        firstPacket: 1,
        lastPacket: 1902,
        endReason: null,
      },
    ],
    streams: [],
    digits: [],
    heardSeconds: 0,
    findings: [],
    hosts: [],
    messages: [],
    messagesNotShown: 0,
    keyPath: [],
    claimed: null,
    ...changes,
  };
}

const clearAudio: Finding = {
  code: 'clear-audio',
  harm: 'critical',
  title: 'The audio crosses the network in the clear',
  detail: 'RTP without SRTP in both directions; 37 s of speech were decoded.',
  evidence: [
    { packets: [21, 22, 23, 24], says: 'The first packets of the caller, G.711 mu-law.' },
    { packets: [30, 31, 32], says: 'The first packets of the called.' },
  ],
  rules: ['PCI DSS 4.0 §4.2.1', 'RFC 3711 §9.5'],
  fix: 'Require SRTP on the trunk to 10.20.0.5, with its signalling in TLS.',
};

const clearKey: Finding = {
  code: 'sdes-key-in-clear',
  harm: 'critical',
  title: 'The key of the audio is sent in the clear',
  detail: 'a=crypto stands in SDP that crosses the network as UDP: whoever sees it opens the SRTP that follows.',
  evidence: [{ packets: [2104, 2110], says: 'INVITE and 200 OK with a=crypto.' }],
  rules: ['RFC 4568 §7', 'PCI DSS 4.0 §4.2.1'],
  fix: 'Move the phones from SIP over UDP to SIP over TLS.',
};

const cardDigits: Finding = {
  code: 'card-number-in-digits',
  harm: 'critical',
  title: 'A card number was keyed in where it can be read',
  detail: 'Sixteen digits that pass the check of Luhn, sent as telephone-events in clear RTP.',
  evidence: [{ packets: [410, 455, 501], says: 'The first of the telephone-events.' }],
  rules: ['PCI DSS 4.0 §4.2.1', 'PCI DSS 4.0 §3.3.1'],
  fix: 'Require SRTP on the trunk to 10.20.0.5, with its signalling in TLS.',
};

const hosts = ['10.20.1.21:5060', '10.20.0.5:5060', '10.20.9.2:5060'];
const clearHello = [
  aMessage(1, 0, 1, 'INVITE', { detail: 'PCMU, telephone-event, RTP/AVP' }),
  aMessage(2, 1, 0, '100 Trying'),
  aMessage(4, 1, 2, 'INVITE', { detail: 'PCMU, RTP/AVP' }),
  aMessage(9, 2, 1, '180 Ringing'),
  aMessage(10, 1, 0, '180 Ringing'),
  aMessage(15, 2, 1, '200 OK', { detail: 'PCMU, RTP/AVP' }),
  aMessage(16, 1, 0, '200 OK', { detail: 'PCMU, RTP/AVP' }),
  aMessage(18, 0, 1, 'ACK'),
  aMessage(1900, 0, 1, 'BYE', { time: `${day}T10:15:41.700Z` }),
  aMessage(1902, 1, 0, '200 OK', { time: `${day}T10:15:41.702Z` }),
];

function heardCalls(includesAudio: boolean): ReportCall[] {
  const paymentDigits = {
    digits: '••••••••••••••42',
    count: 16,
    how: 'rfc4733',
    looksLikeCard: true,
    packets: [410, 455, 501, 540, 582],
  } as const;
  const payment = aCall({
    number: 1,
    verdict: 'heard',
    because: 'Both directions are RTP in the clear: 58 s of speech and a card number were recovered.',
    fix: 'Require SRTP on the trunk to 10.20.0.5, with its signalling in TLS.',
    called: bankEnd,
    heardSeconds: 58.2,
    hosts,
    messages: clearHello,
    streams: [
      aStream({ audio: heardAudio(1, 4, includesAudio), digits: [paymentDigits] }),
      aStream({
        number: 2,
        source: '10.20.9.2:20000',
        destination: '10.20.1.21:16384',
        ssrc: '0x7b11d4e0',
        firstPacket: 30,
        audio: heardAudio(2, 3, includesAudio),
      }),
    ],
    findings: [clearAudio, cardDigits],
  });
  const sdes = { suite: 'AES_CM_128_HMAC_SHA1_80', source: 'sdes', packet: 2104, exposed: true } as const;
  const opened = { state: 'opened', clearPackets: 0, openedPackets: 900 } as const;
  const withKey = aCall({
    number: 2,
    verdict: 'heard',
    because: 'The audio is SRTP, but its key stands in the SIP messages, which anybody can read.',
    fix: 'Move the phones from SIP over UDP to SIP over TLS.',
    called: end('Doctor Weiß', '2014', '10.20.1.44:5060', '10.20.1.44:16500'),
    start: `${day}T10:17:20.000Z`,
    heardSeconds: 21.5,
    durationSeconds: 24,
    hosts: ['10.20.1.21:5060', '10.20.0.5:5060', '10.20.1.44:5060'],
    messages: [
      aMessage(2104, 0, 1, 'INVITE', { detail: 'RTP/SAVP, a=crypto', carriesKey: true }),
      aMessage(2105, 1, 0, '100 Trying'),
      aMessage(2106, 1, 2, 'INVITE', { detail: 'RTP/SAVP, a=crypto', carriesKey: true }),
      aMessage(2108, 2, 1, '180 Ringing'),
      aMessage(2109, 2, 1, '200 OK', { detail: 'RTP/SAVP, a=crypto', carriesKey: true }),
      aMessage(2110, 1, 0, '200 OK', { detail: 'RTP/SAVP, a=crypto', carriesKey: true }),
      aMessage(2112, 0, 1, 'ACK'),
      aMessage(4000, 1, 0, 'BYE'),
    ],
    keyPath: [
      { packet: 2104, streams: [3] },
      { packet: 2110, streams: [4] },
    ],
    streams: [
      aStream({
        number: 3,
        destination: '10.20.1.44:16500',
        ssrc: '0x00c0ffee',
        firstPacket: 2120,
        lastPacket: 3990,
        because: 'SRTP that the key in packet 2104 opens: every tag is right.',
        key: sdes,
        audio: heardAudio(3, 3, includesAudio),
        ...opened,
      }),
      aStream({
        number: 4,
        source: '10.20.1.44:16500',
        destination: '10.20.1.21:16384',
        ssrc: '0x0badcafe',
        firstPacket: 2122,
        lastPacket: 3991,
        because: 'SRTP that the key in packet 2110 opens: every tag is right.',
        key: { ...sdes, packet: 2110 },
        audio: heardAudio(4, 3, includesAudio),
        ...opened,
      }),
    ],
    findings: [clearKey],
    claimed: { call: '01JNF2', level: 'encrypted', holds: false, protection: null },
  });
  const fax = aCall({
    number: 3,
    verdict: 'heard',
    because: 'Media with no signalling in the capture, in the clear: 12 s of speech were recovered.',
    fix: 'Require SRTP on the trunk to 10.20.0.5, with its signalling in TLS.',
    caller: { ...unknownEnd, addresses: ['10.20.7.3:30000'] },
    called: { ...unknownEnd, addresses: ['10.20.9.2:20010'] },
    start: `${day}T10:19:00.000Z`,
    legs: [],
    heardSeconds: 12,
    durationSeconds: 15.2,
    streams: [
      aStream({
        number: 5,
        source: '10.20.7.3:30000',
        destination: '10.20.9.2:20010',
        ssrc: '0x51515151',
        firstPacket: 5001,
        lastPacket: 5760,
        audio: heardAudio(5, 3, false),
      }),
    ],
    findings: [clearAudio],
  });
  return [payment, withKey, fax];
}

function otherCalls(): ReportCall[] {
  const pin = aCall({
    number: 4,
    verdict: 'digits-heard',
    because: 'The audio is SRTP without a key in the open, but the digits were sent as SIP INFO in the clear.',
    fix: 'Send digits as telephone-events within SRTP (RFC 4733), not as SIP INFO.',
    called: end('Voicemail', '*97', '10.20.0.5:5060'),
    start: `${day}T10:21:10.000Z`,
    hosts: ['10.20.1.21:5060', '10.20.0.5:5060'],
    messages: [aMessage(6001, 0, 1, 'INVITE'), aMessage(6003, 1, 0, '200 OK'), aMessage(6200, 0, 1, 'INFO')],
    digits: [{ digits: '••17', count: 4, how: 'sip-info', looksLikeCard: false, packets: [6200, 6210, 6221, 6230] }],
    streams: [aStream({ number: 6, destination: '10.20.0.5:18000', firstPacket: 6010, ...encryptedStream })],
    findings: [
      {
        code: 'digits-in-signalling',
        harm: 'high',
        title: 'Digits are sent beside the audio, in the clear',
        detail: 'Four digits in SIP INFO over UDP.',
        evidence: [{ packets: [6200, 6210, 6221, 6230], says: 'INFO with application/dtmf-relay.' }],
        rules: ['PCI DSS 4.0 §4.2.1'],
        fix: 'Send digits as telephone-events within SRTP (RFC 4733), not as SIP INFO.',
      },
    ],
  });
  const skinny = aCall({
    number: 5,
    verdict: 'keys-exposed',
    because: 'Its key stands in Skinny messages in the clear; the audio itself is not in the capture.',
    fix: 'Give the phones the encrypted security profile.',
    caller: { ...end('Reception', '3001', '10.20.2.9:2000'), device: 'SEP0011223344AA' },
    called: end(null, '3002', '10.20.2.10:2000'),
    start: `${day}T10:24:00.000Z`,
    legs: [{ ...aCall().legs[0], protocol: 'skinny', identity: 'call reference 16777217', transport: 'tcp' }] as never,
    hosts: ['10.20.2.9:49211', '10.20.0.6:2000'],
    messages: [
      aMessage(7001, 0, 1, 'OffHook', { protocol: 'skinny' }),
      aMessage(7010, 1, 0, 'OpenReceiveChannel', { protocol: 'skinny', detail: 'AES-128', carriesKey: true }),
      aMessage(7014, 1, 0, 'StartMediaTransmission', { protocol: 'skinny', detail: 'AES-128', carriesKey: true }),
    ],
    keyPath: [{ packet: 7014, streams: [] }],
    findings: [
      {
        ...clearKey,
        code: 'skinny-key-in-clear',
        title: 'Skinny carries the key of the audio in the clear',
        detail: 'OpenReceiveChannel and StartMediaTransmission hold the key, and cross the network as TCP.',
        evidence: [{ packets: [7010, 7014], says: 'The key of either direction.' }],
        rules: ['PCI DSS 4.0 §4.2.1'],
        fix: 'Give the phones the encrypted security profile.',
      },
    ],
  });
  const browser = aCall({
    number: 6,
    verdict: 'metadata-only',
    because: 'The audio is DTLS-SRTP, but the SIP messages tell everybody who called whom.',
    fix: 'Move the phones from SIP over UDP to SIP over TLS.',
    caller: end('مها', '2050', '10.20.3.7:5060'),
    start: `${day}T10:26:00.000Z`,
    hosts: ['10.20.3.7:5060', '10.20.0.5:5060'],
    messages: [aMessage(8001, 0, 1, 'INVITE', { detail: 'UDP/TLS/RTP/SAVPF' }), aMessage(8004, 1, 0, '200 OK')],
    streams: [aStream({ number: 7, firstPacket: 8010, ...encryptedStream, codec: 'opus' })],
  });
  const unknown = aCall({
    number: 7,
    verdict: 'cannot-tell',
    because: 'Its signalling is within TLS, and no media of it is in the capture.',
    fix: 'Capture where the media passes as well, or give the key log of the TLS connection.',
    start: null,
    answered: null,
    end: null,
    durationSeconds: 0,
  });
  const gateway = aCall({
    number: 8,
    legs: [{ ...aCall().legs[0], protocol: 'h323', identity: '9f3a…', signalling: 'given-key' }] as never,
    streams: [aStream({ number: 8, firstPacket: 9001, ...encryptedStream, codec: 'G722', noisePeaks: null })],
    claimed: { call: '01JNF8', level: 'encrypted', holds: true, protection: null },
  });
  return [pin, skinny, browser, unknown, gateway, ...[9, 10, 11, 12].map((number) => aCall({ number }))];
}

function countsOf(calls: readonly ReportCall[]): Record<Verdict, number> {
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  for (const { verdict } of calls) counts[verdict] += 1;
  return counts;
}

/** A report of these calls and of nothing else. */
export function reportOf(calls: readonly ReportCall[], changes: Partial<AuditReport> = {}): AuditReport {
  const counts = countsOf(calls);
  return {
    schema: AUDIT_REPORT_SCHEMA,
    tool: { name: 'trustline', version: '0.1.0' },
    madeAt: `${day}T11:00:00.000Z`,
    verdict: verdicts.find((verdict) => counts[verdict] > 0) ?? null,
    counts,
    revealed: false,
    includesAudio: false,
    captures: [],
    packets: {},
    protocols: [],
    keysGiven: 0,
    calls,
    secureConnections: [],
    disclosures: [],
    findings: [],
    limits: [],
    ...changes,
  };
}

/** An office with everything in it: every verdict, several protocols, and, where asked for, audio. */
export function officeReport(includesAudio: boolean): AuditReport {
  return reportOf([...heardCalls(includesAudio), ...otherCalls()], {
    includesAudio,
    captures: [
      {
        name: 'core-switch-span.pcapng',
        format: 'pcapng',
        packets: 48_211,
        octets: 12_904_331,
        first: `${day}T10:14:58.000Z`,
        last: `${day}T10:44:12.000Z`,
        ended: 'truncated',
        note: 'the last packet is cut off',
      },
    ],
    packets: { total: 48_211, rtp: 41_020, 'not understood': 12 },
    protocols: [
      { name: 'SIP', packets: 612, connections: 9 },
      { name: 'RTP', packets: 41_020, connections: 14 },
      { name: 'TLS', packets: 902, connections: 3 },
      { name: 'Skinny', packets: 88, connections: 2 },
    ],
    keysGiven: 1,
    secureConnections: [
      {
        number: 1,
        protocol: 'tls',
        client: '10.20.1.23:50122',
        server: '10.20.0.5:5061',
        version: 'TLS 1.3',
        suite: 'TLS_AES_256_GCM_SHA384',
        forwardSecrecy: true,
        mutual: true,
        serverName: 'pbx.example.net',
        certificates: [],
        weaknesses: [],
        opened: 'no',
        carries: null,
        firstPacket: 120,
        lastPacket: 4810,
        octets: 91_120,
      },
      {
        number: 2,
        protocol: 'tls',
        client: '10.20.1.30:50777',
        server: '10.20.0.7:5061',
        version: 'TLS 1.0',
        suite: 'TLS_RSA_WITH_AES_128_CBC_SHA',
        forwardSecrecy: false,
        mutual: false,
        serverName: null,
        certificates: [
          {
            subject: 'CN=old-gateway.example.net',
            issuer: 'CN=Example Issuing CA 1',
            notBefore: '2019-01-01T00:00:00Z',
            notAfter: '2024-01-01T00:00:00Z',
            key: 'RSA 1024',
          },
        ],
        weaknesses: ['TLS 1.0 is withdrawn (RFC 8996)', 'No forward secrecy', 'The certificate expired on 2024-01-01'],
        opened: 'given-key',
        carries: 'sip',
        firstPacket: 300,
        lastPacket: 9120,
        octets: 20_412,
      },
    ],
    disclosures: [
      {
        kind: 'clear-password',
        protocol: 'http',
        subject: 'provisioning',
        detail: 'Basic authentication of a phone that fetches its configuration.',
        from: '10.20.1.21:40110',
        to: '10.20.0.9:80',
        packet: 77,
        readableBy: 'anyone',
      },
      {
        kind: 'crackable-digest',
        protocol: 'sip',
        subject: '2001@pbx.example.net',
        detail: 'MD5 digest of a REGISTER: the password can be guessed offline.',
        from: '10.20.1.21:5060',
        to: '10.20.0.5:5060',
        packet: 12,
        readableBy: 'anyone',
      },
    ],
    findings: [
      {
        code: 'weak-tls',
        harm: 'medium',
        title: 'A gateway still speaks TLS 1.0',
        detail: '10.20.0.7 agreed on TLS 1.0 without forward secrecy.',
        evidence: [{ packets: [302, 303], says: 'ServerHello and certificate.' }],
        rules: ['RFC 8996', 'NIST SP 800-52r2 §3.1'],
        fix: 'Allow TLS 1.2 and later alone on 10.20.0.7, and renew its certificate.',
      },
    ],
    policy: {
      name: 'office.yaml',
      exitStatus: 2,
      fails: [{ call: 1, because: 'verdict heard' }],
      undecided: [],
      ignored: [{ call: 6, reason: 'The browsers go by DTLS until the summer.' }],
      ignoredFindings: [{ call: 1, finding: 'signalling-in-clear', reason: 'The trunk has no TLS.' }],
      idleExceptions: [{ exception: 'number 4711', reason: 'A test call.', until: '2026-10-31', state: 'expired' }],
    },
    limits: ['2 flows of RTP began before the capture did: their first codec is not known.'],
  });
}

/** As many calls as asked for, of all verdicts, with a ladder and a stream each. */
export function manyCalls(count: number): AuditReport {
  const calls = Array.from({ length: count }, (_, index): ReportCall => {
    const verdict = verdicts[Math.floor((index * verdicts.length) / count)] as Verdict;
    const number = index + 1;
    const minute = String(index % 60).padStart(2, '0');
    const hour = String(Math.floor(index / 60) % 24).padStart(2, '0');
    return aCall({
      number,
      verdict,
      because: `Reason of the verdict of call ${number}.`,
      fix: verdict === 'protected' ? null : 'Require SRTP on the trunk to 10.20.0.5, with its signalling in TLS.',
      called: end(`Extension ${number}`, String(50_000 + number), '10.20.9.2:5060'),
      start: `${day}T${hour}:${minute}:00.000Z`,
      heardSeconds: verdict === 'heard' ? 5 : 0,
      hosts,
      messages: clearHello,
      streams: [aStream({ number, ...encryptedStream, noisePeaks: null })],
    });
  });
  return reportOf(calls);
}
