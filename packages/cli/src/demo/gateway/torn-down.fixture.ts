// Runs in the network namespace of the manager: `torn-down.fixture.ts GATEWAY-NAMESPACE ROUNDS`. A manager, a phone and a
// gateway with its simulated public network; while the phone calls, the association between manager and gateway is torn down
// at random moments. What was seen goes out as one line of JSON.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CaptureFile, readCaptureFile } from '@trustline/capture/node';
import { ViciConnection } from '@trustline/ipsec/node';
import type { IpsecCheckAnswer } from '@trustline/manager';
import type { RunningCall } from '@trustline/phone/node';
import { within } from '../patience.ts';
import { phonePlans } from '../plan.ts';
import { makeScratch } from '../scratch.ts';
import { Station } from '../station.ts';
import { gatewayDocument } from './gateway-document.ts';
import { GatewayProcess } from './gateway-process.ts';
import { type KeysFound, searchKeys } from './key-search.ts';
import { type GatewayDemoOptions, gatewayPlan, separateNetworks } from './plan.ts';
import { startGatewayLab } from './run.ts';
import { addGateway } from './setting.ts';
import { Wire, type WireCounts } from './wire.ts';

/** What the phone showed of a call before it hung up, and how many packets of it could be understood. */
interface SeenCall {
  readonly isAnswered: boolean;
  readonly level: string | undefined;
  readonly suite: string | undefined;
  readonly heard: number;
  readonly reason: string;
}

interface PlacedCall extends SeenCall {
  readonly call: RunningCall;
}

/** What the test is told. */
export interface TornDownFindings {
  readonly calls: readonly SeenCall[];
  /** A packet in the clear, sent around the tunnel by each end. */
  readonly check: IpsecCheckAnswer;
  /** Associations that were taken away. */
  readonly torn: number;
  readonly wire: WireCounts;
  /** Packets that have a run of equal octets as what was said would have in the clear. */
  readonly clear: number;
  /** The keys of all calls, on the wire and within the tunnel. */
  readonly outside: KeysFound;
  readonly inside: KeysFound;
}

const [gatewayNamespace = '', rounds = '2'] = process.argv.slice(2);
/** It rings for two seconds before it is answered; its media have keys by then. */
const callMilliseconds = 3_000;
const talkMilliseconds = 400;
const patience = 30_000;
/** What the phone says: in the clear every octet of a packet would be the same. */
const source = { isDone: false, read: (frame: Int16Array) => void frame.fill(8_000) };

const options: GatewayDemoOptions = {
  protocol: 'sip',
  scene: 'protected',
  network: { ...separateNetworks, gatewayNamespace, wire: 'gateway' },
  out: undefined,
  say: () => {},
};

const scratch = makeScratch();
const undo: (() => unknown)[] = [() => scratch.remove()];
try {
  process.stdout.write(`${JSON.stringify(await findings(scratch.folder))}\n`);
} finally {
  for (const step of undo.reverse()) await step();
}

async function findings(folder: string): Promise<TornDownFindings> {
  const { manager, client, files, mics } = await startGatewayLab(options, folder);
  undo.push(() => manager.stop());
  const document = await gatewayDocument(options, client, folder);
  const { gateway, port } = await GatewayProcess.start(document, folder, gatewayNamespace);
  undo.push(() => gateway.stop());
  const wire = await capture('gateway', folder);
  await addGateway(options, client, port);
  const tunnel = await capture('ipsec0', folder);
  const file = await CaptureFile.open(join(folder, 'phone.pcapng'), { section: { application: 'trustline' } });
  undo.push(() => file.close());
  const station = new Station({
    plan: phonePlans.caller,
    protocol: 'sip',
    files,
    mic: mics.caller,
    security: 'require',
    suite: undefined,
    sabotage: undefined,
    speech: new Int16Array(),
    capture: file,
    recording: undefined,
  });
  undo.push(() => station.stop());
  await within(patience, 'the phone did not register', station.registered());

  const check = await client.checkGateway(gatewayPlan.name);
  // The first is left alone, and has the time that it needs.
  const calls: PlacedCall[] = [await place(station, patience)];
  let torn = 0;
  for (let round = 0; round < Number(rounds); round += 1) {
    // Two that are there when the association goes, and two that begin when it may not be back.
    const there = [place(station), place(station)];
    await delay(randomInt(callMilliseconds));
    torn += await tearDown(folder, randomInt(2) === 0 ? 'manager' : 'gateway');
    await delay(randomInt(200));
    calls.push(...(await Promise.all([...there, place(station), place(station)])));
  }
  await Promise.all([wire.close(), tunnel.close()]);
  const outside = await wire.read(separateNetworks.gatewayMedia);
  const keys = calls.flatMap(({ call }) => station.keysOf(call));
  return {
    calls: calls.map(({ call: _, ...seen }) => seen),
    check,
    torn,
    wire: outside.counts,
    clear: outside.packets.filter(isClear).length,
    outside: searchKeys(keys, outside.packets),
    inside: searchKeys(keys, await packetsOf(tunnel.file)),
  };
}

async function capture(device: string, folder: string): Promise<Wire> {
  const wire = await Wire.open(device, join(folder, `${device}.pcapng`));
  if (wire === undefined) throw new Error(`${device} cannot be captured: dumpcap is needed (scripts/install-peers.sh)`);
  undo.push(() => wire.close());
  return wire;
}

/** Calls the public network, and hangs up after a while, or a little after it is answered. */
async function place(station: Station, milliseconds = callMilliseconds): Promise<PlacedCall> {
  const call = await station.place(`${gatewayPlan.accessCode}${gatewayPlan.number}`, source);
  const answered = call.established.then(async () => await delay(talkMilliseconds, true));
  const isAnswered = await Promise.race([
    answered,
    delay(milliseconds, false, { ref: false }),
    call.ended.then(() => false),
  ]);
  const { level } = call;
  call.hangUp();
  const { reason } = await within(patience, 'a call did not end', call.ended);
  const heard = call.statistics()?.packetsReceived ?? 0;
  return { call, isAnswered, level, suite: call.lastMedia?.suite, heard, reason };
}

/** Takes the association away, at one end or the other, as an administrator might; returns how many there were. */
async function tearDown(folder: string, end: 'manager' | 'gateway'): Promise<number> {
  const [socket, ike] = end === 'manager' ? ['ipsec', gatewayPlan.name] : ['gateway/ipsec', 'cm1'];
  const connection = await ViciConnection.open(join(folder, socket, 'vici.socket'));
  const isGone = await connection.request('terminate', { ike, timeout: 2_000 }, { timeout: 3_000 }).then(
    () => 1,
    // There may be none at this moment.
    () => 0,
  );
  connection.close();
  return isGone;
}

/** Neither SRTP nor ESP has so many equal octets in a row. */
function isClear(packet: Uint8Array): boolean {
  let run = 0;
  for (let at = 1; at < packet.byteLength; at += 1) {
    run = packet[at] === packet[at - 1] ? run + 1 : 0;
    if (run >= 40) return true;
  }
  return false;
}

async function packetsOf(file: string): Promise<Uint8Array[]> {
  const packets: Uint8Array[] = [];
  for await (const item of readCaptureFile(file)) if (item.kind === 'packet') packets.push(item.data);
  return packets;
}
