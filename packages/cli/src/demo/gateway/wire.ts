import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Dissection, dissect, FragmentReassembly, flowKey } from '@trustline/capture';
import { readCaptureFile } from '@trustline/capture/node';

/** It hands packets over in blocks. */
const SETTLES = 1_500;
const STARTS = 5_000;

/** What is on the wire between the manager and the gateway, taken by Wireshark's dumpcap. */
export class Wire {
  readonly #child: ChildProcess;
  readonly file: string;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, file: string, ended: Promise<unknown>) {
    this.#child = child;
    this.file = file;
    this.#ended = ended;
  }

  /** Undefined where dumpcap is not there or may not capture. */
  static async open(interfaceName: string, file: string): Promise<Wire | undefined> {
    const child = spawn('dumpcap', ['-q', '-i', interfaceName, '-w', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    const begun = Promise.withResolvers<boolean>();
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.once('error', () => begun.resolve(false));
    child.once('exit', () => begun.resolve(false));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('File: ')) begun.resolve(true);
    });
    const late = setTimeout(() => begun.resolve(false), STARTS);
    const isThere = await begun.promise;
    clearTimeout(late);
    if (isThere) return new Wire(child, file, ended);
    child.kill('SIGKILL');
    return undefined;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    await delay(SETTLES);
    this.#child.kill('SIGINT');
    await this.#ended;
  }

  async read(gatewayMedia: string): Promise<WireTraffic> {
    return await readWire(this.file, gatewayMedia);
  }
}

/** What of the wire is what, in packets. */
export interface WireCounts {
  /** IKE (RFC 7296), and ESP within UDP (RFC 3948) or by itself. */
  readonly ike: number;
  readonly esp: number;
  /** To and from the address of the gateway's media. */
  readonly media: number;
  /** Neighbours looking for each other, and ports that are closed: ARP, ICMP, ICMPv6. */
  readonly neighbours: number;
  /** All else, by protocol and ports: there should be none. */
  readonly others: readonly string[];
}

export interface WireTraffic {
  readonly counts: WireCounts;
  /** Every packet, to be searched. */
  readonly packets: readonly Uint8Array[];
}

const IKE_PORT = 500;
const NAT_TRAVERSAL_PORT = 4500;
const protocols = { icmp: 1, igmp: 2, esp: 50, icmp6: 58 } as const;

async function readWire(file: string, gatewayMedia: string): Promise<WireTraffic> {
  const packet = new Dissection();
  const fragments = new FragmentReassembly();
  let [ike, esp, media, neighbours] = [0, 0, 0, 0];
  const others = new Set<string>();
  const packets: Uint8Array[] = [];
  for await (const item of readCaptureFile(file)) {
    if (item.kind !== 'packet') continue;
    packets.push(item.data);
    dissect(item.interface.linkType, item.data, packet);
    if (packet.kind === 'fragment' && !fragments.handle(item.time?.microseconds ?? 0, packet)) continue;
    if (packet.kind === 'not-ip') {
      neighbours++;
      continue;
    }
    const { source, destination, protocol } = flowKey(packet, 0);
    const ports = [source.port, destination.port];
    if (packet.kind === 'udp' && ports.includes(IKE_PORT)) ike++;
    else if (packet.kind === 'udp' && ports.includes(NAT_TRAVERSAL_PORT)) {
      // Behind four octets of zero it is IKE (RFC 3948 §2.2); a single octet keeps a NAT open.
      const isEsp = packet.end - packet.payloadAt > 4 && packet.view.getUint32(packet.payloadAt) !== 0;
      if (isEsp) esp++;
      else ike++;
    } else if (packet.kind === 'ip' && protocol === protocols.esp) esp++;
    else if ([protocols.icmp, protocols.igmp, protocols.icmp6].some((one) => one === protocol)) neighbours++;
    else if (packet.kind === 'udp' && [source.address, destination.address].includes(gatewayMedia)) media++;
    else others.add(`${packet.kind} ${source.address}:${source.port} to ${destination.address}:${destination.port}`);
  }
  return { counts: { ike, esp, media, neighbours, others: [...others] }, packets };
}
