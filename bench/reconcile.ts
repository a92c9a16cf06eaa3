import { fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CompiledQuery } from 'kysely'
import { postgresMissing, startOwnPostgres } from '../harness/sql'
import { TYPESCRIPT } from '../harness/typescript'
import { progressBar } from '../scripts/progress-bar'
import { type BankConfig, bankStatements } from '../server/channel/bank'
import { generateBankKeys, HEADER, keyIdOf, publicKeyOf, replyText, signer } from '../server/channel/bank/sign'
import { DAY_MS } from '../server/domain/business-date'
import type { StatementManifest } from '../server/flow/ports'
import { reconcileDay } from '../server/flow/reconcile/reconcile'
import { openSql, type SqlOptions } from '../server/store/sql/open-sql'
import { sqlLedger } from '../server/store/sql/payment/ledger'
import { sqlReconciliations } from '../server/store/sql/reconcile/reconciliations'
import { sqlRefunds } from '../server/store/sql/refund/refund-ledger'
import { tell } from './figure'

/**
 * `tsx bench/reconcile.ts [lines]`: a day of so many bookings (1,000,000 unless told), with five mistakes of each kind in the
 * statement, reconciled on a real PostgreSQL by a process of its own, whose time and peak memory are printed.
 */

const DATE = '2026-11-20'
const START_MS = Date.parse(`${DATE}T00:00:00+08:00`)
const EACH = 5
const NOTHING = { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 }

interface Task {
  sql: SqlOptions
  bank: BankConfig
  dir: string
}

/** Scattered, as random numbers are: the same in {@link fill}. */
const orderNoOf = (i: number) =>
  `F20261120-${((BigInt(i) * 2_654_435_761n) % 4_294_967_296n).toString(16).padStart(8, '0').toUpperCase()}`

/** Every fifth order has ¥8.00 off. */
function legsOf(i: number): [payerFen: number, glFen: number, merchantFen: number] {
  const amountFen = 1_000 + (i % 40_000)
  const discountFen = i % 5 === 0 ? 800 : 0
  return [-(amountFen - discountFen / 2), -discountFen, amountFen + discountFen / 2]
}

async function fill(connection: SqlOptions, count: number): Promise<void> {
  const sql = openSql({ ...connection, max: 1, statementTimeoutMs: 0, query_timeout: 0 })
  const text = `
    insert into orders (order_no, quote_nonce, payer_id, payer_ref, merchant_code, channel, business_date, amount_fen,
      discount_fen, payer_discount_fen, merchant_reward_fen, payable_fen, merchant_receives_fen, campaign_id, deck_date, slot,
      payer_account, merchant_account, gl_account, state, created_at, ended_at, channel_trade_no, attempts)
    select 'F20261120-' || upper(lpad(to_hex(i * 2654435761 % 4294967296), 8, '0')), 'q' || i, 'p' || i % 100000, 'a',
      'M' || i % 2000, 'bank', '${DATE}', fen, off, off / 2, off / 2, fen - off / 2, fen + off / 2,
      case when off > 0 then 'bench' end, case when off > 0 then date '${DATE}' end, case when off > 0 then i end,
      'payer-' || i % 100000, 'merchant-' || i % 2000, 'gl-1', 'paid', at, at, 'B' || i, 0
    from (
      select i::bigint, 1000 + i % 40000 as fen, case when i % 5 = 0 then 800 else 0 end as off,
        ${START_MS} + i::bigint * ${DAY_MS} / $1::bigint - 1 as at
      from generate_series(1, $1::integer) i
    ) o`
  await sql.db.executeQuery(CompiledQuery.raw(text, [count]))
  const paid = `insert into order_events (order_no, kind, at) select order_no, 'paid', ended_at from orders order by ended_at`
  await sql.db.executeQuery(CompiledQuery.raw(paid))
  await sql.db.executeQuery(CompiledQuery.raw('vacuum analyze orders, order_events'))
  await sql.close()
}

/** Writes the bank's file, with mistakes in its first lines, and says what its manifest must. */
async function write(file: string, count: number): Promise<StatementManifest> {
  const hash = createHash('sha256')
  const sums = { ...NOTHING }
  const line = (i: number, change: { fen?: number; gl?: string } = {}) => {
    const [payer, gl, merchant] = legsOf(i)
    const { fen = 0, gl: account = gl === 0 ? '' : 'gl-1' } = change
    sums.count++
    sums.payerFen += payer - fen
    sums.glFen += gl
    sums.merchantFen += merchant + fen
    const at = START_MS + Math.floor((i * DAY_MS) / count)
    return `C|${orderNoOf(i)}||B${i}|${at}|${payer - fen}|${gl}|${merchant + fen}|${account}|merchant-${i % 2000}\n`
  }
  function* rows(): Generator<string> {
    yield `FAPAI-STATEMENT|1|${DATE}\n`
    for (let i = 1; i <= count; i++) {
      const kind = i % 5 === 0 ? Math.floor((i / 5 - 1) / EACH) : -1
      if (kind === 0) yield line(i) + line(i)
      else if (kind === 1) continue
      else if (kind === 2) yield line(i, { fen: 1 })
      else if (kind === 3) yield line(i, { gl: 'gl-99' })
      else if (kind === 4) yield line(i).replace(/F20261120-.{8}/, `PHANTOM-${i}`) + line(i)
      else yield line(i)
    }
    const { payerFen, glFen, merchantFen } = sums
    yield `END|${[sums.count, sums.count, payerFen, glFen, merchantFen, 0, 0, 0, 0].join('|')}\n`
  }
  function* hashed(): Generator<string> {
    for (const row of rows()) {
      hash.update(row)
      yield row
    }
  }
  await pipeline(Readable.from(hashed()), createWriteStream(file))
  const totals = { clearing: sums, refund: NOTHING }
  return { date: DATE, sha256: hash.digest('hex'), bytes: statSync(file).size, lines: sums.count, totals }
}

