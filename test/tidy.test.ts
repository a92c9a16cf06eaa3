import { join } from 'node:path'
import { circles } from './support/tidy-circles'
import { clientImports, importDirections, oneHttpServer, toolImports } from './support/tidy-imports'
import * as rules from './support/tidy-rules'
import { readSources } from './support/tidy-source'
import { STORIES, strangers } from './support/tidy-stories'

/** The house rules (docs/ARCHITECTURE.md). Each is shown to catch what it forbids, then the whole repository is held to it. */

const sources = readSources(join(__dirname, '..'))

const lines = (count: number) => 'x\n'.repeat(count)
const body = (count: number) => `{\n${lines(count - 2)}}`
const header = '-- Purpose: take a slot for a payer.\n-- KEYS[1] deck\n-- ARGV[1] payer\n-- Returns the slot.\n'
/** Joined here, so that this file does not hold what it forbids. */
const slash = (...parts: string[]) => ['', ...parts].join('/')

/** For each rule: samples it must refuse and samples it must accept, as [path, text]. */
const CASES: { rule: rules.Rule; bad: [string, string][]; good: [string, string][] }[] = [
  {
    rule: importDirections,
    bad: [
      ['server/domain/deck.ts', "import { take } from '../flow/take'"],
      ['server/domain/deck.ts', "import { readFileSync } from 'node:fs'"],
      ['server/domain/deck.ts', "import {\n  z,\n} from 'zod'"],
      ['server/domain/deck.ts', "export * from '../http/contract'"],
      ['server/domain/deck.ts', "const later = await import('../store/redis/slots')"],
      ['server/domain/deck.ts', "const now = require('koa')"],
      ['server/flow/pay.ts', "import type { Db } from '../store/sql/db'"],
      ['server/flow/pay.ts', "import Redis from 'ioredis'"],
      ['server/store/redis/slots.ts', "import { bank } from '../../channel/bank'"],
      ['server/store/redis/slots.ts', "import { pay } from '../../flow/pay'"],
      ['server/channel/bank/index.ts', "import { ledger } from '../../store/sql/ledger'"],
      ['server/channel/bank/index.ts', "import '../../config'"],
      ['server/http/app.ts', "import { sweeper } from '../job/sweep'"],
      ['server/http/app.ts', "import { slots } from '../store/redis/slots'"],
      ['server/job/sweep.ts', "import { app } from '../http/app'"],
      ['server/sandbox/bank/books.ts', "import { config } from '../../config'"],
      ['server/sandbox/bank/books.ts', "import { client } from '../../channel/bank/client'"],
      ['server/config.ts', "import { app } from './http/app'"],
      ['server/flow/pay.ts', "import { start } from '../main'"],
      ['server/http/app.ts', "import { open } from '../../test/support/db'"],
      ['server/helpers/any.ts', ''],
    ],
    good: [
      ['server/domain/deck.ts', "import { createHmac } from 'node:crypto'\nimport { bandCount } from './rule'"],
      ['server/domain/deck.ts', "// import { take } from '../flow/take'\nconst s = 'from nowhere'"],
      ['server/flow/pay.ts', "import { decide } from '../domain/order'\nimport type { Ledger } from './ports'"],
      ['server/store/sql/ledger.ts', "import { Pool } from 'pg'\nimport type { Ledger } from '../../flow/ports'"],
      ['server/store/sql/ledger.ts', "import { lock } from '../dir-lock'"],
      ['server/http/routes/payer.ts', "import { pay } from '../../flow/pay'\nimport { Quote } from '../contract'"],
      ['server/sandbox/bank/guard.ts', "import { verify } from '../../channel/bank/sign'"],
      ['server/main.ts', "import { app } from './http/app'\nimport { config } from './config'"],
    ],
  },
  {
    rule: clientImports,
    bad: [
      ['src/api.ts', "import { quoteSchema } from '@contract'"],
      ['src/api.ts', "import { type Quote, quoteSchema } from '@contract'"],
      ['src/api.ts', "export type A = number\nimport { quoteSchema } from '@contract'"],
      ['src/pages/pay/index.tsx', "import type { Order } from '../../../server/domain/order'"],
      ['src/api.ts', "export { codes } from '../server/http/contract'"],
    ],
    good: [
      ['src/api.ts', "import type { Quote } from '@contract'\nimport Taro from '@tarojs/taro'"],
      [
        'src/pages/pay/index.tsx',
        "import type { Quote } from '../../../server/http/contract'\nimport { api } from '../../api'",
      ],
    ],
  },
  {
    rule: toolImports,
    bad: [
      ['harness/bank.ts', "import { house } from '../test/support/house'"],
      ['harness/bank.ts', "import { verdict } from '../chaos/verdict'"],
      ['bench/main.ts', "import type { House } from '../test/support/house'"],
      ['siege/main.ts', "import { verdict } from '../chaos/verdict'"],
      ['chaos/main.ts', "const pages = await import('../test/support/console')"],
      ['scripts/start.ts', "import { meter } from '../bench/meter'"],
      ['harness/clock.mjs', "import { wait } from '../test/support/wait.mjs'"],
    ],
    good: [
      [
        'bench/main.ts',
        "import { startBank } from '../harness/bank'\nimport { pay } from '../server/flow/payment/pay'",
      ],
      ['test/http/pay.test.ts', "import { house } from '../support/house'"],
    ],
  },
  {
    rule: oneHttpServer,
    bad: [
      ['server/main.ts', "import { createServer, type Server } from 'node:http'"],
      ['server/sandbox/bank/server.ts', "import http from 'node:http'"],
    ],
    good: [
      ['server/serve.ts', "import { createServer } from 'node:http'"],
      ['server/http/live.ts', "import type { Server } from 'node:http'"],
      ['server/store/dir-lock.ts', "import { createServer } from 'node:net'"],
      ['test/channel/bank-client.test.ts', "import { createServer } from 'node:http'"],
    ],
  },
  {
    rule: rules.fileLength,
    bad: [
      ['server/flow/pay.ts', lines(301)],
      ['server/store/redis/take.lua', lines(301)],
      ['test/flow/pay.test.ts', lines(401)],
    ],
    good: [
      ['server/flow/pay.ts', lines(300)],
      ['test/flow/pay.test.ts', lines(400)],
    ],
  },
  {
    rule: rules.functionLength,
    bad: [
      ['server/flow/pay.ts', `export async function pay(order: Order): Promise<{ ok: boolean }> ${body(71)}`],
      ['server/flow/pay.ts', `const pay = async (order: Order): Promise<void> => ${body(71)}`],
      ['server/flow/pay.ts', `class Pay {\n  private async pay<T>(order: T): Promise<T | null> ${body(71)}\n}`],
      ['src/pages/pay/index.tsx', `export default function Pay() ${body(121)}`],
    ],
    good: [
      ['server/flow/pay.ts', `function pay() ${body(70)}\nfunction repay() ${body(70)}`],
      ['src/pages/pay/index.tsx', `export default function Pay() ${body(120)}`],
      ['server/flow/pay.ts', `interface Pay {\n  pay(order: Order): void\n${lines(80)}}\nif (x) ${body(80)}`],
    ],
  },
  {
    rule: rules.luaHeaders,
    bad: [
      ['server/store/redis/take.lua', 'return 1'],
      ['server/store/redis/take.lua', `local x = 1\n${header}`],
      ['server/store/redis/take.lua', header.replace(/^.*\n/, '')],
      ...['KEYS', 'ARGV', 'Returns'].map((word): [string, string] => ['a/take.lua', header.replace(word, 'that')]),
    ],
    good: [['server/store/redis/take.lua', `${header}return 1`]],
  },
  {
    rule: rules.noFloatMoney,
    bad: [
      ['server/a.ts', 'const amountFen = parseFloat(text) * 100'],
      ['src/a.ts', 'show((amountFen).toFixed(2))'],
      ['src/a.ts', 'const shown = payableFen / 100'],
      ['server/a.ts', 'const feeFen = amountFen * 0.006'],
      ['server/a.ts', 'interface Quote { amountYuan: number }'],
    ],
    good: [
      ['server/a.ts', 'const halfFen = Math.floor((amountFen * percent) / 100) // 0.5 of amountFen'],
      ['server/a.ts', "const priceYuan: string = formatYuan(amountFen) + '1.5 Fen'"],
      ['server/a.ts', 'const ratio = count / 100'],
    ],
  },
  {
    rule: rules.environment,
    bad: [
      ['server/store/sql/db.ts', 'const url = process.env.DATABASE_URL'],
      ['src/api.ts', 'const url = process.env.API_URL'],
    ],
    good: [
      ['server/config.ts', 'const url = process.env.DATABASE_URL'],
      ['src/app.ts', "if (process.env.TARO_ENV === 'h5') go()"],
      ['server/main.ts', "log('process.env is read elsewhere')"],
      ['scripts/start.ts', 'spawn(x, { env: process.env })'],
    ],
  },
  {
    rule: rules.platforms,
    bad: [
      ['src/pages/pay/index.tsx', 'wx.login()'],
      ['src/api.ts', 'const inWeChat = /MicroMessenger/.test(navigator.userAgent)'],
    ],
    good: [
      ['src/platform/weapp.ts', 'wx.login(navigator.userAgent)'],
      ['src/api.ts', "const scheme = 'wx' // wx.login"],
    ],
  },
  {
    rule: rules.pureCore,
    bad: [
      ['server/domain/order.ts', 'const at = Date.now()'],
      ['server/flow/pay.ts', 'const at = new Date()'],
      ['server/flow/pay.ts', 'const nonce = randomUUID()'],
    ],
    good: [
      ['server/flow/pay.ts', 'const at = clock.now(); const day = new Date(at)'],
      ['server/main.ts', 'const clock = { now: Date.now }'],
    ],
  },
  {
    rule: rules.thinRoutes,
    bad: [
      ['server/http/routes/desk/a.ts', 'const found = await deps.desk.orders.order(orderNo, null)'],
      ['server/http/routes/desk/a.ts', 'await deps\n  .operators.log({ at: 1 })'],
      ['server/http/routes/desk/a.ts', 'return pieces(day, deps.reconciliations)'],
      ['server/http/routes/merchant/a.ts', 'async function ownerOf({ identity }: HttpDeps) {}'],
      ['server/http/routes/merchant/a.ts', "function bound({ desk }: Pick<HttpDeps, 'desk'>) {}"],
      ['server/http/routes/merchant/a.ts', 'const { ledger } = deps'],
      ['server/http/routes/payer/a.ts', "const ledger = deps['ledger']"],
    ],
    good: [
      ['server/http/routes/desk/a.ts', 'const day = await reconciledDay(deps, date) // deps.reconciliations'],
      ['server/http/routes/merchant/a.ts', 'return deps.tokens.issue(bearer, deps.clock.now())'],
      ['server/http/live.ts', 'await deps.desk.bindings.inForce(id)'],
    ],
  },
  {
    rule: rules.noOwnChannelByName,
    bad: [
      ['server/flow/payment/agree.ts', "const desk = deps.channels.get('bank')"],
      ['server/store/sql/report/report.ts', "raw`count(*) filter (where o.channel = 'bank')`"],
      ['server/domain/channel.ts', "export const OWN_CHANNEL = 'bank'\nexport const OTHER = 'bank'"],
    ],
    good: [
      ['server/domain/channel.ts', "export const OWN_CHANNEL = 'bank' as const"],
      ['server/flow/payment/agree.ts', "const desk = deps.channels.get(OWN_CHANNEL) // not 'bank'"],
      ['server/main.ts', "const name = 'bank'"],
    ],
  },
  {
    rule: rules.noMathRandom,
    bad: [['server/sandbox/bank/books.ts', 'const tradeNo = Math.random()']],
    good: [['server/main.ts', 'const tradeNo = randomBytes(8) // not Math.random']],
  },
  {
    rule: rules.fileNames,
    bad: [
      ['server/store/sql/endOrder.ts', ''],
      ['src/components/Button.tsx', ''],
      ['server/flow/end_order.ts', ''],
      ['server/utils/money.ts', ''],
      ['src/util/money.ts', ''],
    ],
    good: [
      ['server/store/sql/end-order.ts', ''],
      ['server/store/sql/migrations/0001-start.ts', ''],
      ['src/pages/pay/index.config.ts', ''],
      ['docs/ARCHITECTURE.md', ''],
    ],
  },
  {
    rule: rules.honestTests,
    bad: [
      ['test/a.test.ts', "it.only('x', run)"],
      ['test/a.test.ts', "fdescribe('x', run)"],
      ['test/a.test.ts', "console.warn('why')\ndescribe.only('x', run)"],
      ['test/a.test.ts', "xit('x', run)"],
      ['test/a.test.ts', "const when = ready ? describe : describe.skip // console.warn('why')"],
    ],
    good: [
      ['test/a.test.ts', "if (!ready) console.warn('skipped: no redis-server')\nconst when = ready ? it : it.skip"],
      ['test/a.test.ts', "const sample = 'it.only'"],
    ],
  },
  {
    rule: rules.noMachine,
    bad: [
      ['README.md', `cd ${slash('home', 'somebody', 'fapai')}`],
      ['.ci/run', `cd ${slash('work', 'main')}`],
      ['scripts/a.ts', `writeFileSync('${slash('tmp', 'a')}')`],
      ['test/a.test.ts', `readFileSync('${slash('root', '.npmrc')}')`],
      ['.npmrc', `regis${'try'}=http://10.0.0.1`],
      ['package-lock.json', `"https://regis${'try'}.example.com/a.tgz"`],
    ],
    good: [
      ['test/a.test.ts', `mkdir('${slash('tmp', 'a')}')`],
      ['src/app.ts', "go('pages/home/index')"],
      ['README.md', `https://host${slash('home', 'x')} and dist${slash('tmp', 'x')}`],
    ],
  },
  {
    rule: rules.lockWithoutHosts,
    bad: [['package-lock.json', '{ "resolved": "https://somewhere" }']],
    good: [['package-lock.json', '{ "version": "1.0.0" }']],
  },
]

