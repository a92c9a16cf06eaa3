import { startTestRedis } from '../../harness/redis'
import { pick } from './pick'
import { STREET, simulate } from './simulate'
import { hoardTable, pickTable } from './table'

/** `npm run hoard [seed]`: what hoarders and pickers can do, played on the house's own rules (docs/HOARDING.md). */
async function main(): Promise<void> {
  const seed = Number(process.argv[2] ?? 1)
  const { redis, stop } = await startTestRedis('redis-server')
  try {
    const hoards = []
    for (const rules of ['before', 'now'] as const)
      for (const identities of [20, 200, 2_000])
        for (const whenLeft of [20, 10, 5, 3, 2, 1]) {
          if (rules === 'before' && (identities > 20 || whenLeft < 20)) continue
          hoards.push({
            rules,
            identities,
            whenLeft,
            ...(await simulate(redis, { ...STREET, seed, rules, identities, whenLeft })),
          })
        }
    console.log(hoardTable(hoards))
    const picks = []
    for (const rules of ['before', 'now'] as const)
      for (const identities of [20, 200])
        for (const wantsFen of [0, 400, 425]) {
          const options = { seed, rules, identities, wantsFen, purchases: 3, merchants: 20, cards: 20 }
          picks.push({ rules, identities, wantsFen, ...(await pick(redis, options)) })
        }
    console.log(pickTable(picks))
  } finally {
    await stop()
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
