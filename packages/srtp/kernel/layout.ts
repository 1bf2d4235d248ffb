/**
 * Where things lie in linear memory. The host (`src/wasm/`) writes the constant tables before the first key is set and
 * allocates everything from `HEAP` on; nothing is allocated here.
 */

/** Constant tables of 16 octets each. */
export const TO_TOWER_LOW: usize = 0;
export const TO_TOWER_HIGH: usize = 16;
export const SCALED_INVERSE: usize = 32;
export const INVERSE: usize = 48;
export const SUB_I: usize = 64;
export const SUB_J: usize = 80;
export const DOUBLED_SUB_I: usize = 96;
export const DOUBLED_SUB_J: usize = 112;
export const LAST_SUB_I: usize = 128;
export const LAST_SUB_J: usize = 144;
export const SHIFT_ROWS: usize = 160;
export const SHIFT_ROWS_NEXT_1: usize = 176;
export const SHIFT_ROWS_NEXT_2: usize = 192;
export const SHIFT_ROWS_NEXT_3: usize = 208;
export const REVERSE_WORDS: usize = 224;
export const REDUCE_SAME_LOW: usize = 240;
export const REDUCE_SAME_HIGH: usize = 256;
export const REDUCE_NEXT_LOW: usize = 272;
export const REDUCE_NEXT_HIGH: usize = 288;
/** 0x0f in every octet: loaded, since engines rebuild a constant vector wherever it is used. */
export const LOW_NIBBLES: usize = 304;
/** Zeros. */
export const ZERO: usize = 320;
/** The round constants of SHA-1, each in four lanes. */
export const ROUND_CONSTANTS: usize = 336;

/** The message schedule of one SHA-1 compression, or of four side by side. */
export const SCHEDULE: usize = 512;
/** The block that HMAC's outer hash runs over. */
export const OUTER_BLOCK: usize = 1792;
/** The last digest or GHASH value. */
export const RESULT: usize = 1856;
/** Initial counter block of the packet at hand. */
export const COUNTER: usize = 1888;
/** Ends of associated data that do not fill a block, and the lengths that GHASH ends with. */
export const TAIL: usize = 1904;
/** Outer blocks of four HMACs side by side. */
export const LANE_BLOCKS: usize = 1984;
/** Keystream made here, a piece at a time. */
export const PIECE: usize = 2432;
export const PIECE_BLOCKS: i32 = 80;
/** A key schedule in the making. */
export const EXPANSION: usize = 3712;
export const HEAP: usize = 4096;

/** Octets of the AES round keys at the start of a key record: 15 of 16 octets, or bitsliced of 64. */
const AES_KEYS: usize = ASC_FEATURE_SIMD ? 240 : 960;
/** How many rounds; then the HMAC-SHA1 states after the inner and the outer key block; then salt and hash key. */
export const ROUNDS: usize = AES_KEYS;
export const INNER: usize = AES_KEYS + 4;
export const OUTER: usize = AES_KEYS + 24;
export const SALT: usize = AES_KEYS + 48;
/** Tables of the hash key, or the key itself; only in records of AES-GCM. */
export const HASH_KEY: usize = AES_KEYS + 64;
export const KEY_RECORD: usize = AES_KEYS + 64;
export const GCM_KEY_RECORD: usize = AES_KEYS + 64 + 512;
