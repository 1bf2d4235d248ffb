import { element, type WireElement } from '../src/elements/elements.ts';
import { TvsClientSession } from '../src/tvs/client-session.ts';
import { tvsDirectory } from '../src/tvs/directory.ts';
import {
  decodeTvsMessage,
  encodeTvsMessage,
  readTvsElements,
  tvsCommand,
  tvsElement,
  tvsMessageStream,
} from '../src/tvs/message.ts';
import { TvsServerSession } from '../src/tvs/server-session.ts';

const lookup = tvsDirectory(() => [
  { certificate: Uint8Array.of(0x30, 0), roles: [0, 3], timeToLive: 60, issuer: 'CN=A', serialNumber: '01' },
]);

/** What a phone asks, and what a server answers. */
export function corpus(): readonly Uint8Array[] {
  const message = (command: number, elements: readonly WireElement[]) =>
    encodeTvsMessage({ command, pad: 0, sessionId: 1, elements });
  const device = element(tvsElement.device, 'SEP001122334455');
  return [
    message(tvsCommand.VERIFY_REQ, [device, element(tvsElement.certificate, Uint8Array.of(0x30, 0))]),
    message(tvsCommand.QUERY_CERT_REQ, [
      device,
      element(tvsElement.subject, 'CN=B'),
      element(tvsElement.issuer, 'CN=A'),
      element(tvsElement.serialNumber, Uint8Array.of(1)),
    ]),
    message(tvsCommand.VERIFY_RES, [
      element(tvsElement.status, 0),
      element(tvsElement.roles, Uint8Array.of(0, 3)),
      element(tvsElement.timeToLive, 60),
    ]),
  ];
}

/** Octets from a phone, and from a server: read or refused, written again as they came, wherever the stream is cut. */
export function fuzz(data: Uint8Array): void {
  const direct = decodeTvsMessage(data);
  if (direct.ok) {
    const written = encodeTvsMessage(direct.value);
    const isSame = written.byteLength === data.byteLength && written.every((octet, at) => octet === data[at]);
    if (!isSame) throw new Error('a message was written as another');
    readTvsElements(direct.value, tvsElement);
  } else if (direct.offset > data.byteLength) throw new Error('the fault lies beyond the end');
  if (outcome(data, 1 + (data[0] ?? 0)) !== outcome(data, data.byteLength || 1)) {
    throw new Error('fragmentation changed what was read');
  }
  const server = new TvsServerSession({ lookup });
  const client = new TvsClientSession(0, {
    device: 'SEP001122334455',
    sessionId: 1,
    question: { kind: 'verify', certificate: Uint8Array.of(0x30, 0) },
  });
  for (const result of tvsMessageStream().push(data)) {
    const input = result.ok
      ? ({ kind: 'message', message: result.value } as const)
      : ({ kind: 'rejected', reject: result } as const);
    server.handle(0, input);
    client.handle(0, input);
  }
}

function outcome(data: Uint8Array, step: number): string {
  const stream = tvsMessageStream();
  let out = '';
  for (let at = 0; at < data.byteLength; at += step) {
    for (const result of stream.push(data.subarray(at, at + step))) {
      out += result.ok ? `${encodeTvsMessage(result.value).join()};` : `${result.code};`;
    }
  }
  return out;
}
