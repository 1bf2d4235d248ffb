import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest, LineReader } from '../src/helper/protocol.ts';
import { ViciRelay } from '../src/helper/relay.ts';
import { IpsecError } from '../src/index.ts';

/** Requests and answers of the helper, and a request to the IKE daemon. */
export function corpus(): Uint8Array[] {
  const lines = [
    '{"id":1,"do":"read"}\n{"id":2,"do":"protect","peers":[{"connection":"gw1","address":"10.98.0.2"}]}\n',
    '{"id":1,"is":"reading","reading":{"inPlace":true,"dropped":[["gw1",{"inbound":1,"outbound":0}]],"segments":[{"local":{"address":"10.98.0.1","port":4000},"remote":{"address":"10.98.0.2","port":1720},"packets":2}],"probes":[],"repairs":{"count":1,"problem":"gone","at":5}}}\n',
    '{"id":2,"is":"refused","code":"ipsec.guard","message":"nft refused"}\n',
  ];
  const vici = '0000001c000b756e6c6f61642d636f6e6e03046e616d65000767617465776179';
  return [...lines.map((line) => new TextEncoder().encode(line)), Uint8Array.from(Buffer.from(vici, 'hex'))];
}

/** Whoever may open the sockets may say anything: it is read, or refused by the typed error; what is read is written alike. */
export function fuzz(data: Uint8Array): void {
  const lines = orRefused(() => new LineReader().push(data)) ?? [];
  for (const line of lines) {
    const request = orRefused(() => decodeRequest(line));
    if (request !== undefined) sameAgain(request, decodeRequest(text(encodeRequest(request))));
    const answer = orRefused(() => decodeAnswer(line));
    if (answer?.content.is === 'reading') sameAgain(answer, decodeAnswer(text(encodeAnswer(answer))));
  }
  const relayed = orRefused(() => new ViciRelay().receive(data));
  // What goes to the daemon goes there unchanged when it comes a second time.
  for (const segment of relayed?.forward ?? []) {
    const [again] = new ViciRelay().receive(segment).forward;
    if (again === undefined || Buffer.compare(again, segment) !== 0)
      throw new Error('a request was relayed differently');
  }
}

function orRefused<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof IpsecError) return undefined;
    throw error;
  }
}

function sameAgain(one: unknown, other: unknown): void {
  if (JSON.stringify(one) !== JSON.stringify(other)) throw new Error('what was read is written differently');
}

function text(octets: Uint8Array): string {
  return new TextDecoder().decode(octets).trimEnd();
}
