import type { CampaignTerms } from '../../../../server/domain/campaign-life'
import { CHANNELS } from '../../../../server/domain/channel'
import { deckKeys, masterKeys } from '../../../../server/domain/key-ring'
import type { Operator } from '../../../../server/domain/operator'
import { createCampaign, importMerchants as importList } from '../../../../server/flow/campaign/campaigns'
import { askFor, reviewChange } from '../../../../server/flow/campaign/review'
import { askForChange } from '../../../../server/flow/change/ask'
import { giveVerdict } from '../../../../server/flow/change/review'
import { bindUser, issueBindingCode } from '../../../../server/flow/merchant/bind'
import { changeOperator } from '../../../../server/flow/operator/operators'
import { sqlAgreements } from '../../../../server/store/sql/agreement/agreements'
import { auditKeys } from '../../../../server/store/sql/audit/audit'
import { sqlCampaigns } from '../../../../server/store/sql/campaign/book'
import { sqlChanges } from '../../../../server/store/sql/change/changes'
import { sqlDesk } from '../../../../server/store/sql/desk/desk'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlOperators } from '../../../../server/store/sql/operator/operators'
import { newCampaign } from '../payment/ledger-orders'

export const SECRET = Buffer.alloc(32, 7)
export const KEYS = auditKeys(masterKeys(SECRET))
export const DEEDS = KEYS.deeds

const ROLES = { maker: 'maker', checker: 'checker', admin1: 'admin', admin2: 'admin' } as const
const person = (username: keyof typeof ROLES): Operator => ({
  username,
  name: username,
  roles: [ROLES[username]],
  branchCode: null,
})
const [maker, checker, admin1, admin2] = (['maker', 'checker', 'admin1', 'admin2'] as const).map(person) as [
  Operator,
  Operator,
  Operator,
  Operator,
]

/**
 * What operators have done through the flows that do it in earnest: a campaign drafted, approved and amended, a merchant and a branch
 * with another account, people with roles, an owner and a cashier bound; and a payer's agreement.
 */
