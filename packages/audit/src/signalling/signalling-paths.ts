import type { TransportAddress } from '@trustline/capture';
import type { Exposure } from '../model/exposure.ts';
import type { SignallingPath } from '../model/leg.ts';
import { Recent } from './recent.ts';

const MOST_PATHS = 10_000;

/** One object for each way that messages go: a hundred thousand messages share a few. */
export class SignallingPaths {
  readonly #known = new Recent<SignallingPath>(MOST_PATHS);

  of(
    transport: SignallingPath['transport'],
    from: TransportAddress,
    to: TransportAddress,
    exposure: Exposure,
  ): SignallingPath {
    const connection = exposure.kind === 'clear' ? '' : ` ${exposure.kind} ${exposure.connection}`;
    const name = `${transport} ${from.address} ${from.port} ${to.address} ${to.port}${connection}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const path: SignallingPath = { transport, from, to, exposure };
    this.#known.set(name, path);
    return path;
  }
}
