import type { MediaDescription, MediaStream } from '@trustline/callcontrol';
import type { KeptPlaces } from './kept-leg.ts';

/**
 * The places of the streams in one session. "If an SDP is modified [...] the number of "m=" lines [...] MUST be equal or
 * greater" (RFC 3264 §8): when a leg comes to another partner, who has fewer streams, the rest stays there, refused, and
 * the partner hears nothing of it.
 */
export class StreamPlaces {
  #streams: readonly MediaStream[] = [];
  /** How many streams the partner knows of, in what was written last. */
  #known = 0;

  /** As another process kept them: the streams are there, and nothing flows. */
  static resume({ streams, known }: KeptPlaces): StreamPlaces {
    const places = new StreamPlaces();
    places.#streams = streams.map((stream) => ({ ...stream, ...nothingFlows, address: '0.0.0.0' }));
    places.#known = known;
    return places;
  }

  keep(): KeptPlaces {
    // One format is enough for a stream that is refused.
    const streams = this.#streams.map(({ type, transport, formats }) => ({
      type,
      transport,
      formats: formats.slice(0, 1),
    }));
    return { streams, known: this.#known };
  }

  /** What the far end is told, with every place that its session has. */
  fill(description: MediaDescription): MediaDescription {
    const { streams } = description;
    this.#known = streams.length;
    const rest = this.#streams.slice(streams.length).map(refusedPlace);
    this.#streams = [...streams, ...rest];
    return rest.length === 0 ? description : { ...description, streams: this.#streams };
  }

  /** What the far end offered: all of it is its partner's from now on. */
  take(offer: MediaDescription): MediaDescription {
    this.#streams = offer.streams;
    return offer;
  }

  /** What the far end answered, without the places that its partner does not have. */
  trim(answer: MediaDescription): MediaDescription {
    if (answer.streams.length <= this.#known) return answer;
    return { ...answer, streams: answer.streams.slice(0, this.#known) };
  }
}

const nothingFlows = { port: 0, keys: [], direction: 'inactive', attributes: [] } as const;

function refusedPlace(stream: MediaStream): MediaStream {
  return { ...stream, ...nothingFlows };
}
