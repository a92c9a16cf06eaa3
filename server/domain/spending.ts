/** How much of an error may be used up at each of several looks, so that all of them together stay within it. */

/** z with P(|Z| > z) = 0.05. */
const Z_ALL = 1.959963984540054

/**
 * The error that each look at `fractions` (0 < … ≤ 1, growing) of the whole may have, for 5 % over all looks together: the increments of
 * the spending function of O'Brien and Fleming's kind, 2 − 2Φ(z/√f). Little early, most at the end.
 * Lan & DeMets, Discrete sequential boundaries for clinical trials, Biometrika 70 (1983) 659–663. An interval with each look's
 * own increment as its error covers at all looks by the union bound, however the looks depend on one another; so it stays honest
 * whoever looks, and however often.
 */
export function spending(fractions: readonly number[]): number[] {
  return fractions.map((fraction, i) => spentUpTo(fraction) - (i === 0 ? 0 : spentUpTo(fractions[i - 1]!)))
}

const spentUpTo = (fraction: number) => (fraction <= 0 ? 0 : 2 * upperTail(Z_ALL / Math.sqrt(Math.min(1, fraction))))

/** P(Z > z) for z ≥ 1.9, by the continued fraction of Mills' ratio (Laplace); 200 terms are good to 1e-12 there. */
function upperTail(z: number): number {
  let ratio = 0
  for (let term = 200; term >= 1; term--) ratio = term / (z + ratio)
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / (z + ratio)
}
