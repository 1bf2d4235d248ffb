/** Fills 20 ms with what is to be heard. */
export type FrameSource = (frame: Int16Array) => void;

/** One end of a conversation within the gateway, in linear samples of 8 kHz. Whoever is joined to it hears its frames. */
export interface AudioEnd {
  /** Given each 20 ms that come from it; the array is used again. */
  onFrame: ((frame: Int16Array) => void) | undefined;
  /** 20 ms for it to hear. */
  hear(frame: Int16Array): void;
  /** What it hears instead until this is taken back, as tones are. */
  play(source: FrameSource | undefined): void;
}

/** Each hears the other from now on, and nothing else. */
export function joinAudio(one: AudioEnd, other: AudioEnd): void {
  one.play(undefined);
  other.play(undefined);
  one.onFrame = (frame) => other.hear(frame);
  other.onFrame = (frame) => one.hear(frame);
}

/** Neither is heard any more. */
export function partAudio(...ends: readonly AudioEnd[]): void {
  for (const end of ends) {
    end.onFrame = undefined;
    end.play(undefined);
  }
}
