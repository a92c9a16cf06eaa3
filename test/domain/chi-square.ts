/**
 * Pearson's statistic of counts that should all be equal: Σ (observed − expected)² / expected.
 * With k cells it follows χ² with k − 1 degrees of freedom if they are.
 */
export function chiSquare(observed: readonly number[]): number {
  const expected = observed.reduce((sum, n) => sum + n, 0) / observed.length
  return observed.reduce((sum, n) => sum + (n - expected) ** 2, 0) / expected
}

/** The standard normal's upper 1e-4 quantile. */
const Z = 3.719

/**
 * Critical value of χ² at p = 1e-4 (Wilson–Hilferty, within 1 % for the degrees used here): fair dealing exceeds it
 * once in ten thousand statistics. Seeds are fixed, so a test either always passes or always fails.
 */
export function criticalValue(degrees: number): number {
  const spread = 2 / (9 * degrees)
  return degrees * (1 - spread + Z * Math.sqrt(spread)) ** 3
}