export async function deskBooks(sql: Sql, merchantCode: string, noon: number) {
  const clock = { at: noon, now: () => clock.at }
  let made = 0
  const operators = sqlOperators(sql, DEEDS)
  const channel = { carriesDiscount: true, limits: { dailyPerPayerFen: 50_000_000 } }
  const deps = {
    ...deckKeys(masterKeys(SECRET)),
    clock,
    random: (bytes: number) => Buffer.alloc(bytes, ++made),
    operators,
    campaigns: sqlCampaigns(sql, DEEDS),
    changes: sqlChanges(sql, DEEDS),
    desk: sqlDesk(sql, DEEDS),
    channels: new Map(CHANNELS.map((name) => [name, channel])),
    discountMaxPercent: 100,
    changeDelayMs: 0,
    secretKey: SECRET,
    passwords: { hash: async () => 'hash', matches: async () => false },
    // biome-ignore lint/suspicious/noExplicitAny: what these flows ask for, and no more
  } as any
  const then = async <T extends { kind: string }>(kind: string, doing: Promise<T | undefined>) => {
    clock.at += 1_000
    const result = await doing
    if (result?.kind !== kind) throw new Error(`not ${kind}: ${JSON.stringify(result)}`)
    return result as never
  }
  const both = async (asked: Promise<{ kind: string } | undefined>, reviewer: Operator) => {
    const { request } = (await then('asked', asked)) as { request: { changeId: string } }
    const verdict = { changeId: request.changeId, revision: 1, verdict: 'approve' as const, note: null }
    await then('stepped', giveVerdict(deps, reviewer, verdict))
    return request.changeId
  }

  for (const one of [maker, checker, admin1, admin2]) {
    const rest = { passwordHash: 'hash', mustChangePassword: false, oidcSubject: null, disabledAt: null }
    const record = { ...one, ...rest, lockedUntil: null, secondFactorSince: null, createdAt: noon, lastLoginAt: null }
    const after = { roles: one.roles, branchCode: null, disabled: false }
    const deed = { at: noon, username: 'system', action: 'operator.add', subject: `operator/${one.username}`, after }
    await operators.add(record, deed)
  }
  const { campaignId: _, version: __, state: ___, ...base } = newCampaign()
  const terms: CampaignTerms = {
    ...base,
    branchBudgets: [],
    priority: 7,
    branchCode: null,
    dailyBudgetFen: 1_000_000,
    windows: [{ weekdays: [1, 2, 3, 4, 5], from: '11:00', to: '14:00' }],
    startDate: '2026-12-01',
    endDate: '2026-12-20',
  }
  const lists = { merchantCodes: [], controlCodes: ['M0003'] }
  await sql.db
    .insertInto('merchants')
    .values(
      ['M0002', 'M0003'].map((code) => ({
        merchant_code: code,
        name: code,
        branch_code: 'B-East',
        account: `acc-${code}`,
      })),
    )
    .execute()
  const created = await then('written', createCampaign(deps, maker, terms, lists))
  const { campaignId } = created as { campaignId: string }
  const revision = async () => (await deps.campaigns.find(campaignId, { branchCode: null })).revision as number
  const list = { role: 'merchant' as const, codes: [merchantCode], dryRun: false }
  await then('written', importList(deps, maker, campaignId, await revision(), list))
  const moved = async (kind: 'launch' | 'amend', amendment?: object) => {
    const about = { campaignId, note: null }
    await then(
      'moved',
      askFor(deps, maker, { ...about, kind, revision: await revision(), ...(amendment && { amendment }) }),
    )
    await then('moved', reviewChange(deps, checker, { ...about, verdict: 'approve', revision: await revision() }))
  }
  await moved('launch')
  const wider = { windows: [{ weekdays: [1, 2, 3, 4, 5, 6], from: '11:00', to: '14:00' }], dailyBudgetFen: 1_000_001 }
  await moved('amend', { budgetFen: base.budgetFen + 100, addMerchantCodes: ['M0002'], ...wider })

  const entry = {
    merchantCode: 'M0004',
    name: '新店',
    branchCode: 'B-East',
    account: 'acc-4',
    walletAccounts: { alipay: '2088' },
  }
  const at = { username: 'maker', at: clock.at }
  const imported = await deps.desk.merchantBook.import(
    [entry],
    { ...at, action: 'merchants.import', subject: 'merchants/file', after: {} },
    { changeId: 'R-import', askedBy: 'maker', askedAt: clock.at, note: null, subject: 'merchants/file', sha256: 'f' },
  )
  if (typeof imported === 'string') throw new Error(imported)
  await then(
    'stepped',
    giveVerdict(deps, checker, { changeId: 'R-import', revision: 1, verdict: 'approve', note: null }),
  )
  const branch = { kind: 'branch.add', subject: 'branch/B-New', branchCode: null, note: null } as const
  await both(
    askForChange(deps, maker, { ...branch, after: { name: '新支行', glAccount: 'gl-new' }, withoutSecret: true }),
    checker,
  )
  const roles = changeOperator(deps, admin1, 'maker', { roles: ['maker', 'viewer'] })
  await both(
    roles.then(({ asked }) => asked ?? undefined),
    admin2,
  )
  const cashier = { merchantCode: 'M0004', role: 'cashier' as const, note: null }
  const { code } = (await then('issued', issueBindingCode(deps, maker, cashier) as Promise<{ kind: string }>)) as {
    code: string
  }
  await then('bound', bindUser(deps, { userId: 'user-1', code }))
  const account = {
    agreementId: 'agreement-1',
    account: 'acc-payer',
    accountTail: '0001',
    bankName: '',
    kind: 'debit' as const,
    small: null,
  }
  await sqlAgreements(sql).keep(
    'payer-of-agreement',
    { ...account, agreementId: 'agreement-kept' },
    noon - 7 * 86_400_000,
  )
  return { launched: campaignId, newMerchant: 'M0004' }
}
