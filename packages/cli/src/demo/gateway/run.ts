import { join } from 'node:path';
import type { HeardFlow } from '@trustline/audit';
import { CaptureFile } from '@trustline/capture/node';
import { type CallRecord, demarcationsOf } from '@trustline/evidence';
import { version } from '@trustline/manager';
import { speechLike } from '@trustline/phone';
import { auditCapture } from '../auditor.ts';
import { type DemoFolder, makeDemoFolder } from '../folder.ts';
import { type Lab, startLab } from '../lab.ts';
import { eventually, within } from '../patience.ts';
import { phonePlans, SPEECH_SECONDS } from '../plan.ts';
import { keepRecords } from '../records.ts';
import { makeScratch } from '../scratch.ts';
import { Station } from '../station.ts';
import { hear, isSame, likeness, readPackets, tapped } from '../tap.ts';
import { converse, type GatewayConversation } from './conversation.ts';
import { gatewayDocument } from './gateway-document.ts';
import { GatewayProcess } from './gateway-process.ts';
import { searchKeys } from './key-search.ts';
import type { GatewayMeasurement } from './measurement.ts';
import { OverheardLine } from './overheard-line.ts';
import { type GatewayDemoOptions, gatewayPlan } from './plan.ts';
import { addGateway, managerLines } from './setting.ts';
import { Wire } from './wire.ts';

/** It rings before the speech, and the recording begins with that. */
const ECHO_LAG_SECONDS = 6;
const patience = { registration: 30_000, record: 5_000 } as const;

/** Everything of a run while it goes on. */
interface Setting {
  readonly options: GatewayDemoOptions;
  readonly startedAt: Date;
  readonly folder: DemoFolder;
  readonly lab: Lab;
  readonly gateway: GatewayProcess;
  /** Where nothing protects the signalling. */
  readonly line: OverheardLine | undefined;
  /** Where there is a wire, and dumpcap. */
  readonly wire: Wire | undefined;
}

/**
 * Runs a manager, a phone, and a gateway with a simulated public network behind it; the phone calls a number there, and what
 * leaves for the gateway is measured.
 *
 * @throws {TrustlineError} cli.demo-folder, cli.demo-failed, and what manager, phone and gateway throw
 */
