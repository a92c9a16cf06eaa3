import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Pulse } from '../domain/deck-proof'
import type { Beacon } from '../flow/ports'

/** What is needed to ask a chain of drand (https://drand.love), or whoever speaks like it. */
export interface DrandConfig {
  /** of a chain: `https://api.drand.sh/<chain hash>` */
  url: string
  timeoutMs: number
}

const info = z.object({ period: z.int().min(1), genesis_time: z.int().min(0) })
const hex = z.string().regex(/^([0-9a-f]{2})+$/)
const round = z.object({ round: z.int(), randomness: hex.length(64), signature: hex.max(1_024) })

/** Some hundred bytes; more is not from a beacon. */
const MAX_BYTES = 16 * 1024

/**
 * A beacon whose rounds have fixed times: round 1 is of its genesis, and each other a period after the one before. What it says is hashed
 * from its signature, which is checked; the signature itself is for whoever audits to hold against the public record of the round.
 */
export function drandBeacon({ url, timeoutMs }: DrandConfig): Beacon {
  const source = url.replace(/\/$/, '')
  let chain: Promise<z.output<typeof info>> | undefined

  async function ask<T>(path: string, shape: z.ZodType<T>): Promise<T> {
    const reply = await fetch(`${source}${path}`, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    if (!reply.ok) throw new Error(`the beacon answers ${reply.status}`)
    const text = await reply.text()
    if (text.length > MAX_BYTES) throw new Error('the beacon says too much')
    return shape.parse(JSON.parse(text))
  }

  return {
    async pulseAt(at): Promise<Pulse> {
      chain ??= ask('/info', info)
      chain.catch(() => {
        chain = undefined
      })
      const { period, genesis_time: genesis } = await chain
      const wanted = Math.max(0, Math.ceil((at / 1_000 - genesis) / period)) + 1
      const said = await ask(`/public/${wanted}`, round)
      if (said.round !== wanted) throw new Error(`the beacon answers round ${said.round} for ${wanted}`)
      const value = createHash('sha256').update(Buffer.from(said.signature, 'hex')).digest('hex')
      if (said.randomness !== value) throw new Error('the beacon’s randomness isn’t that of its signature')
      return { source, round: wanted, value }
    },
  }
}
