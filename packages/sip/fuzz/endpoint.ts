import {
  type ClientTransactionId,
  createResponse,
  type RequestOutput,
  SipEndpoint,
  type SipFlow,
  type SipMessage,
} from '@trustline/sip';
import { SeededRandom, sampleRequest } from '@trustline/testing';

const methods = ['INVITE', 'OPTIONS', 'BYE', 'REGISTER', 'UPDATE', 'NOTIFY'];
const statuses = [100, 180, 183, 200, 302, 401, 486, 487, 503, 600];
const limits = { serverTransactions: 8, reservedForDialogs: 2, clientTransactions: 8, retryAfterSeconds: 1 };
/** Longer than any transaction of ours lives once nothing more comes in. */
const longEnough = 200_000;

/**
 * Reads `data` as a sequence of moves on two endpoints that share two flows (one datagram, one
 * connection): commands, lost, doubled and late messages, time, closed flows. No move may throw, no
 * table may outgrow its limit, and when everything has been answered and time has passed the tables
 * are empty and no timer runs.
 */
export function fuzz(data: Uint8Array): void {
  const game = new Game();
  for (let at = 0; at + 1 < data.length; at += 2) game.move(data[at] ?? 0, data[at + 1] ?? 0);
  game.finish();
}

class Game {
  readonly #ends: readonly [End, End] = [new End(1), new End(2)];
  #now = 0;

  move(operation: number, value: number): void {
    const end = (operation & 1) === 0 ? this.#ends[0] : this.#ends[1];
    const flow = end.flow((operation >> 1) & 1);
    switch ((operation >> 2) % 9) {
      case 0:
        end.request(this.#now, flow, value);
        break;
      case 1:
        end.respond(this.#now, value);
        break;
      case 2:
        end.cancel(this.#now, value);
        break;
      case 3:
      case 4:
        this.#deliver(end, value, value % 3 === 0);
        break;
      case 5:
        this.#wait(value * value);
        break;
      case 6:
        end.endpoint.flowClosed(this.#now, flow.id);
        break;
      case 7:
        end.acknowledge(this.#now, flow);
        break;
      default:
        end.forget(value);
    }
    this.#drain();
  }

  finish(): void {
    for (const end of this.#ends) {
      end.answerEverything(this.#now);
      end.cancelEverything(this.#now);
    }
    this.#drain();
    for (const end of this.#ends) end.closeConnection(this.#now);
    this.#wait(longEnough);
    for (const end of this.#ends) {
      const { client, server } = end.endpoint.transactions;
      if (client !== 0 || server !== 0) throw new Error(`${client} client and ${server} server transactions are left`);
      if (end.endpoint.nextDeadline() !== undefined) throw new Error('a timer runs without a transaction');
    }
  }

  #deliver(from: End, value: number, keep: boolean): void {
    const to = from === this.#ends[0] ? this.#ends[1] : this.#ends[0];
    const sent = from.take(value, keep);
    if (sent !== undefined)
      to.endpoint.receive(this.#now, to.flow(sent.flow.transport === 'udp' ? 0 : 1), sent.message);
  }

  #wait(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = Math.min(...this.#ends.map(({ endpoint }) => endpoint.nextDeadline() ?? Number.POSITIVE_INFINITY));
      if (next > end) break;
      this.#now = Math.max(this.#now, next);
      for (const { endpoint } of this.#ends) endpoint.handleTime(this.#now);
      this.#drain();
    }
    this.#now = end;
  }

  #drain(): void {
    for (const end of this.#ends) end.drain();
  }
}

class End {
  readonly endpoint: SipEndpoint;
  readonly #flows: readonly [SipFlow, SipFlow];
  #sent: { readonly flow: SipFlow; readonly message: SipMessage }[] = [];
  readonly #asked: RequestOutput[] = [];
  readonly #sending: ClientTransactionId[] = [];
  #sequence = 0;

  constructor(number: 1 | 2) {
    this.endpoint = new SipEndpoint({ random: new SeededRandom(number).bytes, limits });
    const address = { host: `192.0.2.${number}`, port: 5060 };
    const other = { host: `192.0.2.${3 - number}`, port: 5060 };
    this.#flows = [
      { id: `udp-${number}`, transport: 'udp', local: address, remote: other },
      { id: `tls-${number}`, transport: 'tls', local: address, remote: other },
    ];
  }

  flow(number: number): SipFlow {
    return number === 0 ? this.#flows[0] : this.#flows[1];
  }

  request(now: number, flow: SipFlow, value: number): void {
    this.#sequence += 1;
    const method = methods[value % methods.length] ?? 'OPTIONS';
    const sequence = { name: 'CSeq', value: `${this.#sequence} ${method}` };
    this.#sending.push(this.endpoint.sendRequest(now, flow, sampleRequest(method, [sequence])));
  }

  respond(now: number, value: number): void {
    const asked = this.#asked[value % Math.max(1, this.#asked.length)];
    if (asked?.transaction === undefined) return;
    const status = statuses[(value >> 3) % statuses.length] ?? 200;
    this.endpoint.respond(now, asked.transaction, createResponse(asked.request, status, { toTag: 'b2' }));
  }

  cancel(now: number, value: number): void {
    const transaction = this.#sending[value % Math.max(1, this.#sending.length)];
    if (transaction !== undefined) this.endpoint.cancel(now, transaction);
  }

  acknowledge(now: number, flow: SipFlow): void {
    this.endpoint.sendAck(now, flow, sampleRequest('ACK'));
  }

  /** Takes a message off the wire; kept, it can be delivered again. */
  take(value: number, keep: boolean): { readonly flow: SipFlow; readonly message: SipMessage } | undefined {
    const at = value % Math.max(1, this.#sent.length);
    const sent = this.#sent[at];
    if (!keep) this.#sent.splice(at, 1);
    return sent;
  }

  forget(value: number): void {
    this.#sent.splice(value % Math.max(1, this.#sent.length), 1);
  }

  answerEverything(now: number): void {
    for (const { transaction, request } of this.#asked) {
      if (transaction !== undefined)
        this.endpoint.respond(now, transaction, createResponse(request, 500, { toTag: 'b' }));
    }
  }

  cancelEverything(now: number): void {
    for (const transaction of this.#sending) this.endpoint.cancel(now, transaction);
  }

  closeConnection(now: number): void {
    this.endpoint.flowClosed(now, this.#flows[1].id);
  }

  drain(): void {
    for (let output = this.endpoint.poll(); output !== undefined; output = this.endpoint.poll()) {
      if (output.kind === 'transmit') this.#sent.push(output);
      else if (output.kind === 'request') this.#asked.push(output);
    }
    const { client, server } = this.endpoint.transactions;
    const most = limits.serverTransactions + limits.reservedForDialogs;
    if (server > most) throw new Error(`${server} server transactions, ${most} are allowed`);
    // A CANCEL is always sent, so there may be one for each INVITE besides.
    if (client > 2 * limits.clientTransactions) throw new Error(`${client} client transactions`);
  }
}
