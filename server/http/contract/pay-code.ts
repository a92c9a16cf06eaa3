import { z } from 'zod'
import { fen, timestamp } from './common'

/** A sealed value of ours, as it stands in the address that a code for one payment is. */
export const payCode = z.string().max(200)

export const payCodeBody = z.object({ amountFen: z.int().min(1).max(100_000_000) }).meta({ id: 'PayCodeRequest' })

const said = { amountFen: fen, expiresAt: timestamp }

export const payCodeView = z
  .object(said)
  .meta({ id: 'PayCode', description: 'a code that a merchant made for one payment of that amount' })

export const madePayCodeView = z
  .object({ payCode, path: z.string().describe('what the code says, below our own address'), ...said })
  .meta({ id: 'MadePayCode' })

export const ownPayCodeView = z
  .object({
    ...said,
    state: z
      .enum(['open', 'paying', 'paid', 'over'])
      .describe('paying: an order of it is under way; open again if that closes. over: too late, or tried too often'),
  })
  .meta({ id: 'OwnPayCode' })

export type PayCodeView = z.infer<typeof payCodeView>
export type MadePayCodeView = z.infer<typeof madePayCodeView>
export type OwnPayCodeView = z.infer<typeof ownPayCodeView>
