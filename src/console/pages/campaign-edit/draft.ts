import type { CampaignBody, CampaignDetail, PreviewBody, TemplateView } from '@contract'
import { fenOf, wholeFault, wholeOf, yuanFault, yuanInput } from '../../format'
import { clockOf } from '../../windows'

/** A campaign as its form holds it: texts as they are typed, lists of codes; null codes are not looked at, so not changed. */
export interface Draft {
  name: string
  organiser: string
  startDate: string
  endDate: string
  threshold: string
  slots: string
  min: string
  max: string
  bandMin: string
  bandMax: string
  bandPercent: string
  payerPercent: string
  budget: string
  /** '' is none of its own */
  dailyBudget: string
  /** times as they are typed; none is always */
  windows: readonly { weekdays: readonly number[]; from: string; to: string }[]
  maxPerPayer: string
  maxPerPayerInAll: string
  priority: string
  branchCode: string
  branchBudgets: readonly { branchCode: string; budget: string }[]
  merchantCodes: readonly string[] | null
  controlCodes: readonly string[] | null
}

/** The case's rule to begin with; who it is for, when and how much it may cost is to be filled in. */
export function newDraft(branchCode: string | null): Draft {
  return {
    name: '',
    organiser: '',
    startDate: '',
    endDate: '',
    threshold: '10',
    slots: '20',
    min: '1',
    max: '10',
    bandMin: '7',
    bandMax: '9',
    bandPercent: '80',
    payerPercent: '50',
    budget: '',
    dailyBudget: '',
    windows: [],
    maxPerPayer: '1',
    maxPerPayerInAll: '3',
    priority: '0',
    branchCode: branchCode ?? '',
    branchBudgets: [],
    merchantCodes: [],
    controlCodes: [],
  }
}

/** What the form shows of a campaign. */
type Terms = Omit<TemplateView['terms'], 'channels'> &
  Pick<CampaignDetail, 'name' | 'startDate' | 'endDate' | 'branchCode'>

export function draftOf(campaign: Terms): Draft {
  const { rule } = campaign
  return {
    name: campaign.name,
    organiser: campaign.organiser,
    startDate: campaign.startDate,
    endDate: campaign.endDate,
    threshold: yuanInput(rule.thresholdFen),
    slots: String(rule.slots),
    min: yuanInput(rule.minFen),
    max: yuanInput(rule.maxFen),
    bandMin: yuanInput(rule.bandMinFen),
    bandMax: yuanInput(rule.bandMaxFen),
    bandPercent: String(rule.bandPercent),
    payerPercent: String(rule.payerPercent),
    budget: yuanInput(campaign.budgetFen),
    dailyBudget: campaign.dailyBudgetFen === null ? '' : yuanInput(campaign.dailyBudgetFen),
    windows: campaign.windows,
    maxPerPayer: campaign.maxPerPayerPerDay === null ? '' : String(campaign.maxPerPayerPerDay),
    maxPerPayerInAll: campaign.maxPerPayerPerCampaignDay === null ? '' : String(campaign.maxPerPayerPerCampaignDay),
    priority: String(campaign.priority),
    branchCode: campaign.branchCode ?? '',
    branchBudgets: campaign.branchBudgets.map((one) => ({
      branchCode: one.branchCode,
      budget: yuanInput(one.budgetFen),
    })),
    merchantCodes: null,
    controlCodes: null,
  }
}

/** Faults by the field's path in the request, as the server names them too. */
export type Faults = Partial<Record<string, string>>

const DATE = /^\d{4}-\d\d-\d\d$/

/** Both dates are there, and it would end before it begins. */
export const isReversed = ({ startDate, endDate }: Draft) =>
  DATE.test(startDate) && DATE.test(endDate) && endDate < startDate

/** The terms of a draft; `faults` is what can't be read as a value. Relations between fields are the server's to judge. */
export function termsOf(draft: Draft): { body: CampaignBody; faults: Faults } {
  const faults: Faults = {}
  const fen = (field: string, text: string) => fenOf(text) ?? fault(faults, field, yuanFault(text))
  const whole = (field: string, text: string) => wholeOf(text) ?? fault(faults, field, wholeFault(text))
  const orNone = (field: string, text: string) => (text.trim() === '' ? null : whole(field, text))
  for (const field of ['name', 'organiser'] as const)
    if (draft[field].trim().length < 2) fault(faults, field, '至少 2 个字')
  for (const field of ['startDate', 'endDate'] as const)
    if (!DATE.test(draft[field])) fault(faults, field, '请选择日期')
  if (isReversed(draft)) fault(faults, 'endDate', '结束日期不能早于开始日期')
  const body: CampaignBody = {
    name: draft.name.trim(),
    organiser: draft.organiser.trim(),
    startDate: draft.startDate,
    endDate: draft.endDate,
    rule: {
      thresholdFen: fen('rule.thresholdFen', draft.threshold),
      slots: whole('rule.slots', draft.slots),
      minFen: fen('rule.minFen', draft.min),
      maxFen: fen('rule.maxFen', draft.max),
      bandMinFen: fen('rule.bandMinFen', draft.bandMin),
      bandMaxFen: fen('rule.bandMaxFen', draft.bandMax),
      bandPercent: whole('rule.bandPercent', draft.bandPercent),
      payerPercent: whole('rule.payerPercent', draft.payerPercent),
    },
    budgetFen: fen('budgetFen', draft.budget),
    dailyBudgetFen: draft.dailyBudget.trim() === '' ? null : fen('dailyBudgetFen', draft.dailyBudget),
    windows: windowsOf(draft.windows, faults),
    branchBudgets: draft.branchBudgets.map(({ branchCode, budget }, i) => {
      if (!branchCode) fault(faults, `branchBudgets.${i}`, '请选择网点')
      return { branchCode, budgetFen: fen(`branchBudgets.${i}`, budget) }
    }),
    maxPerPayerPerDay: orNone('maxPerPayerPerDay', draft.maxPerPayer),
    maxPerPayerPerCampaignDay: orNone('maxPerPayerPerCampaignDay', draft.maxPerPayerInAll),
    priority: whole('priority', draft.priority),
    branchCode: draft.branchCode || null,
    ...(draft.merchantCodes && { merchantCodes: [...draft.merchantCodes] }),
    ...(draft.controlCodes && { controlCodes: [...draft.controlCodes] }),
  }
  return { body, faults }
}

