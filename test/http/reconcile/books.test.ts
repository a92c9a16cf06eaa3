import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { StatementLine } from '../../../server/domain/match'
import type { Order } from '../../../server/domain/order'
import { reconcileDue } from '../../../server/flow/reconcile/due'
import type { DifferenceView, ReconciliationDay, ReconciliationView } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'
import { lineOf, OTHER } from '../../support/reconcile'

/** Today is 2026-11-21 at noon in Shanghai. */
const [BEFORE, DAY, TODAY] = ['2026-11-19', '2026-11-20', '2026-11-21'] as const
const path = (date: string, rest = '') => `/admin/reconciliations/${date}${rest}`
const numbered = (lines: Omit<StatementLine, 'lineNo'>[]) => lines.map((line, i) => ({ ...line, lineNo: i + 1 }))

describe.each(oneSqlEngine())('reconciliation for operators, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  let good: Order
  let wrong: Order
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
    good = await office.order({ date: DAY, discountFen: 800, slot: 0 })
    wrong = await office.order({ date: DAY, discountFen: 850, slot: 1 })
    const cheaper = lineOf(wrong)
    const unasked = { ...lineOf(good), orderNo: 'F20261120-0000-0000-0000', channelTradeNo: 'B-unasked' }
    const lines = [
      lineOf(good),
      { ...cheaper, payerFen: cheaper.payerFen + 100, merchantFen: cheaper.merchantFen - 100 },
      unasked,
    ]
    office.statements.set(DAY, numbered(lines))
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const run = (date: string = DAY, by = 'maker') => office.as(by).post(path(date))
  const differences = async () =>
    (await office.as('checker').get(path(DAY, '/differences'))).body.items as DifferenceView[]
  const propose = (id: string, by = 'maker') => office.as(by).decide(`/admin/differences/${id}/propose`)
  /** by two people */
  const accepted = async (id: string) => {
    await propose(id)
    return office.as('checker').decide(`/admin/differences/${id}/accept`, {})
  }

  it('is run by an operator, is logged with what it came to, and shows both sides of every difference', async () => {
    const { status, body } = (await run()) as { status: number; body: ReconciliationView }
    expect(status).toBe(200)
    expect(body).toMatchObject({ date: DAY, lines: 3, proven: true, settled: false, openCount: 2 })
    expect(body.bank.clearing.count).toBe(3)
    expect(body.balanced.clearing).toEqual({ count: 1, payerFen: -9_600, glFen: -800, merchantFen: 10_400 })
    expect(body.own.refund).toEqual({ count: 0, payerFen: 0, glFen: 0, merchantFen: 0 })
    expect((await office.deeds()).at(-1)).toMatchObject({
      username: 'maker',
      action: 'reconciliation.run',
      subject: `reconciliation/${DAY}`,
      after: { lines: 3, proven: true, sha256: body.sha256 },
    })
    const [mismatch, long] = await differences()
    expect(mismatch).toMatchObject({
      class: 'amountMismatch',
      orderNo: wrong.orderNo,
      own: { payerFen: -9_575, state: 'booked' },
      bank: { payerFen: -9_475, lineNo: 2 },
      state: 'open',
    })
    expect(long).toMatchObject({ class: 'long', own: null })
  })

  it('shows no payer’s account, neither in a difference nor in its files; what waits in suspense is named', async () => {
    await run()
    const [mismatch, long] = await differences()
    const accounts = (one: DifferenceView) =>
      one.proposal.entries.flatMap((entry) => entry.postings.map((leg) => leg.account))
    expect(accounts(mismatch!)).toEqual([null, '6421-03', 'acct-M0001', null, '6421-03', 'acct-M0001'])
    expect(accounts(long!)[0]).toBe('suspense-payer')
    for (const file of ['/report.md', '/report.csv', '/differences']) {
      const { status, body } = await office.as('auditor').get(path(DAY, file))
      expect(status).toBe(200)
      expect(JSON.stringify(body)).not.toContain('account-payer')
    }
  })

  it('run again is the same, and nothing more is logged', async () => {
    const first = await run()
    office.clock.at += 60_000
    expect((await run(DAY, 'checker')).body).toEqual(first.body)
    expect((await office.deeds()).filter((deed) => deed.action === 'reconciliation.run')).toHaveLength(1)
  })

  it('accepts a difference once: postings, deed and chain; whoever comes second hears who decided', async () => {
    await run()
    const [mismatch] = await differences()
    expect((await propose(mismatch!.differenceId)).status).toBe(200)
    const accept = () =>
      office.as('checker').post(`/admin/differences/${mismatch!.differenceId}/accept`, { note: 'seen' }, { ifMatch: 2 })
    const answers = await Promise.all([accept(), accept()])
    expect(answers.map((one) => one.status).sort()).toEqual([200, 409])
    expect(answers.find((one) => one.status === 409)!.body).toMatchObject({
      code: 'already-resolved',
      detail: 'accepted by checker',
    })
    expect(answers.find((one) => one.status === 200)!.body).toMatchObject({
      state: 'accepted',
      resolvedBy: 'checker',
      note: 'seen',
    })
    const corrected = await office.sql.db
      .selectFrom('postings')
      .select('amount_fen')
      .where('correction_id', 'is not', null)
      .execute()
    expect(corrected).toHaveLength(6)
    expect((await office.deeds()).filter((deed) => deed.action === 'difference.accept')).toEqual([
      {
        username: 'checker',
        action: 'difference.accept',
        subject: `difference/${mismatch!.differenceId}`,
        before: { state: 'open' },
        after: { state: 'accepted', note: 'seen' },
      },
    ])
    expect(await office.chain()).toMatchObject({ actions: 3, breaks: [] })
    expect((await office.as('checker').get(path(DAY))).body).toMatchObject({ openCount: 1 })
  })

  it('shows one by its id, as it stands now', async () => {
    await run()
    const [mismatch] = await differences()
    const one = () => office.as('auditor').get(`/admin/differences/${mismatch!.differenceId}`)
    expect(await one()).toMatchObject({ status: 200, body: mismatch })
    await accepted(mismatch!.differenceId)
    expect((await one()).body).toMatchObject({ state: 'accepted', resolvedBy: 'checker' })
    expect(JSON.stringify((await one()).body)).not.toContain('account-payer')
    expect(await office.as('viewer').get(`/admin/differences/${mismatch!.differenceId}`)).toMatchObject({ status: 403 })
    expect(await office.as('auditor').get('/admin/differences/D1')).toMatchObject({
      status: 404,
      body: { code: 'difference-not-found', field: 'id' },
    })
  })

  it('gives a payer’s money back only when two operators want it, and both are in the log', async () => {
    const lines = office.statements.get(DAY) as StatementLine[]
    office.statements.set(DAY, numbered([...lines, lineOf(good)]))
    await run()
    const twice = (await differences()).find((one) => one.class === 'duplicate')!
    expect(twice.proposal.refund).toEqual({ payerFen: 9_600, glFen: 800, merchantFen: 10_400 })
    const path = (verb: string) => `/admin/differences/${twice.differenceId}/${verb}`
    expect(await office.as('checker').decide(path('accept'), {})).toMatchObject({
      status: 409,
      body: { code: 'not-proposed', field: 'id' },
    })
    for (const who of ['viewer', 'auditor'])
      expect(await office.as(who).decide(path('propose'))).toMatchObject({
        status: 403,
        body: { code: 'role-refused' },
      })
    expect(await office.as('checker').decide(path('propose'))).toMatchObject({
      status: 200,
      body: { state: 'open', proposedBy: 'checker', resolvedBy: null },
    })
    expect(await office.as('maker').decide(path('propose'))).toMatchObject({
      status: 409,
      body: { code: 'already-proposed', detail: 'proposed by checker' },
    })
    expect(await office.as('checker').decide(path('accept'), {})).toMatchObject({
      status: 403,
      body: { code: 'own-proposal' },
    })
    expect(await office.as('maker').decide(path('accept'), {})).toMatchObject({ status: 403 })
    const ofIt = (await office.deeds()).filter(({ subject }) => subject === `difference/${twice.differenceId}`)
    expect(ofIt.map(({ username, action }) => `${username} ${action}`)).toEqual([
      'checker difference.propose',
      'checker difference.refuse',
    ])
    expect(await office.sql.db.selectFrom('refunds').selectAll().execute()).toEqual([])
  })

  it('keeps what is left of all days in one list, the oldest first, until it is settled', async () => {
    const left = async (query = '') =>
      (await office.as('auditor').get(`/admin/differences${query}`)).body.items as DifferenceView[]
    expect(await left()).toEqual([])
    await run()
    const [mismatch, long] = await differences()
    await office.as('checker').decide(`/admin/differences/${long!.differenceId}/reject`, { note: 'theirs' })
    await propose(mismatch!.differenceId)
    // what waits for review is open, and its day isn't settled
    expect(await left()).toMatchObject([{ differenceId: mismatch!.differenceId, proposedBy: 'maker' }, {}])
    expect((await office.as('auditor').get(path(DAY))).body).toMatchObject({ settled: false, openCount: 1 })
    await office.as('checker').decide(`/admin/differences/${mismatch!.differenceId}/accept`, {})
    expect(await left()).toMatchObject([{ differenceId: long!.differenceId, state: 'rejected', mendedBy: null }])
    expect(await left(`?channel=${OTHER}`)).toEqual([])
    expect(await office.as('viewer').get('/admin/differences')).toMatchObject({ status: 403 })
    // 冲正
    const { bank } = long!
    const unasked = (office.statements.get(DAY) as StatementLine[])[2]!
    const undo = { ...unasked, payerFen: -bank!.payerFen, glFen: -bank!.glFen, merchantFen: -bank!.merchantFen }
    office.statements.set(TODAY, numbered([undo]))
    await run(TODAY)
    expect(await left()).toEqual([])
    expect((await differences())[1]).toMatchObject({ state: 'mended', mendedBy: `statement of ${TODAY}` })
    expect((await office.as('auditor').get(path(DAY))).body).toMatchObject({ settled: true, waitingCount: 0 })
  })

  it('rejects only with a reason, and as it was seen', async () => {
    await run()
    const [, long] = await differences()
    for (const verb of ['propose', 'reject'])
      for (const [seen, status] of [
        ['"x"', 412],
        ['"9"', 412],
        ['*', 428],
        ['', 428],
      ] as const) {
        const headers = { 'If-Match': seen }
        const path = `/admin/differences/${long!.differenceId}/${verb}`
        expect(await office.as('checker').post(path, { note: 'theirs' }, { headers })).toMatchObject({ status })
      }
    const reject = (body: object) =>
      office.as('checker').decide(`/admin/differences/${long!.differenceId}/reject`, body)
    expect(await reject({})).toMatchObject({ status: 422, body: { code: 'note-missing', field: 'note' } })
    expect(await reject({ note: 'the bank takes it back' })).toMatchObject({ status: 200, body: { state: 'rejected' } })
    expect(await office.as('checker').decide('/admin/differences/D1/accept', {})).toMatchObject({
      status: 404,
      body: { code: 'difference-not-found' },
    })
  })

  it('refuses what the flow refuses, with its reason', async () => {
    expect(await run(TODAY)).toMatchObject({
      status: 409,
      body: { code: 'reconciliation-refused', field: 'date', reason: 'day-before-missing', days: [DAY] },
    })
    for (const early of [BEFORE, '2001-01-01'])
      expect(await run(early)).toMatchObject({
        status: 409,
        body: { code: 'reconciliation-refused', field: 'date', reason: 'before-first-day' },
      })
    const lines = office.statements.get(DAY)!
    office.statements.set(DAY, 'statement-unavailable')
    const away = await run()
    expect(away).toMatchObject({ status: 503, body: { code: 'channel-unavailable', reason: 'statement-unavailable' } })
    expect(away.headers.get('retry-after')).toBe('60')
    office.statements.set(DAY, lines)
    await run()
    expect((await run(TODAY)).body.reason).toBe('statement-not-ready')
    expect(await run('2026-02-30')).toMatchObject({ status: 400, body: { field: 'date' } })
    expect(await office.as('maker').get(path(TODAY))).toMatchObject({
      status: 404,
      body: { code: 'reconciliation-not-found' },
    })
  })

  it('lists days, newest first: missing, running, with differences, balanced', async () => {
    const days = async (query = '') =>
      (await office.as('auditor').get(`/admin/reconciliations${query}`)).body.items as ReconciliationDay[]
    expect((await days()).map((day) => day.state)).toEqual(['missing', ...Array(13).fill('none')])
    const manifest = { date: DAY, sha256: 'x', bytes: 1, lines: 0, totals: NOTHING }
    const day = { channel: 'bank', date: DAY } as const
    const begun = await office.deps.reconciliations.begin(day, manifest, office.clock.at, 60_000)
    expect((await days('?days=1'))[0]).toEqual({
      channel: 'bank',
      date: DAY,
      state: 'running',
      lines: null,
      openCount: null,
      waitingCount: null,
      says: null,
      matchedAt: null,
    })
    if (begun.kind === 'begun') await office.deps.reconciliations.giveUp(begun.hold)
    await run()
    expect((await days('?days=2')).map(({ date, state, openCount }) => [date, state, openCount])).toEqual([
      [DAY, 'differences', 2],
      [BEFORE, 'none', null],
    ])
    for (const one of await differences())
      await office.as('checker').decide(`/admin/differences/${one.differenceId}/reject`, { note: 'theirs' })
    // Rejected is not settled: the bank has to put it right.
    expect((await days('?days=1'))[0]).toMatchObject({ state: 'differences', openCount: 0, waitingCount: 2, lines: 3 })
    expect((await office.as('auditor').get(path(DAY))).body).toMatchObject({ settled: false, waitingCount: 2 })
    expect(await office.as('auditor').get('/admin/reconciliations?days=63')).toMatchObject({ status: 400 })
  })

  it('is a channel’s: each is run, listed, read and reported by its name, the bank’s own where none is named', async () => {
    const theirs = await office.order({ date: DAY, channel: OTHER })
    const phantom = { ...lineOf(theirs), orderNo: 'PHANTOM' }
    office.statements.set(`${OTHER} ${DAY}`, numbered([lineOf(theirs), phantom]))
    const of = `?channel=${OTHER}`
    await run()
    expect(await office.as('maker').get(path(DAY, of))).toMatchObject({ status: 404 })
    const ran = await office.as('maker').post(path(DAY, of))
    expect(ran).toMatchObject({ status: 200, body: { channel: OTHER, date: DAY, lines: 2, openCount: 1 } })
    expect((await office.as('auditor').get(path(DAY, of))).body).toEqual(ran.body)
    expect((await office.as('auditor').get(path(DAY))).body).toMatchObject({ channel: 'bank', lines: 3 })
    const { items } = (await office.as('auditor').get(path(DAY, `/differences${of}`))).body
    expect(items).toMatchObject([{ differenceId: `D20261120-${OTHER}-L2`, channel: OTHER, class: 'long' }])
    expect(await accepted(items[0].differenceId)).toMatchObject({
      status: 200,
      body: { channel: OTHER, state: 'accepted' },
    })
    const list = await office.as('auditor').get(`/admin/reconciliations${of}&days=1`)
    expect(list.body).toMatchObject({
      items: [{ channel: OTHER, state: 'differences', openCount: 0, waitingCount: 1 }],
      channels: ['bank', OTHER],
    })
    const report = await office.as('auditor').get(path(DAY, `/report.md${of}`))
    expect(report.headers.get('content-disposition')).toContain(`reconciliation-${OTHER}-${DAY}.md`)
    expect(report.body).toContain(`# 对账报告 ${OTHER}/${DAY}`)
    expect((await office.deeds()).map((deed) => deed.subject)).toContain(`reconciliation/${OTHER}/${DAY}`)
    expect(await differences()).toMatchObject([{ channel: 'bank' }, { channel: 'bank' }])
  })

  it('names a channel that has no statements, or that nobody knows', async () => {
    expect(await office.as('maker').post(path(DAY, '?channel=unionpay'))).toMatchObject({
      status: 409,
      body: { code: 'reconciliation-refused', field: 'channel', reason: 'no-statements' },
    })
    for (const rest of ['', '/differences', '/report.csv'])
      expect(await office.as('maker').get(path(DAY, `${rest}?channel=paypal`))).toMatchObject({
        status: 400,
        body: { code: 'invalid-input', field: 'channel' },
      })
  })

  it('has its differences page by page', async () => {
    const many = Array.from({ length: 120 }, (_, i) => ({
      ...lineOf(good),
      orderNo: `F20261120-X-${i}`,
      channelTradeNo: `B${i}`,
    }))
    office.statements.set(DAY, numbered(many))
    await run()
    const seen: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const query: string = cursor && `?cursor=${cursor}`
      const page: { items: DifferenceView[]; nextCursor?: string } = (
        await office.as('checker').get(path(DAY, `/differences${query}`))
      ).body
      seen.push(...page.items.map((one) => one.orderNo))
      cursor = page.nextCursor
    }
    // and what is short, since none of the lines is it
    expect(seen).toEqual([...many.map((line) => line.orderNo), expect.any(String), expect.any(String)])
  })

  it('has a report to sign and a table, and logs who took them', async () => {
    await run()
    const { headers, body } = await office.as('auditor').get(path(DAY, '/report.md'))
    expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8')
    expect(body).toContain('不平，2 笔差错待处理')
    const csv = await office.as('auditor').get(path(DAY, '/report.csv'))
    expect((csv.body as string).trimEnd().split('\r\n')).toHaveLength(3)
    expect((await office.deeds()).slice(-2).map((deed) => [deed.username, deed.action])).toEqual([
      ['auditor', 'reconciliation.export'],
      ['auditor', 'reconciliation.export'],
    ])
  })

  describe('by the clock', () => {
    const due = () => reconcileDue(office.deps, 'bank')
    const at = (time: string) => {
      office.clock.at = Date.parse(`${time}+08:00`)
    }

    it('takes yesterday, not before its hour nor on a doubtful clock, and logs that the system did', async () => {
      at('2026-11-21T00:59:59')
      expect(await due()).toBeUndefined()
      at('2026-11-21T01:00:00')
      const doubtful = { ...office.deps, clock: { ...office.clock, trusted: () => false } }
      expect(await reconcileDue(doubtful, 'bank')).toBeUndefined()
      expect(await due()).toMatchObject({ date: DAY, result: { kind: 'reconciled', found: 2 } })
      expect(await due()).toBeUndefined()
      expect((await office.deeds()).at(-1)).toMatchObject({ username: 'system', action: 'reconciliation.run' })
    })

    it('asks again while the statement isn’t ready, and then takes the days it missed in turn', async () => {
      await due()
      at('2026-11-24T02:00:00')
      expect(await due()).toMatchObject({ date: TODAY, result: { kind: 'refused', code: 'statement-not-ready' } })
      for (const date of [TODAY, '2026-11-22', '2026-11-23']) office.statements.set(date, [])
      const done = [await due(), await due(), await due(), await due()]
      expect(done.map((one) => one?.date)).toEqual([TODAY, '2026-11-22', '2026-11-23', undefined])
    })

    it('is done once by several processes at the same time', async () => {
      const results = await Promise.all([due(), due(), due()])
      expect(results.filter((one) => one?.result.kind === 'reconciled').length).toBeGreaterThanOrEqual(1)
      for (const one of results)
        if (one?.result.kind === 'refused') expect(one.result.code).toBe('reconciliation-running')
      expect((await office.deeds()).filter((deed) => deed.action === 'reconciliation.run')).toHaveLength(1)
      expect(await differences()).toHaveLength(2)
    })
  })
})

const SIDE = { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 }
const NOTHING = { clearing: SIDE, refund: SIDE }
