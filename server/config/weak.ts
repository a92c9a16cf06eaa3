/**
 * Keys that nobody drew by lot: one byte over and over, a pattern, a sequence. That random bytes are of half as many kinds as they are
 * many has for 16 of them a chance of 10⁻⁹, for 32 of 10⁻¹³.
 */
export function isWeakKey(key: Uint8Array): boolean {
  const steps = new Set(key.subarray(1).map((byte, i) => (byte - key[i]! + 256) % 256))
  return new Set(key).size <= key.length / 2 || steps.size <= 2
}

/** An appid out of an example: of few different digits, or counted up. */
export function isPlaceholderAppId(appId: string): boolean {
  return new Set(appId.slice(2)).size <= 3 || '0123456789abcdef0123456789abcdef'.includes(appId.slice(2))
}