export async function runGatewayDemo(options: GatewayDemoOptions): Promise<GatewayMeasurement> {
  const { network, say, scene } = options;
  const startedAt = new Date();
  const folder = makeDemoFolder(options.out);
  const scratch = makeScratch();
  const undo: (() => unknown)[] = [() => scratch.remove()];
  try {
    say('starting a call manager that makes its authorities, two software tokens, and a CTL signed by one of them');
    const lab = await startGatewayLab(options, scratch.folder);
    undo.push(() => lab.manager.stop());
    say(`starting gateway ${gatewayPlan.name}, with an E1 line to a public network that is simulated`);
    const document = await gatewayDocument(options, lab.client, scratch.folder);
    const { gateway, port } = await GatewayProcess.start(document, scratch.folder, network.gatewayNamespace);
    undo.push(() => gateway.stop());
    const line = scene === 'protected' ? undefined : await OverheardLine.open(network.gateway, port);
    undo.push(() => line?.close());
    const wire =
      network.wire === undefined ? undefined : await Wire.open(network.wire, join(folder.path, 'wire.pcapng'));
    undo.push(() => wire?.close());
    if (network.wire !== undefined && wire === undefined)
      say('dumpcap is not there: what is on the wire is not measured');
    await addGateway(options, lab.client, line?.port ?? port);
    return await measure({ options, startedAt, folder, lab, gateway, line, wire });
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** The manager of a run, with its H.323 and, where it is to protect, its IPsec. */
export async function startGatewayLab(
  options: Pick<GatewayDemoOptions, 'scene' | 'protocol' | 'network'>,
  folder: string,
): Promise<Lab> {
  const { protocol, network } = options;
  return await startLab(folder, {
    mode: 'encrypted',
    suite: 'AES_CM_128_HMAC_SHA1_80', // H.235.8 knows this one and a shorter tag
    protocol,
    policy: options.scene === 'clear' ? 'prefer' : 'require',
    host: network.phones,
    listeners: [`  - { transport: h323, host: ${network.manager}, port: ${options.scene === 'protected' ? 1720 : 0} }`],
    lines: managerLines(options, folder),
  });
}

async function measure(setting: Setting): Promise<GatewayMeasurement> {
  const { options, folder, lab, wire } = setting;
  const { client, files, mics } = lab;
  const speech = speechLike(SPEECH_SECONDS, phonePlans.caller.seed).samples;
  const capture = await CaptureFile.open(folder.capture, { section: { application: `trustline demo ${version}` } });
  const station = new Station({
    plan: phonePlans.caller,
    protocol: options.protocol,
    files,
    mic: mics.caller,
    security: options.scene === 'clear' ? 'prefer' : 'require',
    suite: undefined,
    sabotage: undefined,
    speech,
    capture,
    recording: folder.heard('caller'),
  });
  let proof: GatewayMeasurement['proof'] = [];
  let conversation: GatewayConversation;
  try {
    await within(patience.registration, 'the phone did not register', station.registered());
    options.say(`the phone ${phonePlans.caller.line} has booted, enrolled, and is registered`);
    if (options.scene === 'protected') proof = (await client.explainGateway(gatewayPlan.name)).points;
    conversation = await converse(options, client, station);
  } finally {
    await station.stop();
    await capture.close();
    await wire?.close();
  }
  return await conclude(setting, station, conversation, proof, speech);
}

/** What the captures, the gateway and the records say of the call when it is over. */
async function conclude(
  { options, startedAt, folder, lab, gateway, line, wire }: Setting,
  station: Station,
  conversation: GatewayConversation,
  proof: GatewayMeasurement['proof'],
  speech: Int16Array,
): Promise<GatewayMeasurement> {
  const { call, answered, id, level, levelShown, suite, end } = conversation;
  options.say('listening to what was captured, and searching it for keys');
  const traffic = await wire?.read(options.network.gatewayMedia);
  const packets = await readPackets(wire === undefined ? folder.capture : wire.file);
  const taps = answered ? listen(packets, station, call.mediaAddress, speech) : undefined;
  const signalling = line?.octets();
  const overheard = traffic?.packets ?? (signalling === undefined ? undefined : [signalling]);
  const keys = overheard === undefined || !answered ? undefined : searchKeys(station.keysOf(call), overheard);
  station.clearKeys();
  folder.writeSound(folder.said('caller'), speech);
  if (taps?.tap !== undefined) folder.writeSound(folder.tapped('caller'), taps.tap.samples);

  const source = answered ? call.mediaAddress : undefined;
  if (source !== undefined) options.say('auditing it, as trustline audit does');
  const auditor =
    source === undefined ? undefined : await auditCapture(wire?.file ?? folder.capture, folder.page, source);

  options.say('verifying the records of the run');
  if (answered) await eventually(patience.record, () => gateway.records.length > 0);
  const { record, verdict } = await keepRecords(lab.client, id ?? '', folder.records);
  return {
    protocol: options.protocol,
    scene: options.scene,
    node: (await lab.manager.status()).node,
    version,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1_000,
    ipsecProven: options.scene === 'protected' && proof.length > 0 && proof.every(({ holds }) => holds !== false),
    proof,
    reason: end.reason,
    answered,
    level,
    levelShown,
    suite,
    signallingOverheard: signalling?.byteLength,
    keys,
    wire: traffic?.counts ?? null,
    auditor,
    tap: taps?.tap,
    tapWithKeys: taps?.tapWithKeys,
    heardBack: answered ? likeness(speech, folder.readHeard('caller'), ECHO_LAG_SECONDS) : undefined,
    gatewayCalls: gateway.records.length,
    gatewayDemarcation: gateway.records[0]?.demarcation ?? null,
    demarcation: answered ? demarcationOf(record) : null,
    records: { verdict, level: record?.level ?? null, found: record !== undefined },
    packets: station.packets,
    folder: folder.path,
    capture: folder.capture,
  };
}

/** What a tap between phone and gateway hears of what the phone said, without keys and with them. */
function listen(
  packets: Awaited<ReturnType<typeof readPackets>>,
  station: Station,
  source: { readonly address: string; readonly port: number } | undefined,
  speech: Int16Array,
): Pick<GatewayMeasurement, 'tap' | 'tapWithKeys'> {
  const said = (flows: readonly HeardFlow[]) => {
    const own = flows.filter((flow) => source !== undefined && isSame(flow.source, source));
    return own.length === 0 ? undefined : tapped(speech, own);
  };
  const keys = station.tapKeys();
  return { tap: said(hear(packets, [])), tapWithKeys: keys.length === 0 ? undefined : said(hear(packets, keys)) };
}

function demarcationOf(record: CallRecord | undefined): string | null {
  return record === undefined ? null : (demarcationsOf(record.legs)[0] ?? null);
}
