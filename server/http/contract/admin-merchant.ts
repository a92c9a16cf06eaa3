import { z } from 'zod'
import { FILE_FAULTS } from '../../domain/file-fault'
import { CARD_DAYS, MOST_CARDS } from '../../flow/merchant/card'
import { MERCHANT_SORTS } from '../../flow/ports'
import { branchCode, campaignId, cursor, note, search, sumFen, walletAccounts, walletName } from './admin-common'
import { changeRequestView } from './change'
import { businessDate, merchantCode, platform, timestamp } from './common'
import { settlement } from './merchant'
import { humanText } from './text'

export const branchView = z
  .object({
    code: branchCode,
    name: z.string(),
    glAccount: z.string(),
    revision: z.int().describe('for If-Match of a correction'),
    merchantCount: z.int(),
  })
  .meta({ id: 'Branch' })
export const branchBody = z
  .object({
    code: branchCode,
    name: humanText(1, 40),
    glAccount: z
      .string()
      .trim()
      .regex(/^[\x21-\x7e]{1,64}$/)
      .describe('as the channels book it, which they judge'),
    note: note.optional(),
  })
  .meta({ id: 'BranchRequest' })
/** Fields that are left out stay as they are; with the branch's revision in If-Match. */
export const branchPatch = branchBody.omit({ code: true }).partial().meta({ id: 'BranchPatchRequest' })
export const branchList = z.object({ items: z.array(branchView) }).meta({ id: 'BranchList' })

export const adminMerchant = z
  .object({
    code: merchantCode,
    name: z.string(),
    branchCode,
    branchName: z.string(),
    glAccount: z.string(),
    account: z.string().describe('settlement account at the bank'),
    walletAccounts: walletAccounts.describe('its own number at each wallet; absent: none'),
    disabled: z.boolean().describe('it has left the house: nobody can pay there'),
    userCount: z.int().describe('bound now'),
    campaign: z.object({ campaignId: z.string(), name: z.string() }).nullable().describe('the one that applies today'),
    today: z
      .object({ date: businessDate, orders: z.int(), discounted: z.int() })
      .describe('paid orders of today’s business date, and those of them with a discount'),
  })
  .meta({ id: 'AdminMerchant' })
export const settlementList = z
  .object({
    date: businessDate,
    items: z.array(settlement.extend({ account: z.string().describe('into which it was paid') })),
  })
  .meta({ id: 'SettlementList' })
const dayFigures = {
  orders: z.int().describe('made that day, whatever became of them'),
  paid: z.int(),
  discounted: z.int().describe('paid ones with a discount'),
  amountFen: sumFen.describe('of the paid ones'),
  costFen: sumFen.describe('what their discounts cost the branch, less what came back'),
  rewardFen: sumFen.describe('of that, the merchant’s rewards as paid'),
  own: z.int().describe('paid through the bank’s own channel'),
  all: z.int().nullable().describe('paid through all channels; null: those of others aren’t known'),
}
export const adminMerchantDays = z
  .object({
    from: businessDate,
    to: businessDate,
    items: z.array(
      z.object({
        date: businessDate,
        ...dayFigures,
        decks: z.array(
          z.object({ campaignId, cards: z.int(), left: z.int().describe('not used by an order that stands') }),
        ),
      }),
    ),
    total: z.object(dayFigures),
    archivedBefore: businessDate
      .optional()
      .describe('of dates before it orders that weren’t paid count no more: they are archived'),
  })
  .meta({ id: 'AdminMerchantDays' })
export const adminMerchantDaysQuery = z.object({
  from: businessDate.optional().describe('default: two weeks to `to`'),
  to: businessDate.optional().describe('included; at most 31 days; default: today'),
})
/** Fields that are left out stay as they are; what they may hold is judged as a line of a table. */
export const merchantPatch = z
  .object({
    name: humanText(1, 60),
    branchCode,
    account: z
      .string()
      .trim()
      .regex(/^[\x21-\x7e]{1,64}$/)
      .describe('settlement account at the bank, which it judges'),
    walletAccounts: z
      .partialRecord(walletName, z.string().trim().max(64))
      .describe('of those that are named; an empty text: none any more'),
    note,
  })
  .partial()
  .meta({ id: 'MerchantPatchRequest' })
export const merchantTurnBody = z.object({ note }).meta({ id: 'MerchantTurnRequest' })
export const merchantChanged = z
  .object({
    merchant: adminMerchant.describe('as it is now'),
    change: changeRequestView.nullable().describe('what waits for another operator; null: nothing'),
  })
  .meta({ id: 'MerchantChanged' })
