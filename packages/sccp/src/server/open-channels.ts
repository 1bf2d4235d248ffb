interface Asked {
  readonly passThroughPartyId: number;
  readonly callReference: number;
}

/** Streams that a phone was asked to receive or to send, until it answers: an answer to nothing is not believed. */
export class OpenChannels {
  readonly #asked = new Map<number, Asked>();

  /** True while an answer is owed. */
  get waiting(): boolean {
    return this.#asked.size > 0;
  }

  ask(passThroughPartyId: number, callReference: number): void {
    this.#asked.set(passThroughPartyId, { passThroughPartyId, callReference });
  }

  /** The stream was closed: an answer that is still under way means nothing any more. */
  forget(passThroughPartyId: number): void {
    this.#asked.delete(passThroughPartyId);
  }

  clear(): void {
    this.#asked.clear();
  }

  /** Which question an answer is to; undefined when there is none. */
  answer(passThroughPartyId: number, callReference: number | undefined): Asked | undefined {
    const asked = this.#asked.get(passThroughPartyId) ?? this.#ofCall(passThroughPartyId, callReference);
    if (asked === undefined) return undefined;
    if (callReference !== undefined && callReference !== 0 && callReference !== asked.callReference) return undefined;
    this.#asked.delete(asked.passThroughPartyId);
    return asked;
  }

  /** A 6901 leaves passThroughPartyId out during a transfer. [R: dump in CHSCCP] */
  #ofCall(passThroughPartyId: number, callReference: number | undefined): Asked | undefined {
    if (passThroughPartyId !== 0 || callReference === undefined) return undefined;
    const ofCall = [...this.#asked.values()].filter((asked) => asked.callReference === callReference);
    return ofCall.length === 1 ? ofCall[0] : undefined;
  }
}
