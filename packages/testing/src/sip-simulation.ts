import {
  type ClientTransactionId,
  createResponse,
  SipEndpoint,
  type SipEndpointOptions,
  type SipEndpointOutput,
  type SipFlow,
  type SipHeader,
  type SipRequest,
} from '@trustline/sip';
import { SeededRandom } from './seeded-random.ts';
import { type SipEnd, SipPair } from './sip-pair.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface EndpointSimulation {
  readonly clock: VirtualClock;
  readonly left: SipEndpoint;
  readonly right: SipEndpoint;
  readonly pair: SipPair<SipEndpointOutput>;
  /** Sends a sample request from left to right. */
  readonly send: (method: string) => ClientTransactionId;
  /** The right end answers the latest request it was given; false when that transaction takes no more answers. */
  readonly answer: (status: number) => boolean;
  /** From now on the network loses everything. */
  readonly deaf: () => void;
  /** When an end sent requests of a method or responses of a status. */
  readonly timesOf: (end: SipEnd<SipEndpointOutput>, name: string | number) => number[];
  /** Of the responses that the left end's user was given. */
  readonly statuses: () => number[];
  /** Lets time pass until nothing runs any more, and counts the transactions that still exist: none, if all is well. */
  readonly transactionsLeft: () => number;
}

/** A request from 1001 to 1002, outside any dialog; further headers replace those of the same name. */
export function sampleRequest(method: string, more: readonly SipHeader[] = []): SipRequest {
  const replaced = new Set(more.map(({ name }) => name));
  const usual: readonly SipHeader[] = [
    { name: 'From', value: '<sip:1001@example.net>;tag=a1' },
    { name: 'To', value: '<sip:1002@example.net>' },
    { name: 'Call-ID', value: 'c1@example.net' },
    { name: 'CSeq', value: `1 ${method}` },
  ];
  return {
    kind: 'request',
    method,
    uri: 'sip:1002@example.net',
    headers: [...usual.filter(({ name }) => !replaced.has(name)), ...more],
    body: new Uint8Array(0),
  };
}

/** Two transaction endpoints joined by one flow, with the moves and the questions of a transaction test. */
export function simulateEndpoints(
  transport: SipFlow['transport'] = 'udp',
  options: Partial<SipEndpointOptions> = {},
): EndpointSimulation {
  const clock = new VirtualClock();
  const left = new SipEndpoint({ random: new SeededRandom(1).bytes, ...options });
  const right = new SipEndpoint({ random: new SeededRandom(2).bytes, ...options });
  const pair = new SipPair<SipEndpointOutput>(clock, left, right, { transport });
  const send = (method: string): ClientTransactionId =>
    pair.act(() => left.sendRequest(clock.now, pair.left.flow, sampleRequest(method)));
  /** Answers the latest request the right end was given. */
  const answer = (status: number): boolean => {
    const arrived = pair.right.outputsOf('request').findLast(({ transaction }) => transaction !== undefined);
    const transaction = arrived?.transaction;
    if (arrived === undefined || transaction === undefined) throw new Error('nothing to answer');
    return pair.act(() =>
      right.respond(clock.now, transaction, createResponse(arrived.request, status, { toTag: 'b2' })),
    );
  };
  const deaf = (): void => {
    pair.network.conditions = { ...pair.network.conditions, loss: 1 };
  };
  const timesOf = (end: typeof pair.left, name: string | number): number[] =>
    end.sent
      .filter(({ message }) => (message.kind === 'request' ? message.method : message.status) === name)
      .map(({ at }) => at);
  const statuses = (): number[] => pair.left.outputsOf('response').map(({ response }) => response.status);
  const transactionsLeft = (): number => {
    clock.runUntilIdle();
    return [left.transactions, right.transactions].reduce((sum, { client, server }) => sum + client + server, 0);
  };
  return { clock, left, right, pair, send, answer, deaf, timesOf, statuses, transactionsLeft };
}
