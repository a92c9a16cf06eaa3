import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BankAdmin } from '../harness/bank'
import type { BankRefund, Clearing, Fact } from '../server/sandbox/bank/facts'
import { type Booked, type Books, legsOf } from './books'

/** The bank's side of everything, read from its admin routes and, a line at a time, from its journal. */
export async function readBank(admin: BankAdmin, dataDir: string): Promise<Books> {
  const openingFen = new Map<string, number>()
  const booked = new Map<string, number>()
  const add = (map: Map<string, number>, name: string, by: number) => map.set(name, (map.get(name) ?? 0) + by)
  const journal = createReadStream(join(dataDir, 'bank', 'journal.jsonl'))
  for await (const line of createInterface({ input: journal })) {
    const fact = JSON.parse(line) as Fact
    if (fact.type === 'agreed') add(openingFen, fact.agreement.account, fact.openingFen)
    if (fact.type === 'booked') add(booked, fact.request.orderNo, 1)
    if (fact.type === 'refund-booked') add(booked, fact.request.refundNo, 1)
  }
  const [clearings, refunds, accounts] = await Promise.all([admin.clearings(), admin.refunds(), admin.accounts()])
  const of = (number: string, one: Clearing | BankRefund): [string, Booked] => {
    const legs = one.request?.legs ?? []
    const fen = (role: string) => Math.abs(legs.find((leg) => leg.role === role)?.amountFen ?? 0)
    return [
      number,
      {
        state: one.state === 'succeeded' ? 'done' : one.state === 'declined' ? 'dead' : 'open',
        tradeNo: tradeNoOf(one),
        times: booked.get(number) ?? 0,
        amountFen: fen('payer'),
        merchant: legs.find((leg) => leg.role === 'merchant')?.account ?? '',
        legs: legsOf(legs),
      },
    ]
  }
  return {
    orders: new Map(clearings.map((one) => of(one.orderNo, one))),
    refunds: new Map(refunds.map((one) => of(one.request.refundNo, one))),
    accounts: new Map(
      accounts.map(({ account, balanceFen }) => [account, { balanceFen, openingFen: openingFen.get(account) ?? 0 }]),
    ),
    namesPayers: true,
  }
}

function tradeNoOf(one: Clearing | BankRefund): string | null {
  if (one.state !== 'succeeded') return null
  return 'channelRefundNo' in one ? one.channelRefundNo : one.channelTradeNo
}
