/** Student's t distribution: how far a mean of few values may be off. */

/**
 * The value that |t| stays below with probability `confidence`, for `df` degrees of freedom (any positive number, whole or
 * not); for 0.95: 12.706 at df = 1, 1.960 at infinity.
 */
export function studentQuantile(confidence: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`degrees of freedom must be positive: ${df}`)
  let [low, high] = [0, 1]
  while (within(high, df) < confidence) high *= 2
  // Each step halves the interval: sixty leave nothing of it in a double.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (within(middle, df) < confidence) low = middle
    else high = middle
  }
  return high
}

/** P(|T| ≤ t) = 1 − I_x(df/2, 1/2) with x = df / (df + t²). */
function within(t: number, df: number): number {
  return 1 - regularizedBeta(df / (df + t * t), df / 2, 0.5)
}

/** I_x(a, b). The continued fraction converges fast left of the mean; right of it, the symmetry is used. */
function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b
}

/** The continued fraction of the incomplete beta function, by Lentz's method (DLMF 8.17.22). */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const nonzero = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / nonzero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonzero(1 + even * d)
    c = nonzero(1 + even / c)
    value *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonzero(1 + odd * d)
    c = nonzero(1 + odd / c)
    value *= d * c
    if (Math.abs(d * c - 1) < 1e-14) return value
  }
  return value
}

/** ln Γ(x) for x > 0: moved up to where Stirling's series is good to the last digits of a double. */
function logGamma(x: number): number {
  let [at, shift] = [x, 0]
  while (at < 15) shift += Math.log(at++)
  const square = at * at
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / at
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - shift
}