export const adminMerchantList = z
  .object({
    items: z.array(adminMerchant),
    nextCursor: z.string().optional(),
    totals: z
      .object({
        merchants: z.int(),
        unbound: z.int().describe('nobody is bound to them'),
        orders: z.int().describe('paid today'),
        discounted: z.int(),
      })
      .nullable()
      .describe('of all that the filters find; on the first page, null on others'),
  })
  .meta({ id: 'AdminMerchantList' })
export const adminMerchantQuery = z.object({
  q: search.optional(),
  branchCode: branchCode.optional(),
  bound: z.enum(['true', 'false']).optional().describe('false: nobody is bound to it (未绑定)'),
  disabled: z.enum(['true', 'false']).optional(),
  sort: z.enum(MERCHANT_SORTS).optional().describe('code unless told; users: bound now; orders: paid today'),
  order: z.enum(['asc', 'desc']).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional().describe('50 unless told'),
  cursor: cursor.optional(),
})

export const fileFaultCode = z.enum(FILE_FAULTS)

/** Nothing of a file with a fault is imported; every fault names its line. */
export const importView = z
  .object({
    lines: z.int(),
    added: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    faults: z
      .array(z.object({ line: z.int(), field: z.string(), code: fileFaultCode, message: z.string() }))
      .describe('the first thousand'),
    faultCount: z.int(),
  })
  .meta({ id: 'Import' })
export const merchantImportView = importView
  .extend({
    review: z
      .object({ changeId: z.string(), lines: z.int() })
      .nullable()
      .describe('of what was added and changed, the lines that wait for another operator’s review'),
  })
  .meta({ id: 'MerchantImport' })
export const importQuery = z.object({
  dryRun: z.enum(['true', 'false']).optional().describe('true: say what would happen and change nothing'),
  note: note.optional(),
})

export const merchantRole = z
  .enum(['owner', 'cashier'])
  .describe('a cashier sees orders and rewards; only an owner refunds')
export const bindingCodeBody = z
  .object({ role: merchantRole, note: note.optional() })
  .meta({ id: 'BindingCodeRequest' })
export const bindingCode = z
  .object({ code: z.string().describe('shown once; eight characters'), role: merchantRole, expiresAt: timestamp })
  .meta({ id: 'BindingCode' })
export const bindingCardsBody = z
  .object({
    merchantCodes: z.array(merchantCode).min(1).max(MOST_CARDS),
    days: z
      .int()
      .min(1)
      .max(CARD_DAYS.most)
      .default(CARD_DAYS.usual)
      .describe('how long they are good from approval on'),
    note: note.optional(),
  })
  .meta({ id: 'BindingCardsRequest' })
export const bindingCards = z
  .object({
    change: changeRequestView,
    bankName: z.string(),
    address: z.string().nullable().describe('where payers find the house; null: where this was asked'),
    cards: z
      .array(
        z.object({
          merchantCode,
          name: z.string(),
          branchName: z.string(),
          channels: z.array(z.string()).describe('by which one can pay there, in words'),
          card: z.string().describe('the printed half of its code, eight characters; said here and never again'),
        }),
      )
      .describe('by code'),
  })
  .meta({ id: 'BindingCards' })
export const merchantUser = z
  .object({
    bindingId: z.string(),
    userTail: z.string().describe('the last characters of the pseudonymous id, to tell users apart'),
    role: merchantRole,
    boundAt: timestamp,
    unboundAt: timestamp.nullable(),
  })
  .meta({ id: 'MerchantUser' })
export const merchantUserList = z
  .object({
    items: z.array(merchantUser),
    card: z
      .object({ expiresAt: timestamp, dead: z.boolean().describe('it was tried too often') })
      .nullable()
      .describe('its binding card that nobody has used; null: there is none'),
  })
  .meta({ id: 'MerchantUserList' })
/** Binds the platform user behind a login code to the merchant that issued the binding code. */
export const bindBody = z
  .object({ platform, code: z.string().min(1).max(1_024), bindingCode: z.string().trim().min(4).max(20) })
  .meta({ id: 'BindRequest' })

export type BranchList = z.infer<typeof branchList>
export type AdminMerchant = z.infer<typeof adminMerchant>
export type AdminMerchantDays = z.infer<typeof adminMerchantDays>
export type SettlementList = z.infer<typeof settlementList>
export type MerchantChanged = z.infer<typeof merchantChanged>
export type AdminMerchantList = z.infer<typeof adminMerchantList>
export type ImportView = z.infer<typeof importView>
export type MerchantImportView = z.infer<typeof merchantImportView>
export type BindingCards = z.infer<typeof bindingCards>
export type BindingCode = z.infer<typeof bindingCode>
export type MerchantUser = z.infer<typeof merchantUser>
export type MerchantUserList = z.infer<typeof merchantUserList>
