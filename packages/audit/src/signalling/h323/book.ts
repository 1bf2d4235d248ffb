import type { TransportAddress } from '@trustline/capture';
import type { LegEnd } from '../../model/leg.ts';
import type { Observations } from '../../model/observations.ts';
import type { H323Call } from './call.ts';
import { textOf } from './words.ts';

/** Addresses of H.245 that were announced and are remembered; of more the oldest is forgotten. */
const MOST_ANNOUNCED = 10_000;

/** A connection of H.245 that an end of a call awaits. */
export interface AwaitedControl {
  readonly call: H323Call;
  readonly announcedBy: LegEnd;
}

/** What the connections of one capture know of each other: which of them carries the H.245 of which call. */
export class H323Book {
  readonly #announced = new Map<string, AwaitedControl>();
  readonly #byPort = new Map<number, AwaitedControl | 'several'>();

  announce(address: TransportAddress, awaited: AwaitedControl): void {
    if (address.port === 0) return;
    if (this.#announced.size >= MOST_ANNOUNCED) {
      const [oldest] = this.#announced.keys();
      if (oldest !== undefined) this.#announced.delete(oldest);
    }
    this.#announced.set(textOf(address), awaited);
    if (this.#byPort.size >= MOST_ANNOUNCED) this.#byPort.clear();
    const other = this.#byPort.get(address.port);
    this.#byPort.set(address.port, other === undefined || isOf(other, awaited.call) ? awaited : 'several');
  }

  /** Which call a connection is of: by the address of its server, or by its port alone where addresses are translated. */
  awaitedAt(server: TransportAddress): AwaitedControl | undefined {
    const announced = this.#announced.get(textOf(server));
    if (announced !== undefined) return announced;
    const byPort = this.#byPort.get(server.port);
    return byPort === 'several' ? undefined : byPort;
  }
}

function isOf(awaited: AwaitedControl | 'several', call: H323Call): boolean {
  return awaited !== 'several' && awaited.call === call;
}

const books = new WeakMap<Observations, H323Book>();

/** The book of the capture whose observations these are. */
export function bookOf(observations: Observations): H323Book {
  const known = books.get(observations);
  if (known !== undefined) return known;
  const book = new H323Book();
  books.set(observations, book);
  return book;
}
