import { type CapturedPacket, type CaptureSecrets, type PacketAtHand, secretsTypes } from '@trustline/capture';
import { FaxDatagrams } from './fax/fax-datagrams.ts';
import { factsOfStream } from './judgement/audited-facts.ts';
import type { ClaimedCall } from './judgement/claims.ts';
import { factsOfFax } from './judgement/fax-facts.ts';
import { judgeCalls } from './judgement/judge-calls.ts';
import { networkFindings } from './judgement/network-findings.ts';
import { givenMediaKeys } from './keys/given-media-keys.ts';
import { KeyMaterial } from './keys/key-material.ts';
import { MediaStreams, type MediaStreamsOptions } from './media/media-streams.ts';
import { endText } from './model/end-text.ts';
import { isOpen } from './model/exposure.ts';
import { Observations } from './model/observations.ts';
import {
  AUDIT_REPORT_SCHEMA,
  type AuditReport,
  type ReportCall,
  type ReportDisclosure,
  type Verdict,
  verdicts,
} from './model/report.ts';
import { Recogniser } from './recognise/recogniser.ts';
import { ProtocolTally } from './recognise/tally.ts';
import { DtlsDatagrams } from './secure-transport/dtls-datagrams.ts';
import { IpsecDatagrams } from './secure-transport/ipsec-datagrams.ts';
import { SecureConnectionBook } from './secure-transport/secure-connection-book.ts';
import { tlsConnections } from './secure-transport/tls-connections.ts';
import { turnConnections } from './secure-transport/turn-connections.ts';
import { TurnDatagrams } from './secure-transport/turn-datagrams.ts';
import { maskCardsWithin } from './signal/card-text.ts';
import { allSignalling } from './signalling/all.ts';
import { boundedText } from './signalling/bounded-text.ts';
import { SipBook } from './signalling/sip/book.ts';
import { Traffic } from './traffic/traffic.ts';

export interface AuditOptions {
  /** What the auditor gave to open what was captured. */
  readonly keys?: KeyMaterial;
  /** Opens SRTP; without it nothing is opened. */
  readonly crypto?: NonNullable<MediaStreamsOptions['crypto']>;
  /** Decodes Opus. */
  readonly opus?: NonNullable<MediaStreamsOptions['opus']>;
  /** Keeps what is heard, for a report that includes it. */
  readonly includesAudio?: boolean;
}

/** What is said of the report as a whole by who made it. */
export interface AuditReportOptions {
  /** ISO 8601. */
  readonly madeAt: string;
  readonly toolVersion: string;
  readonly captures: AuditReport['captures'];
  readonly isRevealed?: boolean;
  readonly claims?: readonly ClaimedCall[];
  /** Exports of records that do not verify, each in a sentence. */
  readonly recordsBroken?: readonly string[];
}

/** Of packets of media that wait for a key: a few minutes of a hundred calls, within what an audit may take in all. */
const HELD_OCTETS = 32 << 20;

/** Texts of the report that are not masked: they are no words of the capture. */
const notOfTheCapture: ReadonlySet<string> = new Set(['wav', 'captures', 'madeAt', 'tool']);

/** Takes a capture, packet by packet, and says of each call in it what an eavesdropper gets. Sans-IO. */
export class Audit {
  readonly #observations = new Observations();
  readonly #tally = new ProtocolTally();
  readonly #media: MediaStreams;
  readonly #recogniser: Recogniser;
  readonly #traffic: Traffic;
  readonly #dtls: DtlsDatagrams;
  readonly #fax: FaxDatagrams;
  readonly #ipsec: IpsecDatagrams;
  /** What lay open within ESP. */
  readonly #within: Traffic;
  readonly #secure = new SecureConnectionBook();
  readonly #keys: KeyMaterial;
  readonly #includesAudio: boolean;
  #cutPackets = 0;
  #hasEnded = false;