describe.each(CASES)('$rule.name', ({ rule, bad, good }) => {
  it.each(bad)('refuses in %s: %j', (path, text) => {
    expect(rule.check({ path, text })).not.toEqual([])
  })

  it.each(good)('accepts in %s: %j', (path, text) => {
    expect(rule.check({ path, text })).toEqual([])
  })

  it('everywhere in this repository', () => {
    const found = sources.flatMap((source) => rule.check(source).map((message) => `${source.path}:${message}`))
    expect(found).toEqual([])
  })
})

describe('files that import each other in a circle', () => {
  const files = (texts: Record<string, string>) => Object.entries(texts).map(([path, text]) => ({ path, text }))

  it.each<[string, Record<string, string>]>([
    ['a.ts → b.ts → a.ts', { 'a.ts': "import { b } from './b'", 'b.ts': "import { a } from './a'" }],
    ['a.ts → b.ts → a.ts', { 'a.ts': "import type { B } from './b'", 'b.ts': "export type { A } from './a'" }],
    ['a.ts → b/c.tsx → a.ts', { 'a.ts': "page(() => import('./b/c'))", 'b/c.tsx': "import { A } from '../a'" }],
    ['b.ts → c/index.ts → b.ts', { 'a.ts': "import './b'", 'b.ts': "import './c'", 'c/index.ts': "import '../b'" }],
    ['a.ts → b.weapp.ts → a.ts', { 'a.ts': "import './b'", 'b.ts': '', 'b.weapp.ts': "import './a'" }],
    [
      'server/http/contract/index.ts → src/a.ts → server/http/contract/index.ts',
      { 'server/http/contract/index.ts': "import '../../../src/a'", 'src/a.ts': "import type { A } from '@contract'" },
    ],
  ])('are found: %s', (path, texts) => {
    expect(circles(files(texts))).toEqual([path])
  })

  it.each<[Record<string, string>]>([
    [{ 'a.ts': "import './b'\nimport './c'", 'b.ts': "import './c'", 'c.ts': "import { a } from 'a'" }],
    [{ 'a.ts': "import './b'", 'b.ts': "// import './a'" }],
  ])('are not seen where there are none: %j', (texts) => {
    expect(circles(files(texts))).toEqual([])
  })

  it('are nowhere in this repository', () => {
    expect(circles(sources)).toEqual([])
  })
})

