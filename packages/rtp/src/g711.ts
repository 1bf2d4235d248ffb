/** Encodes linear 16-bit samples; `out` has at least as many octets as there are samples. */
export declare function encodeALaw(samples: Int16Array, out: Uint8Array): void;
export declare function decodeALaw(octets: Uint8Array, out: Int16Array): void;
export declare function encodeMuLaw(samples: Int16Array, out: Uint8Array): void;
export declare function decodeMuLaw(octets: Uint8Array, out: Int16Array): void;
