import { createHash, createHmac } from 'node:crypto'

/** A merchant that may be drawn: its branch, and its orders of late as its turnover. */
export interface Candidate {
  merchantCode: string
  branchCode: string
  orders: number
}

/** So many classes of turnover in each branch. */
const CLASSES = 3

/**
 * The seed of a draw: HMAC-SHA256(campaign secret, controls | campaign | candidates and share), so that drawing again among the same
 * merchants draws the same, and nobody goes on until the draw pleases. `listHash` is what it was drawn from ({@link listHash}).
 */
export function drawSeed(secret: Uint8Array, campaignId: string, hash: string, percent: number): Buffer {
  return createHmac('sha256', secret).update(['controls', campaignId, hash, percent].join('|')).digest()
}

/** SHA-256 of the seed, hex: stands in the log before the campaign, and whoever has the secret shows what it is of. */
export function drawCommitment(seed: Uint8Array): string {
  return createHash('sha256').update(seed).digest('hex')
}

/** Of the candidates, as they went into a draw; hex. */
export function listHash(candidates: readonly Candidate[]): string {
  const lines = inOrder(candidates).map(({ merchantCode, branchCode, orders }) =>
    [merchantCode, branchCode, orders].join(','),
  )
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

/**
 * Draws the merchants to be left out: `percent` of them, as evenly as can be over branches and, in each, over thirds of turnover
 * (systematic sampling from a random start over shuffled strata). Each is as likely to be drawn as any other. Codes in order.
 */
export function drawControls(candidates: readonly Candidate[], percent: number, seed: Uint8Array): string[] {
  const draw = (of: string) => createHmac('sha256', seed).update(of).digest().readUIntBE(0, 6) / 2 ** 48
  const strata = [...strataOf(candidates)].sort(([a], [b]) => (a < b ? -1 : 1))
  const queue = strata.flatMap(([, all]) =>
    all
      .map(({ merchantCode }) => ({ merchantCode, at: draw(`merchant ${merchantCode}`) }))
      .sort((a, b) => a.at - b.at)
      .map(({ merchantCode }) => merchantCode),
  )
  const wanted = Math.round((queue.length * percent) / 100)
  const step = queue.length / wanted
  const start = draw('start') * step
  const drawn = Array.from({ length: wanted }, (_, i) => queue[Math.floor(start + i * step)]!)
  return drawn.sort()
}

function strataOf(candidates: readonly Candidate[]): Map<string, Candidate[]> {
  const branches = grouped(inOrder(candidates), ({ branchCode }) => branchCode)
  const classed = [...branches.values()].flatMap((all) => {
    const ranked = [...all].sort((a, b) => a.orders - b.orders || (a.merchantCode < b.merchantCode ? -1 : 1))
    return ranked.map((one, i) => ({ one, key: `${one.branchCode}|${Math.floor((CLASSES * i) / ranked.length)}` }))
  })
  const strata = grouped(classed, ({ key }) => key)
  return new Map([...strata].map(([key, all]) => [key, all.map(({ one }) => one)]))
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group) group.push(one)
    else groups.set(keyOf(one), [one])
  }
  return groups
}

const inOrder = (candidates: readonly Candidate[]) =>
  [...candidates].sort((a, b) => (a.merchantCode < b.merchantCode ? -1 : 1))
