import type { Logger } from 'pino'
import type { Quote } from '../domain/quote'
import type { CampaignDeps } from '../flow/campaign/access'
import type { ChangeDeps } from '../flow/change/ask'
import type { AskDeps } from '../flow/merchant/messages'
import type { FactorDeps } from '../flow/operator/second-factor'
import type { PayDeps } from '../flow/payment/pay'
import type { MakePayCodeDeps } from '../flow/payment/pay-code'
import type { QuoteDeps } from '../flow/payment/quote'
import type {
  Archived,
  BooksChain,
  Brakes,
  Desk,
  Identity,
  Limiter,
  PageLogin,
  Reconciliations,
  SingleSignOn,
  Suspicions,
  WatchedFeed,
  Work,
} from '../flow/ports'
import type { SourceDeps } from '../flow/reconcile/source'
import type { RefundDeps } from '../flow/refund/refund'
import type { Figures } from '../flow/report/figures'
import type { Admission } from './admission'
import type { CallerOf } from './caller'
import type { Tokens } from './token'

/** A dependency as /readyz shows it. */
export interface Probe {
  name: string
  /** payments can't go on without it */
  required: boolean
  check(): Promise<void>
}

/** Everything the routes need; built once, in main.ts. */
export type HttpDeps = QuoteDeps &
  MakePayCodeDeps &
  PayDeps &
  RefundDeps &
  FactorDeps &
  CampaignDeps &
  ChangeDeps &
  AskDeps &
  SourceDeps & {
    feed: WatchedFeed
    identity: Identity
    /** by the word that stands for each in our addresses; empty: no browser is sent to a platform */
    pageLogins: ReadonlyMap<string, PageLogin>
    /** the sandbox: whoever comes is who they say */
    namesTaken: boolean
    desk: Desk
    reconciliations: Reconciliations
    carryOverMs: number
    brakes: Brakes
    suspicions: Suspicions
    booksChain: Pick<BooksChain, 'lastSeals'>
    archived: Archived
    work: Work
    /** who organises a campaign unless it says */
    bankName: string
    /** whom payers and merchants call; null: nobody is named */
    bankPhone: string | null
    /** how a payer complains, as they read it; null: nobody has said */
    bankComplaints: string | null
    /** null: operators log in with passwords alone */
    singleSignOn: SingleSignOn | null
    tokens: Tokens
    callerOf: CallerOf
    /** whether a connection from there is one of our proxies'; absent: none is */
    isOurProxy?(address: string): boolean
    limiter: Limiter
    sealQuote(quote: Quote): string
    probes: readonly Probe[]
    load: Admission
    /** told to stop: what is taken is still answered, and whoever stands in front should send no more */
    isDraining(): boolean
    /** ms since some moment; never jumps */
    elapsed(): number
    /** so long metrics are told again to who asks again, ms; absent: each look is a new one */
    metricsForMs?: number
    /** readiness and metrics are served on a port of their own */
    operationsApart: boolean
    log: Logger
    /** who somebody is in the log: a keyed hash, the same for a month */
    logName(kind: string, text: string, at: number): string
    /** what is watched of the books; absent: nothing */
    figures?(): Promise<Figures>
    /** folder of the built H5 pages; after it those of the versions before, of which only what carries a hash is served */
    h5Dir: string
    /** folder of the files by which platforms see that the address is ours; null: there are none */
    verificationDir: string | null
  }
