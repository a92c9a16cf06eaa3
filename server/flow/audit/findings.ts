import { AUDIT_CODES, type AuditCode, type Fault } from './fault'

export type Findings = ReturnType<typeof findings>

/** All violations, by code; none of a code that has none. And what could not be looked at, and why. */
export interface Found {
  violations: { code: AuditCode; invariant: string; count: number; faults: Fault[] }[]
  skipped: { what: string; count: number; reason: string }[]
}

/** A broken ledger may have a million faults of a kind; so many of each are kept, and all are counted. */
const FAULTS_KEPT = 50

/** Keeps the first faults of each code and counts all. */
export function findings() {
  const faults = new Map<AuditCode, { count: number; faults: Fault[] }>()
  const skipped = new Map<string, Found['skipped'][number]>()
  return {
    add(more: readonly Fault[]): void {
      for (const fault of more) {
        const of = faults.get(fault.code) ?? { count: 0, faults: [] }
        faults.set(fault.code, of)
        of.count++
        if (of.faults.length < FAULTS_KEPT) of.faults.push(fault)
      }
    },
    skip(what: string, reason: string, count = 1): void {
      const key = `${what}: ${reason}`
      const of = skipped.get(key) ?? { what, count: 0, reason }
      skipped.set(key, { ...of, count: of.count + count })
    },
    /** In the order of the invariants. */
    report(): Found {
      const codes = Object.keys(AUDIT_CODES) as AuditCode[]
      return {
        violations: codes.flatMap((code) => {
          const of = faults.get(code)
          return of ? [{ code, invariant: AUDIT_CODES[code], ...of }] : []
        }),
        skipped: [...skipped.values()],
      }
    },
  }
}
