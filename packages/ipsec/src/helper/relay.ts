import { ByteReader, ByteWriter } from '@trustline/base';
import { IpsecError } from '../error.ts';
import { decodeViciMessage, encodeViciMessage, type ViciMessage } from '../vici/message.ts';
import { ViciSegmentReader } from '../vici/segment-reader.ts';

/** What the manager needs of the daemon, and no more: who holds the whole of VICI has the rights of the administrator. */
const commands: ReadonlySet<string> = new Set([
  'stats',
  'list-sas',
  'load-cert',
  'load-key',
  'load-shared',
  'load-conn',
  'unload-conn',
  'unload-shared',
  'clear-creds',
  'initiate',
  'terminate',
  'rekey',
]);

/**
 * The keys that a connection of ours has. Others are refused, above all `updown`: the daemon would run what it names as
 * the administrator.
 */
const connectionKeys: ReadonlySet<string> = new Set([
  ...['version', 'aggressive', 'local_addrs', 'remote_addrs', 'proposals', 'encap', 'mobike', 'unique', 'keyingtries'],
  ...['dpd_delay', 'dpd_timeout', 'rekey_time', 'local', 'remote', 'auth', 'id', 'certs', 'cacerts', 'children'],
  ...['mode', 'local_ts', 'remote_ts', 'esp_proposals', 'dpd_action', 'close_action', 'start_action'],
]);
/** How deep the names of connections and of children stand, which may be any. */
const nameDepths = { connection: 0, child: 2 } as const;

/** Packet types (strongSwan, src/libcharon/plugins/vici/README.md, "Packet layer"). */
const packetType = { commandRequest: 0, commandUnknown: 2, eventRegister: 3, eventUnregister: 4 } as const;

export interface Relayed {
  /** For the daemon: written anew from what was read, so that both read the same. */
  readonly forward: readonly Uint8Array[];
  /** Names of commands that are not the manager's; each is answered as one that the daemon does not know. */
  readonly refused: readonly string[];
  readonly answers: readonly Uint8Array[];
}

/** Between the manager and the daemon's socket: what comes from the manager goes on only where it may. */
export class ViciRelay {
  readonly #segments = new ViciSegmentReader();

  /** Throws `ipsec.vici-malformed`, after which the connection is to be closed. */
  receive(chunk: Uint8Array): Relayed {
    const forward: Uint8Array[] = [];
    const refused: string[] = [];
    const answers: Uint8Array[] = [];
    for (const packet of this.#segments.push(chunk)) {
      const { type, name, message } = readRequest(packet);
      if (type !== packetType.commandRequest) forward.push(segment(type, name, new Uint8Array()));
      else if (mayBeAsked(name, message)) forward.push(segment(type, name, encodeViciMessage(message)));
      else {
        refused.push(name);
        answers.push(Uint8Array.of(0, 0, 0, 1, packetType.commandUnknown));
      }
    }
    return { forward, refused, answers };
  }
}

function readRequest(packet: Uint8Array): { type: number; name: string; message: ViciMessage } {
  const reader = new ByteReader(packet);
  const type = reader.u8();
  const isRequest =
    type === packetType.commandRequest || type === packetType.eventRegister || type === packetType.eventUnregister;
  if (!isRequest || reader.remaining === 0) throw malformed(`a packet of type ${type} cannot be sent to the daemon`);
  const length = reader.u8();
  if (length > reader.remaining) throw malformed('a request ends within its name');
  const name = String.fromCharCode(...reader.take(length));
  return { type, name, message: decodeViciMessage(reader.take(reader.remaining)) };
}

function mayBeAsked(name: string, message: ViciMessage): boolean {
  return commands.has(name) && (name !== 'load-conn' || isOurConnection(message, 0));
}

function isOurConnection(message: ViciMessage, depth: number, within = ''): boolean {
  return message.every((one) => {
    const isName =
      one.kind === 'section' &&
      (depth === nameDepths.connection || (depth === nameDepths.child && within === 'children'));
    if (!isName && !connectionKeys.has(one.name)) return false;
    return one.kind !== 'section' || isOurConnection(one.elements, depth + 1, one.name);
  });
}

function segment(type: number, name: string, body: Uint8Array): Uint8Array {
  return new ByteWriter(name.length + body.byteLength + 6)
    .u32(2 + name.length + body.byteLength)
    .u8(type)
    .u8(name.length)
    .bytes(Uint8Array.from(name, (character) => character.charCodeAt(0)))
    .bytes(body)
    .finish();
}

function malformed(what: string): IpsecError {
  return new IpsecError('ipsec.vici-malformed', `A request to the IKE daemon cannot be read: ${what}`, { offset: 0 });
}
