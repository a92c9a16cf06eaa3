/** Student's t distribution: how far a mean of few values may be off. */

/**
 * The value that |t| exceeds with probability `tail`, for `df` degrees of freedom (any positive number, whole or not); for 0.05:
 * 12.706 at df = 1, 1.960 at infinity. As good for tails of 1e-12: nothing near 1 is subtracted from.
 */
export function studentQuantile(tail: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`degrees of freedom must be positive: ${df}`)
  if (!(tail > 0 && tail < 1)) throw new RangeError(`a tail lies between 0 and 1: ${tail}`)
  let [low, high] = [0, 1]
  while (beyond(high, df) > tail) high *= 2
  // Newton's steps on the logarithm, which is nearly straight out there; halving where one would leave the interval.
  let t = (low + high) / 2
  for (let step = 0; step < 60 && high - low > 1e-12 * high; step++) {
    const found = beyond(t, df)
    if (found > tail) low = t
    else high = t
    const next = t + (Math.log(found / tail) * found) / (2 * density(t, df))
    if (Math.abs(next - t) < 1e-12 * t) return next
    t = next > low && next < high ? next : (low + high) / 2
  }
  return t
}

function density(t: number, df: number): number {
  const log = logGamma((df + 1) / 2) - logGamma(df / 2) - Math.log(df * Math.PI) / 2
  return Math.exp(log - ((df + 1) / 2) * Math.log1p((t * t) / df))
}

/** P(|T| > t) = I_x(df/2, 1/2) with x = df / (df + t²). */
function beyond(t: number, df: number): number {
  return regularizedBeta(df / (df + t * t), df / 2, 0.5)
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