/** A bank that has nothing but this statement. */
async function serve(file: string, manifest: StatementManifest, privateKey: string) {
  const sign = signer(privateKey)
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request
    if (path.endsWith('/file')) return void createReadStream(file).pipe(response)
    const body = JSON.stringify(manifest)
    const timestamp = String(Date.now())
    const nonce = String(headers[HEADER.nonce])
    const signature = sign(replyText({ method, path, status: 200, timestamp, nonce, body }))
    const keyId = keyIdOf(publicKeyOf(privateKey))
    const own = { [HEADER.keyId]: keyId, [HEADER.timestamp]: timestamp, [HEADER.signature]: signature }
    response.writeHead(200, own).end(body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() }
}

/** The process that is measured. */
async function child({ sql: connection, bank, dir }: Task): Promise<void> {
  const sql = openSql(connection)
  const statements = bankStatements({ ...bank, clock: { now: Date.now }, random: randomBytes, dir })
  const bar = progressBar(process.stderr)
  const idleMb = rssMb()
  const started = Date.now()
  const spentMs: Record<string, number> = {}
  let since = started
  const result = await reconcileDay(
    {
      ledger: sqlLedger(sql),
      refunds: sqlRefunds(sql),
      reconciliations: sqlReconciliations(sql),
      carryOverMs: 1_800_000,
      slots: {} as never, // no order of this day ends by it
      feed: { nudge() {}, subscribe: async () => () => {} },
      clock: { now: Date.now },
      limits: { leaseTtlMs: 0 },
      channels: new Map(),
      statements: new Map([['bank', statements]]),
      onAlarm: (alarm) => console.error(alarm),
      onProgress({ phase, done, total }) {
        spentMs[phase] = (spentMs[phase] ?? 0) + Date.now() - since
        since = Date.now()
        bar.show(phase, done, total)
      },
    },
    { channel: 'bank', date: DATE },
  )
  bar.end()
  const seconds = (ms: number) => `${Math.round(ms / 100) / 10} s`
  if (result.kind === 'refused') throw new Error(`${result.code}: ${result.detail}`)
  const { manifest, result: sums, differences } = result.reconciliation
  tell({ name: 'lines reconciled', unit: '/s', value: (manifest.lines * 1_000) / (Date.now() - started) })
  const counts = differences.map((one) => `${one.class} ${one.count}`).join(', ')
  console.log(`${manifest.lines.toLocaleString('en')} lines in ${seconds(Date.now() - started)}`)
  console.log(
    Object.entries(spentMs)
      .map(([phase, ms]) => `  ${phase} ${seconds(ms)}`)
      .join(','),
  )
  console.log(`  balanced ${sums.balanced.clearing.count}, carried ${sums.carried.clearing.count}, ${counts}`)
  console.log(
    `  proven ${sums.proven}; peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MB, ${idleMb} MB before`,
  )
  await statements.stop()
  await sql.close()
  process.disconnect()
}

function rssMb(): number {
  return Math.round(process.memoryUsage().rss / 1024 / 1024)
}

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 1_000_000)
  const missing = postgresMissing()
  if (missing) throw new Error(missing)
  const dir = mkdtempSync(join(tmpdir(), 'fapai-bench-'))
  const postgres = await startOwnPostgres()
  try {
    await postgres.fresh()
    await fill(postgres.connection(), count)
    const file = join(dir, 'statement.txt')
    const manifest = await write(file, count)
    console.log(`statement of ${manifest.lines.toLocaleString('en')} lines, ${Math.round(manifest.bytes / 1e6)} MB`)
    const keys = generateBankKeys()
    const bank = await serve(file, manifest, keys.bank.privateKey)
    const config = { baseUrl: bank.url, keyId: 'bench', privateKey: keys.client.privateKey, timeoutMs: 5_000 }
    const task: Task = { sql: postgres.connection(), bank: { ...config, bankPublicKey: keys.bank.publicKey }, dir }
    for (const run of ['first', 'again']) {
      console.log(`${run} run:`)
      const forked = fork(__filename, ['--child'], { execArgv: [], env: { ...process.env, ...TYPESCRIPT } })
      if (run === 'first') forked.on('message', (figures) => process.send?.(figures))
      forked.send(task)
      await new Promise((done) => forked.once('exit', done))
    }
    bank.stop()
  } finally {
    await postgres.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

if (process.argv[2] === '--child') process.once('message', (task) => child(task as Task))
else void main()
