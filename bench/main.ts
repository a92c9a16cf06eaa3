import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { deckBytes } from './deck-bytes'
import { tell } from './figure'
import { type Orders, orders } from './orders'
import { logIn } from './payers'
import { peers } from './peers'
import { quotes } from './quotes'
import { figuresOf, machine, type Report, table } from './report'
import { sitting } from './table'
import { takes } from './takes'
import { wallets } from './wallets'
import { startWorld } from './world'

/**
 * `npm run bench [-- --quick] [--json FILE]`, or `-- table …`, which is every bench's (table.ts): how far the payment's hot paths are from floors that do only what must be
 * done (docs/BENCH.md). Prints a table and writes JSON. Falling short is a figure, not a failure; only a fault is.
 */

/** Many short turns rather than few long ones: what else the machine does comes and goes by the second. */
const FULL = {
  takes: { rounds: 15, takesEach: 20_000 },
  peers: { rounds: 9, takesEach: 8_000 },
  quotes: { rounds: 25, forMs: 500 },
  orders: { rounds: 17, forMs: 1_000, merchants: 800, payers: 1_200 },
  wallets: { rounds: 9, forMs: 1_000, payers: 400 },
}
const QUICK: typeof FULL = {
  takes: { rounds: 5, takesEach: 8_000 },
  peers: { rounds: 3, takesEach: 3_000 },
  quotes: { rounds: 9, forMs: 300 },
  orders: { rounds: 7, forMs: 600, merchants: 200, payers: 400 },
  wallets: { rounds: 3, forMs: 400, payers: 100 },
}
/** Twenty at each of the street's twenty merchants. */
const QUOTE_PAYERS = 400

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, json: { type: 'string', default: '.data/bench.json' } },
  })
  const size = values.quick ? QUICK : FULL
  const say = (what: string) => console.error(`bench: ${what} …`)
  say('compiling the server')
  const build = resolve(__dirname, '..', 'scripts', 'build-server.ts')
  execFileSync(process.execPath, ['--import', 'tsx', build], { stdio: ['ignore', 'ignore', 'inherit'] })
  say('starting stores, bank, BFF and floor')
  const world = await startWorld({ merchants: size.orders.merchants, wallets: true })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => world.stop().then(() => process.exit(1)))
  try {
    const report: Report = { machine: machine(world.storage, values.quick) }
    say('deck bytes')
    report.deck = await deckBytes(world.redis)
    say('takes')
    report.takes = await takes(world.redisUrl, size.takes)
    say('cards taken in other ways')
    report.peers = await peers(world.redisUrl, size.peers)
    say('quotes')
    const payers = await logIn(world.bff, 'quote-payer', QUOTE_PAYERS, false)
    Object.assign(report, await quotes(world, payers, size.quotes))
    say('orders')
    report.orders = await orders(world, size.orders)
    say('orders by wallets')
    report.wallets = await wallets(world, size.wallets)
    await world.stop()
    if (!values.quick) {
      say('orders on a PostgreSQL that waits for its disk')
      report.durableOrders = await ordersWithFsync(size.orders)
    }
    mkdirSync(dirname(values.json), { recursive: true })
    writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
    console.log(table(report))
    tell(...figuresOf(report))
    console.log(`\nJSON: ${values.json}`)
  } finally {
    await world.stop()
  }
}

/** The same house anew, none of whose commits is lost. */
async function ordersWithFsync(size: typeof FULL.orders): Promise<Orders> {
  const world = await startWorld({ merchants: size.merchants, fsync: true })
  return orders(world, size).finally(world.stop)
}

async function everyBench(): Promise<void> {
  process.exitCode = await sitting(process.argv.slice(3))
}

const asked = process.argv[2] === 'table' ? everyBench() : main()
asked.catch((error) => {
  console.error(error)
  process.exitCode = 1
})
