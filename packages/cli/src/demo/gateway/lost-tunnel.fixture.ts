// Runs in the network namespace of the manager: `lost-tunnel.fixture.ts GATEWAY-NAMESPACE FOLDER`. A phone of SIP and one of
// Skinny talk to the public network by a gateway; the tunnel to it goes and comes back, then goes for good. What phones,
// records and auditor say of it goes out as one line of JSON; captures and records stay in the folder.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CaptureFile } from '@trustline/capture/node';
import type { CallRecord } from '@trustline/evidence';
import { ViciConnection } from '@trustline/ipsec/node';
import type { CallAnswer } from '@trustline/manager';
import type { ManagerClient } from '@trustline/manager/node';
import { eventually } from '@trustline/testing/node';
import { startLab } from '../lab.ts';
import { within } from '../patience.ts';
import { guestPlans, type PhonePlan, phonePlans } from '../plan.ts';
import { keepRecords } from '../records.ts';
import { Station } from '../station.ts';
import { gatewayDocument } from './gateway-document.ts';
import { GatewayProcess } from './gateway-process.ts';
import { type GatewayDemoOptions, gatewayPlan, separateNetworks } from './plan.ts';
import { addGateway, managerLines } from './setting.ts';
import { Wire } from './wire.ts';

/** What a phone was told. */
export interface ToldPhone {
  readonly notices: readonly string[];
  readonly level: string | undefined;
  readonly ending: string;
  readonly reason: string;
  /** The manager's name of its call. */
  readonly call: string | undefined;
}

/** What the test is told. */
export interface LostTunnelFindings {
  readonly sip: ToldPhone;
  readonly sccp: ToldPhone;
  /** The calls as the manager had them when the tunnel was back, and when it was gone again. */
  readonly back: readonly CallAnswer[];
  readonly gone: readonly CallAnswer[];
  readonly records: readonly CallRecord[];
}

const [gatewayNamespace = '', folder = ''] = process.argv.slice(2);
const patience = 30_000;
/** The tunnel comes back sooner where it is asked for again. */
const MEDIA_SECONDS = 3;
const source = { isDone: false, read: (frame: Int16Array) => void frame.fill(8_000) };

const options: GatewayDemoOptions = {
  protocol: 'sccp',
  scene: 'protected',
  network: { ...separateNetworks, gatewayNamespace, wire: 'gateway' },
  out: undefined,
  say: () => {},
};

const undo: (() => unknown)[] = [];
try {
  process.stdout.write(`${JSON.stringify(await findings())}\n`);
} finally {
  for (const step of undo.reverse()) await step();
}

async function findings(): Promise<LostTunnelFindings> {
  const { network } = options;
  const { manager, client, files, mics } = await startLab(folder, {
    mode: 'encrypted',
    suite: 'AES_CM_128_HMAC_SHA1_80',
    protocol: 'sccp',
    policy: 'require',
    host: network.phones,
    listeners: [`  - { transport: h323, host: ${network.manager}, port: 1720 }`],
    lines: [...managerLines(options, folder), `  mediaSeconds: ${MEDIA_SECONDS}`],
  });
  undo.push(() => manager.stop());
  const document = await gatewayDocument(options, client, folder);
  const { gateway, port } = await GatewayProcess.start(document, folder, gatewayNamespace);
  undo.push(() => gateway.stop());
  const wire = await Wire.open('gateway', join(folder, 'wire.pcapng'));
  if (wire === undefined) throw new Error('the wire cannot be captured: dumpcap is needed (scripts/install-peers.sh)');
  undo.push(() => wire.close());
  const capture = await CaptureFile.open(join(folder, 'phones.pcapng'), { section: { application: 'trustline' } });
  undo.push(() => capture.close());
  const station = (plan: PhonePlan, protocol: 'sip' | 'sccp', mic: (typeof mics)['caller'] | undefined) => {
    const one = new Station({
      ...{ plan, protocol, files, mic, capture },
      ...{ security: 'require', suite: undefined, sabotage: undefined, recording: undefined },
      speech: new Int16Array(),
    });
    undo.push(() => one.stop());
    return one;
  };
  const skinny = station(phonePlans.caller, 'sccp', mics.caller);
  const sip = station(guestPlans.sip, 'sip', mics.sip);
  await Promise.all([addGateway(options, client, port), skinny.registered(), sip.registered()]);
  const stations = [skinny, sip];
  const number = `${gatewayPlan.accessCode}${gatewayPlan.number}`;
  const calls = await Promise.all(stations.map((one) => one.place(number, source)));
  await within(patience, 'the calls were not answered', Promise.all(calls.map(({ established }) => established)));
  await eventually('encrypted calls', async () => {
    const now = (await client.calls()).calls;
    return now.length === 2 && now.every(({ level, state }) => level === 'encrypted' && state === 'answered');
  });

  await tearDown(join(folder, 'gateway/ipsec'));
  const back = await whenAll(client, 'returned');
  cut();
  await tearDown(join(folder, 'gateway/ipsec'));
  const gone = await whenAll(client, 'lost');
  const ends = await within(patience, 'the calls did not end', Promise.all(calls.map(({ ended }) => ended)));
  await wire.close();
  const records = await eventually('the records', async () => {
    const { ended } = await client.calls();
    return ended.length === calls.length && ended;
  });
  await keepRecords(client, back[0]?.call ?? '', join(folder, 'records.jsonl'));
  const [ofSkinny, ofSip] = stations.map(({ plan, notices }, at) => ({
    notices,
    level: calls[at]?.level,
    ending: ends[at]?.ending ?? '',
    reason: ends[at]?.reason ?? '',
    call: back.find(({ legs }) => legs.some(({ line }) => line === plan.line))?.call,
  }));
  if (ofSkinny === undefined || ofSip === undefined) throw new Error('a phone is missing');
  return { sip: ofSip, sccp: ofSkinny, back, gone, records };
}

/** The running calls, when the tunnel has become so for each. */
async function whenAll(client: ManagerClient, state: 'lost' | 'returned'): Promise<readonly CallAnswer[]> {
  return await eventually(`calls whose tunnel has ${state}`, async () => {
    const { calls } = await client.calls();
    return calls.length === 2 && calls.every(({ protection }) => protection.at(-1)?.state === state) && calls;
  });
}

/** Takes the association away at the gateway, as an administrator might. */
async function tearDown(ipsecFolder: string): Promise<void> {
  const connection = await ViciConnection.open(join(ipsecFolder, 'vici.socket'));
  // Where the answer to it cannot come, it is gone all the same.
  await connection.request('terminate', { ike: 'cm1', timeout: 500 }, { timeout: 3_000 }).catch(() => {});
  connection.close();
}

/** IKE comes through no more; media do. */
function cut(): void {
  const rules = 'add table inet cut; add chain inet cut in { type filter hook input priority -400; }';
  const drop = 'add rule inet cut in udp dport { 500, 4500 } drop';
  execFileSync('ip', ['netns', 'exec', gatewayNamespace, 'nft', `${rules}; ${drop}`]);
}
