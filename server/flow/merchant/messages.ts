import { addDays, businessDate, endOfBusinessDate } from '../../domain/business-date'
import { sumsOf } from '../../domain/settlement'
import type {
  Catalog,
  ClaimedMessage,
  Clock,
  Identity,
  Ledger,
  MessageDesk,
  MessageGrants,
  MessageReply,
} from '../ports'

/** What a merchant's user is told of yesterday's receipts, where they agreed to it in WeChat: once for each time they did. */

export interface AskDeps {
  grants: MessageGrants
  /** null: there is no template, and nobody is asked */
  messageDesk: Pick<MessageDesk, 'templateId'> | null
  clock: Clock
}

/** How many messages are agreed to, and to what. `templateId` null: nobody is told anything here. */
export interface Asked {
  templateId: string | null
  unused: number
}

/** A user of the mini-program; the sandbox's owners, without a binding, are nobody there. */
export type Bound = { bindingId: number | null }

/** Two months of days; a client that says more has not been agreed to more. */
const MOST_UNUSED = 60

export async function asked({ grants, messageDesk }: AskDeps, { bindingId }: Bound): Promise<Asked> {
  if (!messageDesk || bindingId === null) return { templateId: null, unused: 0 }
  const { templateId } = messageDesk
  return { templateId, unused: await grants.unused(bindingId, templateId) }
}

/** They agreed once more. Undefined: not to what is sent here. */
export async function agreed(
  { grants, messageDesk, clock }: AskDeps,
  { bindingId, templateId }: Bound & { templateId: string },
): Promise<Asked | undefined> {
  if (bindingId === null || messageDesk?.templateId !== templateId) return undefined
  return { templateId, unused: await grants.add(bindingId, templateId, clock.now(), MOST_UNUSED) }
}

export interface MessageDeps {
  grants: MessageGrants
  desk: MessageDesk
  identity: Pick<Identity, 'subjects'>
  catalog: Pick<Catalog, 'merchant'>
  ledger: Pick<Ledger, 'merchantSettlements'>
  clock: Clock
  onAlarm(alarm: { code: string; orderNo: string; error?: unknown }): void
}

const HOUR_MS = 3_600_000
/** After breakfast, and not in the afternoon: of yesterday. */
const FROM_MS = 8 * HOUR_MS
const TO_MS = 12 * HOUR_MS
const AT_ONCE = 50

/** Tells of yesterday, in the morning. What WeChat finds fault with stops it until it is called again. */
export async function tellOfYesterday(deps: MessageDeps): Promise<'more' | 'done'> {
  const { grants, desk, clock } = deps
  const now = clock.now()
  const date = addDays(businessDate(now), -1)
  const sinceMidnight = now - endOfBusinessDate(date)
  if (sinceMidnight < FROM_MS || sinceMidnight >= TO_MS) return 'done'
  const claimed = await grants.claim(date, desk.templateId, now, AT_ONCE)
  const replies = await Promise.all(claimed.map((one) => tell(deps, one, date, now)))
  const fault = replies.find((reply) => reply.kind === 'not-sent')
  if (fault) deps.onAlarm({ code: 'messages-not-sent', orderNo: '', error: fault })
  return claimed.length === AT_ONCE && !fault ? 'more' : 'done'
}

async function tell(deps: MessageDeps, one: ClaimedMessage, date: string, now: number): Promise<MessageReply> {
  const reply = await send(deps, one, date)
  if (reply.kind === 'refused') await deps.grants.void(one.grantId, now)
  if (reply.kind === 'not-sent') await deps.grants.giveBack(one.grantId)
  return reply
}

async function send(
  { desk, identity, catalog, ledger }: MessageDeps,
  { userId, merchantCode }: ClaimedMessage,
  date: string,
): Promise<MessageReply> {
  const known = await identity.subjects(userId, 'wechat')
  const openId = known.find(({ appId }) => appId === desk.appId)?.subject
  const merchant = await catalog.merchant(merchantCode)
  // Nobody whom the mini-program knows agreed to anything.
  if (openId === undefined || !merchant) return { kind: 'refused', code: 'not-of-the-app' }
  return desk.send({
    openId,
    merchantName: merchant.name,
    date,
    summary: sumsOf(await ledger.merchantSettlements(merchantCode, date)),
  })
}