/** The windows that are typed, with what can't be read of them. */
export function windowsOf(typed: Draft['windows'], faults: Faults): NonNullable<CampaignBody['windows']> {
  return typed.map(({ weekdays, from, to }, i) => {
    const read = (field: 'from' | 'to', text: string) => {
      const clock = clockOf(text)
      if (clock === null) faults[`windows.${i}.${field}`] = '请填写时间，例如 11:30'
      return clock ?? '00:00'
    }
    if (weekdays.length === 0) faults[`windows.${i}.weekdays`] = '请选择星期'
    return { weekdays: [...weekdays], from: read('from', from), to: read('to', to) }
  })
}

function fault(faults: Faults, field: string, words: string): number {
  faults[field] = words
  return 0
}

/** What a preview is asked with; null while a figure it needs can't be read. */
export function previewOf(draft: Draft, merchantCount: number, ordersPerMerchantPerDay: number): PreviewBody | null {
  const { body, faults } = termsOf(draft)
  const needed = Object.keys(faults).filter((field) =>
    /^(rule\.|startDate|endDate|budgetFen|dailyBudgetFen|windows|maxPer)/.test(field),
  )
  if (needed.length > 0) return null
  const { rule, startDate, endDate, budgetFen, dailyBudgetFen, windows, organiser, branchBudgets } = body
  const { maxPerPayerPerDay, maxPerPayerPerCampaignDay } = body
  const readable = !Object.keys(faults).some((field) => field.startsWith('branchBudgets'))
  return {
    rule,
    startDate,
    endDate,
    budgetFen,
    dailyBudgetFen,
    windows,
    merchantCount,
    maxPerPayerPerDay,
    maxPerPayerPerCampaignDay,
    ordersPerMerchantPerDay,
    ...(branchBudgets && readable && { branchBudgets }),
    ...(organiser.length >= 2 && { organiser }),
  }
}

/** A new campaign on a template's terms: what it is called, when and where it is, is to be said. */
export function ofTemplate({ terms, branchCode }: TemplateView, own: string | null): Draft {
  const whose = own ?? branchCode
  const begun = { ...terms, name: '', startDate: '', endDate: '', branchCode: whose }
  const { branchBudgets, ...draft } = draftOf(begun)
  const kept = own === null ? branchBudgets : branchBudgets.filter((one) => one.branchCode === own)
  return { ...draft, branchBudgets: kept, merchantCodes: [], controlCodes: [] }
}

/** A new campaign on another's terms, at its merchants: when it is, is to be said anew. */
export function copyOf(
  campaign: CampaignDetail,
  lists: Pick<Draft, 'merchantCodes' | 'controlCodes'>,
  branchCode: string | null,
): Draft {
  const { name, ...terms } = draftOf(campaign)
  const own = branchCode ?? terms.branchCode
  return {
    ...terms,
    ...lists,
    name: `${name.slice(0, MOST_NAME - COPY.length)}${COPY}`,
    startDate: '',
    endDate: '',
    branchCode: own,
    branchBudgets:
      branchCode === null ? terms.branchBudgets : terms.branchBudgets.filter((one) => one.branchCode === own),
  }
}

const COPY = '（副本）'
/** The contract's bound. */
const MOST_NAME = 60

/** The same with its figures as a saved campaign's form writes them, so that only what differs in meaning differs. */
export function plain(draft: Draft): Draft {
  const yuan = (text: string) => {
    const fen = fenOf(text)
    return fen === null ? text : yuanInput(fen)
  }
  const whole = (text: string) => String(wholeOf(text) ?? text.trim())
  const each = (fields: readonly (keyof Draft)[], read: (text: string) => string) =>
    Object.fromEntries(fields.map((field) => [field, read(String(draft[field]))]))
  const sorted = (codes: readonly string[] | null) => codes && [...codes].sort()
  return {
    ...draft,
    ...each(['name', 'organiser'], (text) => text.trim()),
    ...each(['slots', 'bandPercent', 'payerPercent', 'maxPerPayer', 'maxPerPayerInAll', 'priority'], whole),
    ...each(['threshold', 'min', 'max', 'bandMin', 'bandMax', 'budget', 'dailyBudget'], yuan),
    windows: draft.windows.map(({ weekdays, from, to }) => ({
      weekdays: [...weekdays].sort((a, b) => a - b),
      from: clockOf(from) ?? from,
      to: clockOf(to) ?? to,
    })),
    branchBudgets: draft.branchBudgets.map((one) => ({ ...one, budget: yuan(one.budget) })),
    merchantCodes: sorted(draft.merchantCodes),
    controlCodes: sorted(draft.controlCodes),
  }
}
