import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { applyDue } from '../../../server/flow/change/review'
import type { AdminMerchant, MerchantImportView } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'

/** Where a wallet pays a merchant moves its money as much as the settlement account does: two people, and a day. */
describe.each(oneSqlEngine())('a merchant’s numbers at wallets, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
    office.deps.changeDelayMs = 86_400_000
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const AT = '/admin/merchants/M0001'
  const SEEDED = { wechatpay: '1900000001', alipay: '2088100000000001', unionpay: '777290058140001' }
  const booked = async (by = 'viewer') => ((await office.as(by).get(AT)).body as AdminMerchant).walletAccounts
  const asked = (walletAccounts: object, by = 'maker') => office.as(by).patch(AT, { walletAccounts })
  const imported = async (csv: string) =>
    (await office.as('maker').csv('/admin/merchants/import', csv)).body as MerchantImportView
  const told = async () => (await office.call('GET', '/api/merchant/summary', office.owner('M0001'))).body.accountChange
  const wait = async (ms: number) => {
    office.clock.at += ms
    await applyDue(office.deps)
  }

  it('change when another has approved it and a day has passed, and the owner is told', async () => {
    const { status, body } = await asked({ wechatpay: '1900009999' })
    expect([status, body.change.before.walletAccounts, body.change.after.walletAccounts]).toEqual([
      202,
      SEEDED,
      { ...SEEDED, wechatpay: '1900009999' },
    ])
    expect(await office.approve(body.change.changeId, 'maker')).toMatchObject({ status: 403 })
    expect(await told()).toBeNull()
    await office.approve(body.change.changeId)
    expect(await booked()).toEqual(SEEDED)
    expect(await told()).toMatchObject({ channel: 'wechatpay', fromTail: '0001', toTail: '9999', inForce: false })
    await wait(86_400_000)
    expect(await booked()).toEqual({ ...SEEDED, wechatpay: '1900009999' })
    expect(await told()).toMatchObject({ channel: 'wechatpay', inForce: true })
  })

  it('are ended by an empty text, and those not named stay', async () => {
    const { body } = await asked({ alipay: '' })
    await office.approve(body.change.changeId)
    await wait(86_400_000)
    expect(await booked()).toEqual({ wechatpay: SEEDED.wechatpay, unionpay: SEEDED.unionpay })
    expect(await told()).toMatchObject({ channel: 'alipay', fromTail: '0001', toTail: '' })
  })

  it('that changed meanwhile let no older request of them through', async () => {
    const { body } = await asked({ alipay: '2088222222222222' })
    await office.sql.db
      .updateTable('merchants')
      .set({ wallet_accounts: '{}' })
      .where('merchant_code', '=', 'M0001')
      .execute()
    expect(await office.approve(body.change.changeId)).toMatchObject({
      body: { change: { state: 'overtaken', reason: 'subject-changed' } },
    })
  })

  it.each([
    ['wechatpay', '1900 0001', 'account-refused', 'account-refused'],
    ['unionpay', '7'.repeat(33), 'account-refused', 'account-refused'],
  ])('of a form that %s never gives out are refused by name: %s', async (wallet, account, code, reason) => {
    expect(await asked({ [wallet]: account })).toMatchObject({
      status: 422,
      body: { code, reason, field: `walletAccounts.${wallet}` },
    })
    expect(await asked({ paypal: '1' })).toMatchObject({ status: 400, body: { code: 'invalid-input' } })
    expect(await asked({ bank: 'acct-1' })).toMatchObject({ status: 400, body: { code: 'invalid-input' } })
  })

  it('come with a table that has their columns; an empty cell is none, a missing column changes nothing', async () => {
    const same = await imported('code,name,branch,account\nM0001,老街牛肉面,B01,acct-M0001\n')
    expect(same).toMatchObject({ unchanged: 1, review: null })
    const view = await imported(
      '商户号,名称,网点,结算账户,微信支付商户号,云闪付商户号\nM0001,老街牛肉面,B01,acct-M0001,1900007777,\nN1,新,B01,n-1,1900008888,\n',
    )
    expect(view).toMatchObject({ added: 1, changed: 1, review: { lines: 2 } })
    const lines = (await office.as('checker').get(`/admin/changes/${view.review!.changeId}/lines`)).body.items
    expect(lines[0].after.walletAccounts).toEqual({ alipay: SEEDED.alipay, wechatpay: '1900007777' })
    await office.approve(view.review!.changeId)
    await wait(86_400_000)
    expect(await booked()).toEqual({ alipay: SEEDED.alipay, wechatpay: '1900007777' })
    const { body: added } = await office.as('viewer').get('/admin/merchants/N1')
    expect(added.walletAccounts).toEqual({ wechatpay: '1900008888' })
  })

  it('that a spreadsheet has rewritten or rounded are named with their line', async () => {
    const rows = [1, 2, 3].map((n) => `N${n},新,B01,n-${n},208812345678900${n}`.replace(/\d$/, '0'))
    const head = 'code,name,branch,account,alipay\n'
    expect((await imported(head + rows.join('\n'))).faults).toMatchObject([{ field: 'alipay', code: 'rewritten' }])
    expect((await imported(`${head}N1,新,B01,n-1,2.0881E+15\n`)).faults).toMatchObject([
      { line: 2, field: 'alipay', code: 'rewritten' },
    ])
  })
})
