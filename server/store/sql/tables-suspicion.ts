import type { JSONColumnType } from 'kysely'
import type { Evidence } from '../../domain/suspicion'
import type { Decision } from '../../flow/ports'

/** What the nightly scoring found; units and dates as in tables.ts. */
export interface SuspicionTables {
  suspicion_runs: {
    business_date: string
    held_until: number
    finished_at: number | null
    merchants: number
    found: number
  }
  suspicions: {
    suspicion_id: string
    campaign_id: string
    merchant_code: string
    first_date: string
    last_date: string
    score: number
    decision: Decision | null
    decided_at: number | null
  }
  discount_holds: { campaign_id: string; who: 'merchant' | 'payer'; id: string; until: string; suspicion_id: string }
  suspicion_days: {
    suspicion_id: string
    business_date: string
    score: number
    evidence: JSONColumnType<Evidence[]>
  }
}
