import { CaptureFile } from '@trustline/capture/node';
import type { SdesSuiteName } from '@trustline/keying';
import { version } from '@trustline/manager';
import { speechLike } from '@trustline/phone';
import { auditCapture } from './auditor.ts';
import { type Conversation, converse, type Stations } from './conversation.ts';
import { type DemoFolder, makeDemoFolder } from './folder.ts';
import { type Lab, startLab } from './lab.ts';
import { legProof } from './legs.ts';
import type { Measurement } from './measurement.ts';
import {
  type DemoProtocol,
  type End,
  eachEnd,
  ends,
  type Guest,
  guestPlans,
  MAXIMUM_LAG_SECONDS,
  otherEnd,
  phonePlans,
  type Sabotage,
  SPEECH_SECONDS,
} from './plan.ts';
import { keepRecords } from './records.ts';
import { type PlayedScene, playScenes, tapScenes } from './scenes.ts';
import { makeScratch } from './scratch.ts';
import { Station } from './station.ts';
import { compare, hear, likeness, readPackets, type TappedDirection } from './tap.ts';

export interface DemoOptions {
  readonly protocol: DemoProtocol;
  readonly mode: 'encrypted' | 'clear';
  /** The one crypto suite to use; undefined for those that phones prefer. */
  readonly suite: SdesSuiteName | undefined;
  readonly sabotage: Sabotage | undefined;
  /** Folder for WAVs, capture and records, empty or not there yet; a new one for temporary files without. */
  readonly out: string | undefined;
  /** Told what happens, as it happens. */
  readonly say: (sentence: string) => void;
}

/**
 * Runs the demo: a manager and two phones on loopback, one call between them and by Skinny several with others, everything at their sockets captured,
 * then judged as somebody on the line would hear it.
 *
 * @throws {TrustlineError} cli.demo-folder, cli.demo-failed, and what manager and phones throw
 */
export async function runDemo(options: DemoOptions): Promise<Measurement> {
  const startedAt = new Date();
  const folder = makeDemoFolder(options.out);
  const scratch = makeScratch();
  try {
    options.say(
      'starting a call manager that makes its authorities, two software tokens, and a CTL signed by one of them',
    );
    const lab = await startLab(scratch.folder, options);
    try {
      return await measure(lab, folder, startedAt, options);
    } finally {
      await lab.manager.stop();
    }
  } finally {
    scratch.remove();
  }
}

async function measure(lab: Lab, folder: DemoFolder, startedAt: Date, options: DemoOptions): Promise<Measurement> {
  const { protocol, mode, sabotage, say } = options;
  const speech = eachEnd((end) => speechLike(SPEECH_SECONDS, phonePlans[end].seed).samples);
  const { stations, all, conversation, played } = await callAndCapture(lab, folder, speech, options);

  say('listening to the capture as a tap would, without keys and with them');
  const packets = await readPackets(folder.capture);
  const directions = eachEnd((from) => ({
    speech: speech[from],
    source: stations[from].mediaAddress,
    destination: stations[otherEnd(from)].mediaAddress,
    maximumLagSeconds: MAXIMUM_LAG_SECONDS,
  }));
  const keys = all.flatMap((station) => station.tapKeys());
  const heard = hear(packets, sabotage === 'keys' ? keys : []);
  const understood = mode === 'encrypted' ? hear(packets, keys) : undefined;
  const withoutKeys = compare(heard, directions);
  const withKeys = understood === undefined ? undefined : compare(understood, directions);
  const scenes = tapScenes(played, heard, understood ?? []);
  for (const station of all) station.clearKeys();
  keepSound(folder, speech, withoutKeys);

  say('auditing the capture, as trustline audit does');
  const auditor = await auditCapture(folder.capture, folder.page, stations.caller.mediaAddress);

  say('verifying the records of the run');
  const { record, verdict } = await keepRecords(lab.client, conversation.running.call, folder.records);
  return {
    protocol,
    mode,
    sabotage: sabotage ?? null,
    node: (await lab.manager.status()).node,
    version,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1_000,
    level: conversation.running.level,
    codec: stations.caller.call.media?.codec ?? 'no codec',
    legs: eachEnd((end) => legProof(stations[end], conversation.running, record)),
    withoutKeys,
    withKeys,
    heardByOther: eachEnd((from) => likeness(speech[from], folder.readHeard(otherEnd(from)))),
    digitsReceived: eachEnd((from) => stations[otherEnd(from)].call.digits),
    scenes,
    forged: conversation.forged,
    replayed: conversation.replayed,
    packets: packets.length,
    packetsDropped: all.reduce((sum, station) => sum + station.packets, 0) - packets.length,
    records: { verdict, level: record?.level ?? null },
    auditor,
    folder: folder.path,
    capture: folder.capture,
  };
}

interface Captured {
  readonly stations: Stations;
  /** The same, and the phones that they meet. */
  readonly all: readonly Station[];
  readonly conversation: Conversation;
  readonly played: readonly PlayedScene[];
}

async function callAndCapture(
  lab: Lab,
  folder: DemoFolder,
  speech: Readonly<Record<End, Int16Array>>,
  { protocol, mode, suite, sabotage, say }: DemoOptions,
): Promise<Captured> {
  const capture = await CaptureFile.open(folder.capture, { section: { application: `trustline demo ${version}` } });
  const { files, mics } = lab;
  // What is broken or clear on purpose is shown by the first call.
  const hasScenes = protocol === 'sccp' && mode === 'encrypted' && sabotage === undefined;
  const common = { files, suite, sabotage, capture };
  // One that demands SRTP would not talk to a phone without it, which is to show an open lock.
  const secure = mode === 'clear' ? 'clear' : hasScenes ? 'prefer' : 'require';
  const stations = eachEnd(
    (end) =>
      new Station({
        ...common,
        plan: phonePlans[end],
        protocol,
        mic: mics[end],
        security: secure,
        speech: speech[end],
        recording: folder.heard(end),
      }),
  );
  const guest = (name: Guest) =>
    new Station({
      ...common,
      plan: guestPlans[name],
      protocol: name === 'sip' ? 'sip' : protocol,
      mic: mics[name],
      security: name === 'sip' ? 'require' : 'clear',
      speech: new Int16Array(0),
      recording: undefined,
    });
  const met = hasScenes ? { sip: guest('sip'), open: guest('open') } : undefined;
  const all = [...ends.map((end) => stations[end]), ...(met === undefined ? [] : [met.sip, met.open])];
  try {
    const conversation = await converse(stations, lab.client, say);
    if (met === undefined) return { stations, all, conversation, played: [] };
    await Promise.all([met.sip.registered(), met.open.registered()]);
    return { stations, all, conversation, played: await playScenes({ ...stations, ...met }, say) };
  } finally {
    await Promise.all(all.map((station) => station.stop()));
    await capture.close();
  }
}

function keepSound(
  folder: DemoFolder,
  speech: Readonly<Record<End, Int16Array>>,
  tapped: Readonly<Record<End, TappedDirection>>,
): void {
  for (const end of ends) {
    folder.writeSound(folder.said(end), speech[end]);
    folder.writeSound(folder.tapped(end), tapped[end].samples);
  }
}
