/** Writes zeros from `from` up to at least `to`, in words of eight octets. A loop: `memory.fill` is a call to the engine. */
// @ts-expect-error: decorator
@inline
export function clearTo(from: usize, to: usize): void {
  for (; from < to; from += 8) store<u64>(from, 0);
}

/** XORs `mask` onto `at`, `length` octets rounded up to 16, and clears the mask. */
export function xorAndClear(at: usize, mask: usize, length: i32): void {
  const end = at + length;
  if (ASC_FEATURE_SIMD) {
    const zero = i64x2.splat(0);
    for (; at < end; at += 16) {
      v128.store(at, v128.xor(v128.load(at), v128.load(mask)));
      v128.store(mask, zero);
      mask += 16;
    }
  } else {
    for (; at < end; at += 8) {
      store<u64>(at, load<u64>(at) ^ load<u64>(mask));
      store<u64>(mask, 0);
      mask += 8;
    }
  }
}