  constructor({ keys = new KeyMaterial(), crypto, opus, includesAudio = false }: AuditOptions = {}) {
    this.#keys = keys;
    this.#includesAudio = includesAudio;
    this.#media = new MediaStreams({
      observations: this.#observations,
      givenKeys: givenMediaKeys(keys),
      includeAudio: includesAudio,
      limits: { heldOctets: HELD_OCTETS },
      ...(crypto === undefined ? {} : { crypto }),
      ...(opus === undefined ? {} : { opus }),
    });
    this.#dtls = new DtlsDatagrams(this.#secure, keys, this.#media);
    this.#ipsec = new IpsecDatagrams((packet) => this.#within.handle(packet));
    const turn = new TurnDatagrams(this.#observations, (key, place) => this.#recogniser.openDatagrams(key, place));
    this.#fax = new FaxDatagrams(this.#observations);
    this.#recogniser = new Recogniser({
      observations: this.#observations,
      signalling: allSignalling,
      secureConnections: [tlsConnections(this.#secure, keys), turnConnections(turn)],
      secureDatagrams: [this.#dtls, turn, ...this.#ipsec.readers, this.#fax],
      media: this.#media,
      tally: this.#tally,
    });
    this.#traffic = new Traffic(this.#recogniser);
    this.#within = new Traffic(this.#recogniser);
  }

  handle(packet: CapturedPacket): void {
    if (packet.originalLength > packet.data.byteLength) this.#cutPackets++;
    this.#traffic.handle(packet);
  }

  /** The same of a packet that is valid during the call alone. */
  handleAtHand(packet: PacketAtHand): void {
    if (packet.originalLength > packet.to - packet.from) this.#cutPackets++;
    this.#traffic.handleAtHand(packet);
  }

  /** Takes keys that travel with the capture, as its author put them there: they count as given. */
  handleSecrets({ type, data }: CaptureSecrets): void {
    if (type === secretsTypes.tlsKeyLog) this.#keys.add(new TextDecoder().decode(data));
  }

  /** The capture is over: what still waits is read. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#traffic.end();
    this.#within.end();
    this.#recogniser.end();
  }

  /** What is known so far; while the capture goes on calls in it may get worse. */
  report(options: AuditReportOptions): AuditReport {
    const { madeAt, toolVersion, captures, isRevealed = false, claims = [], recordsBroken = [] } = options;
    const includesAudio = this.#includesAudio;
    const streams = [
      ...this.#media.streams().map((stream) => factsOfStream(stream, { isRevealed, includesAudio })),
      ...this.#fax.faxes().map(factsOfFax),
    ];
    const calls = judgeCalls(this.#observations.legs(), streams, {
      isRevealed,
      claims,
      dtls: this.#dtls.associations(),
      strayKeys: this.#observations.strayKeys.all(),
    });
    const secure = this.#secure.reports();
    const connections = [...secure, ...this.#ipsec.reports(secure.length + 1)];
    const disclosures = this.#observations.disclosures();
    const report: AuditReport = {
      schema: AUDIT_REPORT_SCHEMA,
      tool: { name: 'trustline', version: toolVersion },
      madeAt,
      verdict: worstOf(calls),
      counts: countsOf(calls),
      revealed: isRevealed,
      includesAudio,
      captures,
      packets: { ...this.#traffic.counts().packets },
      protocols: this.#tally.seen(),
      keysGiven: keysIn(this.#keys),
      calls,
      secureConnections: connections,
      disclosures: disclosures.map(
        (one): ReportDisclosure => ({
          kind: one.kind,
          protocol: one.protocol,
          subject: boundedText(one.subject) ?? '',
          detail: `${boundedText(one.detail) ?? ''}${isRevealed && one.secret !== undefined ? `: ${boundedText(one.secret) ?? ''}` : ''}`,
          from: endText(one.from),
          to: endText(one.to),
          packet: one.place.number,
          readableBy: isOpen(one.exposure) ? 'anyone' : 'given-key',
        }),
      ),
      findings: networkFindings({
        connections,
        disclosures,
        lostPackets: streams.reduce((sum, { report }) => sum + report.lost, 0),
        cutPackets: this.#cutPackets,
        recordsBroken,
      }),
      limits: this.#limits(),
    };
    return isRevealed ? report : maskCardsWithin(report, notOfTheCapture);
  }

  #limits(): readonly string[] {
    const { flowsGivenUp, fragmentsAbandoned, clockSetBack } = this.#traffic.counts();
    const { legsNotKept, disclosuresNotKept, strayKeys } = this.#observations;
    const { broken, withoutCallId, lostAlignments } = SipBook.of(this.#observations).losses();
    return [
      limit(flowsGivenUp, 'flow was', 'flows were', 'given up for want of room: the beginning alone was judged'),
      limit(clockSetBack, 'time', 'times', 'the clock of the capture was set back: it is counted on from there'),
      limit(fragmentsAbandoned, 'fragmented packet was', 'fragmented packets were', 'not whole'),
      limit(this.#secure.notKept, 'further secure connection was', 'further secure connections were', 'not kept'),
      limit(this.#ipsec.notKept, 'packet', 'packets', 'of further associations of IKE and ESP: not looked at'),
      limit(legsNotKept, 'message of further legs was', 'messages of further legs were', 'not kept'),
      limit(disclosuresNotKept, 'further disclosure was', 'further disclosures were', 'not kept'),
      limit(strayKeys.notKept, 'key', 'keys', 'of media in what no protocol explains: not kept'),
      limit(broken, 'message of SIP was', 'messages of SIP were', 'cut or damaged: what came of it was read'),
      limit(withoutCallId, 'message of SIP', 'messages of SIP', 'without a Call-ID: of no call'),
      limit(lostAlignments, 'place', 'places', 'in connections of SIP held no message: reading went on behind it'),
      ...this.#media.limitsReached(),
    ].filter((words) => words !== undefined);
  }
}

function keysIn({ keyLog, privateKeys, sdes }: KeyMaterial): number {
  return keyLog.size + privateKeys.length + sdes.length;
}

function limit(count: number, one: string, several: string, words: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : several} ${words}`;
}

function worstOf(calls: readonly ReportCall[]): Verdict | null {
  return verdicts.find((verdict) => calls.some((call) => call.verdict === verdict)) ?? null;
}

function countsOf(calls: readonly ReportCall[]): Readonly<Record<Verdict, number>> {
  const counts: Record<Verdict, number> = {
    heard: 0,
    'digits-heard': 0,
    'keys-exposed': 0,
    'metadata-only': 0,
    'cannot-tell': 0,
    protected: 0,
  };
  for (const { verdict } of calls) counts[verdict]++;
  return counts;
}
