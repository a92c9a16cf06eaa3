import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { VERBS } from '../../server/channel/watched'

const { load } = require('js-yaml') as { load(text: string): unknown }

/** What a BFF tells of itself, and the alerts, the dashboard and the pages that go by it. */

const ROOT = resolve(__dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const RULES = 'deploy/prometheus/fapai.rules.yml'

interface Rule {
  alert: string
  expr: string
  for?: string
  labels: { severity: string }
  annotations: { summary: string; runbook_url: string }
}
const rules = (load(read(RULES)) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules)
const expressionsOf = (text: string) =>
  (JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] }).panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr),
  )
const dashboard = expressionsOf(read('deploy/grafana/fapai.json'))

/** Of a selector, its name and the labels that it goes by: `fapai_x{a="b"}` → fapai_x, a. */
function selectors(expr: string): { name: string; labels: string[] }[] {
  return [...expr.matchAll(/\b((?:fapai|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(([, name, inside = '']) => ({
    name: name!,
    labels: [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => label!),
  }))
}

const promtool = ['promtool', '/usr/local/bin/promtool'].find((path) => !spawnSync(path, ['--version']).error)
if (!promtool) console.warn('skipped: no promtool (Debian: prometheus), so the alert rules are not checked by it')
const withPromtool = promtool ? it : it.skip

describe('what a BFF tells at /metrics', () => {
  let system: TestSystem
  let told: string
  const metrics = async () => String((await system.call('GET', '/metrics')).body)
  beforeAll(async () => {
    system = await startTestSystem()
    told = await metrics()
  })
  afterAll(() => system.stop())

  /** Its samples, each with its labels. */
  const samples = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name = '', inside = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
        const labels = Object.fromEntries([...inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((m) => [m[1]!, m[2]!]))
        return { name, labels, value: Number(value) }
      })
  const figureOf = (text: string, name: string, labels: Record<string, string>) =>
    samples(text).find((one) => one.name === name && Object.entries(labels).every(([k, v]) => one.labels[k] === v))
      ?.value

  it('has every series and label that an alert or a panel goes by, before anything has happened', () => {
    const all = samples(told)
    for (const expr of [...rules.map(({ expr }) => expr), ...dashboard])
      for (const { name, labels } of selectors(expr)) {
        // A campaign that is on is asked for by its name, and a histogram's rows come with its first.
        const known = all.filter((one) => one.name === name)
        expect({
          name,
          known: known.length > 0 || /^fapai_(http_request_seconds|declines|cards_held)/.test(name),
        }).toEqual({
          name,
          known: true,
        })
        for (const label of labels.filter((one) => known.length > 0 && one !== 'le'))
          expect({ name, label, known: known.some((one) => label in one.labels) }).toEqual({ name, label, known: true })
      }
    expect(rules.length).toBeGreaterThan(25)
  })

  it('counts from nought: alarms, refusals, quotes, orders, calls and jobs are there before the first', () => {
    for (const [name, labels] of [
      ['fapai_alarms_total', { code: 'bad-signature' }],
      ['fapai_problems_total', { code: 'internal' }],
      ['fapai_quotes_total', { what: 'discount-unavailable' }],
      ['fapai_orders_ended_total', { channel: 'bank', state: 'paid' }],
      ['fapai_channel_calls_total', { channel: 'bank', verb: 'pay', outcome: 'unknown' }],
      ['fapai_channel_calls_total', { channel: 'bank', verb: 'refund', outcome: 'failed' }],
      ['fapai_redis_faults_total', { verb: 'take' }],
      ['fapai_sql_faults_total', { pool: 'payments', why: 'away' }],
      ['fapai_job_runs_total', { task: 'sweep bank', outcome: 'failed' }],
      ['fapai_shed_total', { what: 'payments' }],
      ['fapai_requests_limited_total', { limit: 'quotes' }],
    ] as const)
      expect({ name, ...labels, value: figureOf(told, name, labels) }).toEqual({ name, ...labels, value: 0 })
    const { version } = JSON.parse(read('package.json'))
    expect(figureOf(told, 'fapai_build_info', { version, node: process.version })).toBe(1)
  })

  it('moves with what is done: a payment is a quote, an order, a call to the bank, and one of Redis', async () => {
    const payer = await system.payer('somebody')
    const { body: quote } = await payer.quote(10_000)
    expect(await payer.pay(quote.quoteId)).toMatchObject({ body: { state: 'paid' } })
    const now = await metrics()
    const grown = (name: string, labels: Record<string, string>) =>
      (figureOf(now, name, labels) ?? 0) - (figureOf(told, name, labels) ?? 0)
    expect(grown('fapai_quotes_total', { what: 'card' })).toBe(1)
    expect(grown('fapai_orders_opened_total', { channel: 'bank', card: 'yes' })).toBe(1)
    expect(grown('fapai_orders_ended_total', { channel: 'bank', state: 'paid', reason: 'paid' })).toBe(1)
    expect(grown('fapai_channel_calls_total', { channel: 'bank', verb: 'pay', outcome: 'succeeded' })).toBe(1)
    expect(grown('fapai_channel_call_seconds_count', { channel: 'bank', verb: 'pay' })).toBe(1)
    expect(grown('fapai_redis_seconds_count', { verb: 'confirm' })).toBe(1)
    expect(grown('fapai_sql_seconds_count', { pool: 'payments', kind: 'statement' })).toBeGreaterThan(2)
    expect(figureOf(now, 'fapai_dependency_up', { dependency: 'ledger', required: 'yes' })).toBe(1)
    expect(figureOf(now, 'fapai_figures_known', {})).toBe(1)
    expect(figureOf(now, 'fapai_campaign_budget_left_ratio', { campaign: 'food-street' })).toBeGreaterThan(0)
    expect(figureOf(now, 'fapai_reconciliation_days_due', { channel: 'bank' })).toBe(0)
  })

  it('has no label that whoever asks could make: neither names, codes nor numbers, however odd', async () => {
    const before = samples(await metrics()).length
    for (let i = 0; i < 60; i++) {
      const name = `stranger-${i}`
      await system.call('GET', `/api/merchants/${name}`, { headers: { 'X-Request-Id': `${name}-request` } })
      await system.call('GET', `/q/${name}`)
      await system.call('POST', `/channel/${name}/notify`, { body: { code: name } })
      await system.call('GET', `/${name}`)
    }
    const now = await metrics()
    expect(now).not.toContain('stranger')
    // Some routes are asked for the first time: a few rows each, and not sixty.
    expect(samples(now).length - before).toBeLessThan(120)
    const merchants = [...now.matchAll(/"(M0\d{3})"/g)]
    expect(merchants).toEqual([])
  })
})

describe('the alerts', () => {
  it('have each a runbook that is there, a severity and a name of their own', () => {
    const anchors = [...read('docs/RUNBOOKS.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name!)
    expect(rules.map(({ alert }) => alert).sort()).toEqual([...anchors].sort())
    for (const { alert, labels, annotations } of rules) {
      expect(annotations.runbook_url).toBe(`docs/RUNBOOKS.md#${alert.toLowerCase()}`)
      expect(['page', 'ticket']).toContain(labels.severity)
      expect(annotations.summary).toMatch(/^\S.{10,}/)
    }
  })

  it('and their runbooks lead nowhere that isn’t there, and name no metric that isn’t', () => {
    const text = read('docs/RUNBOOKS.md')
    const links = [...text.matchAll(/\]\(([\w.]*)#?([\w-]*)\)/g)]
    expect(links.length).toBeGreaterThan(10)
    for (const [, file, anchor] of links) {
      const page = file === '' ? text : read(`docs/${file}`)
      const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) => slug(title!))
      if (anchor) expect({ file, anchor, there: headings.includes(anchor) }).toEqual({ file, anchor, there: true })
    }
    const served = ['server/http', 'server/sight'].flatMap(
      (folder) =>
        execFileSync('grep', ['-rhoE', "name: '\\w+'", join(ROOT, folder)], { encoding: 'utf8' }).match(/fapai_\w+/g)!,
    )
    const named = [text, read('docs/OPERATIONS.md')].flatMap((page) => page.match(/fapai_\w+/g)!)
    for (const name of new Set(named)) expect({ name, served: served.includes(name) }).toEqual({ name, served: true })
  })

  it('know every alarm that OPERATIONS says what to do about, and it every one that is counted', () => {
    const table = read('docs/OPERATIONS.md')
      .split('\n')
      .filter((line) => /^\| `[\w-]+`/.test(line))
    const counted = read('server/http/metrics.ts').split('const ALARMS')[1]!.split('\n]')[0]!
    const codes = [...counted.matchAll(/'([\w-]+)'/g)].map(([, code]) => code!)
    const told = table.flatMap((line) => [...line.split('|')[1]!.matchAll(/`([\w-]+)`/g)].map(([, code]) => code!))
    expect(codes.filter((code) => !told.includes(code))).toEqual([])
    expect(codes.length).toBeGreaterThan(25)
  })

  it('look at every request and every call by which money moves, by the patterns that are counted', () => {
    const { expr } = rules.find(({ alert }) => alert === 'FapaiPaymentsFail')!
    const routes = execFileSync('grep', ['-rhoE', "path: '/api/[^']*'", join(ROOT, 'server/http/routes/payer')], {
      encoding: 'utf8',
    })
    const paths = new Set([...routes.matchAll(/'(.*)'/g)].map(([, path]) => path!))
    const asked = [...expr.matchAll(/route=~"([^"]+)"/g)].map(([, pattern]) => new RegExp(`^(?:${pattern})$`))
    expect(asked).toHaveLength(2)
    for (const pattern of asked)
      expect([...paths].filter((path) => pattern.test(path)).sort()).toEqual([
        '/api/orders',
        '/api/orders/:orderNo/confirm',
      ])
    expect(expr.match(/method="POST"/g)).toHaveLength(2)
    const unsure = rules.find(({ alert }) => alert === 'FapaiChannelUnsure')!.expr
    const verbs = [...unsure.matchAll(/verb=~"([^"]+)"/g)].map(([, pattern]) => pattern!.split('|'))
    for (const these of verbs) expect(these).toEqual(['pay', 'confirm', 'sign', 'confirm-signing'])
    expect(VERBS).toEqual(expect.arrayContaining(verbs[0]!))
  })

  withPromtool(
    'are rules to Prometheus, and fire when they should',
    () => {
      expect(existsSync(join(ROOT, RULES))).toBe(true)
      const tool = (...args: string[]) =>
        execFileSync(promtool!, args, { cwd: join(ROOT, 'deploy/prometheus'), encoding: 'utf8' })
      expect(tool('check', 'rules', 'fapai.rules.yml')).toContain(`${rules.length} rules found`)
      expect(tool('check', 'config', 'prometheus.yml')).toContain('SUCCESS')
      expect(tool('test', 'rules', 'fapai.test.yml')).toContain('SUCCESS')
    },
    120_000,
  )
})

/** As GitHub makes anchors. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-')
}
