import { CaptureFile } from '@trustline/capture/node';
import type { SdesSuiteName } from '@trustline/keying';
import { version } from '@trustline/manager';
import { speechLike } from '@trustline/phone';
import { type Conversation, converse, type Stations } from './conversation.ts';
import { type DemoFolder, makeDemoFolder } from './folder.ts';
import { type Lab, startLab } from './lab.ts';
import { legProof } from './legs.ts';
import type { Measurement } from './measurement.ts';
import { type End, eachEnd, ends, otherEnd, phonePlans, type Sabotage, SPEECH_SECONDS } from './plan.ts';
import { keepRecords } from './records.ts';
import { makeScratch } from './scratch.ts';
import { Station } from './station.ts';
import { likeness, listen, readPackets, type TappedDirection } from './tap.ts';

export interface DemoOptions {
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
 * Runs the demo: a manager and two phones on loopback, one call between them, everything at their sockets captured,
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
    const lab = await startLab(scratch.folder, options.mode, options.suite);
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
  const { mode, sabotage, say } = options;
  const speech = eachEnd((end) => speechLike(SPEECH_SECONDS, phonePlans[end].seed).samples);
  const { stations, conversation } = await callAndCapture(lab, folder, speech, options);

  say('listening to the capture as a tap would, without keys and with them');
  const packets = await readPackets(folder.capture);
  const directions = eachEnd((from) => ({
    speech: speech[from],
    source: stations[from].mediaAddress,
    destination: stations[otherEnd(from)].mediaAddress,
  }));
  const keys = ends.flatMap((end) => stations[end].tapKeys());
  const withoutKeys = listen(packets, directions, sabotage === 'keys' ? keys : []);
  const withKeys = mode === 'encrypted' ? listen(packets, directions, keys) : undefined;
  for (const end of ends) stations[end].clearKeys();
  keepSound(folder, speech, withoutKeys);

  say('verifying the records of the run');
  const { record, verdict } = await keepRecords(lab.client, conversation.running.call, folder.records);
  return {
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
    forged: conversation.forged,
    replayed: conversation.replayed,
    packets: packets.length,
    packetsDropped: stations.caller.packets + stations.called.packets - packets.length,
    records: { verdict, level: record?.level ?? null },
    folder: folder.path,
    capture: folder.capture,
  };
}

async function callAndCapture(
  lab: Lab,
  folder: DemoFolder,
  speech: Readonly<Record<End, Int16Array>>,
  { mode, suite, sabotage, say }: DemoOptions,
): Promise<{ readonly stations: Stations; readonly conversation: Conversation }> {
  const capture = await CaptureFile.open(folder.capture, { section: { application: `trustline demo ${version}` } });
  const stations = eachEnd(
    (end) =>
      new Station({
        end,
        files: lab.files,
        mic: lab.mics[end],
        mode,
        suite,
        sabotage,
        speech: speech[end],
        capture,
        recording: folder.heard(end),
      }),
  );
  try {
    return { stations, conversation: await converse(stations, lab.client, say) };
  } finally {
    await Promise.all(ends.map((end) => stations[end].stop()));
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
