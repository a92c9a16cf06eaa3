/** What was looked at and what was wrong with it. */
export interface Line {
  /** `I1` … `I10`, or another promise of the product's */
  name: string
  what: string
  /** how many things were looked at */
  checked: number
  violations: number
  samples: string[]
}

/** So many are enough to see what kind of fault it is; the count says how often. */
const SAMPLES = 10

/** Collects violations by the promise that was broken. */
export class Verdict {
  private readonly byName = new Map<string, Line>()

  /** One more thing was looked at, or several. */
  checked(name: string, what: string, count = 1): void {
    this.line(name, what).checked += count
  }

  violate(name: string, what: string, sample: string): void {
    const line = this.line(name, what)
    line.violations++
    if (line.samples.length < SAMPLES) line.samples.push(sample)
  }

  /** Looks at one thing: `sample` says what is wrong with it, undefined that nothing is. */
  look(name: string, what: string, sample: string | undefined): void {
    this.checked(name, what)
    if (sample !== undefined) this.violate(name, what, sample)
  }

  get lines(): Line[] {
    const number = (name: string) => Number(/^I(\d+)$/.exec(name)?.[1] ?? 99)
    return [...this.byName.values()].sort((a, b) => number(a.name) - number(b.name))
  }

  get violations(): number {
    return this.lines.reduce((sum, line) => sum + line.violations, 0)
  }

  private line(name: string, what: string): Line {
    const key = `${name}|${what}`
    const line = this.byName.get(key) ?? { name, what, checked: 0, violations: 0, samples: [] }
    this.byName.set(key, line)
    return line
  }
}