describe('the words for stories', () => {
  const plan = ['server/flow', 'server/store/sql'].flatMap((room) => STORIES.map((story) => `${room}/${story}/a.ts`))

  it.each([
    ['server/flow/pay.ts', 'server/flow/pay.ts stands in no story'],
    ['server/flow/refunds/a.ts', 'server/flow/refunds is no story'],
    ['server/flow/desk/a.ts', 'server/flow/desk is no story'],
    ['server/store/sql/books/a.ts', 'server/store/sql/books is no story'],
    ['server/http/routes/admin/a.ts', 'server/http/routes/admin is no reader'],
    ['server/http/routes/a.ts', 'server/http/routes/a.ts is for no reader'],
    ['test/flow/books/a.test.ts', 'test/flow/books is no story'],
    ['test/flow/a.test.ts', 'test/flow/a.test.ts stands in no story'],
    ['test/store/sql/a/b.test.ts', 'test/store/sql/a is no story'],
    ['test/http/admin/a.test.ts', 'test/http/admin is no story'],
  ])('refuse %s', (path, message) => {
    expect(strangers([...plan, path])).toEqual([message])
  })

  it('refuse a story that flow or store tell under another name', () => {
    const without = plan.filter((path) => path !== 'server/store/sql/refund/a.ts')
    expect(strangers(without)).toEqual(['server/store/sql/refund is missing'])
  })

  it('accept the plan, and what is about no story', () => {
    const more = [
      'server/flow/ports/a.ts',
      'server/store/sql/deed/a.ts',
      'server/store/sql/rows.ts',
      'test/http/a.test.ts',
    ]
    expect(strangers([...plan, ...more, 'server/http/routes/desk/a.ts', 'server/http/routes/health.ts'])).toEqual([])
  })

  it('are the same everywhere in this repository', () => {
    expect(strangers(sources.map((source) => source.path))).toEqual([])
  })
})

describe('this check', () => {
  it('has every rule in the table above', () => {
    const named = Object.values(rules).filter((value) => typeof value === 'object').length + 4
    expect(CASES).toHaveLength(named)
  })

  it('finds the files of the repository and nothing built or installed', () => {
    const paths = sources.map((source) => source.path)
    expect(paths).toEqual(
      expect.arrayContaining(['server/domain/deck.ts', 'test/tidy.test.ts', 'package-lock.json', '.npmrc']),
    )
    expect(paths.filter((path) => /(^|\/)(node_modules|dist|\.git)\//.test(path))).toEqual([])
  })
})
