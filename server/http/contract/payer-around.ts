import { z } from 'zod'
import { businessDate, channelName, fen } from './common'

/** What a payer is told beside their orders: whom to turn to, how much they may still pay today, what they have saved. */

export const bankView = z
  .object({
    name: z.string(),
    phone: z.string().nullable().describe('whom to call'),
    complaints: z.string().nullable().describe('how a payer complains, in Chinese'),
  })
  .meta({ id: 'Bank' })

export const dayLimitsView = z
  .object({
    businessDate,
    items: z.array(
      z.object({
        channel: channelName,
        limitFen: fen.describe('the most that one payer may pay through it in a day by scanning codes'),
        leftFen: fen.describe('what is left of it today; an order counts with its amount, until it is closed'),
      }),
    ),
  })
  .meta({ id: 'DayLimits' })

export const savingsView = z
  .object({
    orderCount: z.int().describe('orders in which something is saved'),
    savedFen: fen.describe('what the payer saved in all; of an order refunded in part the same part of it less'),
  })
  .meta({ id: 'Savings' })

export type BankView = z.infer<typeof bankView>
export type DayLimitsView = z.infer<typeof dayLimitsView>
export type SavingsView = z.infer<typeof savingsView>
