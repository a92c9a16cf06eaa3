import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BankAdmin } from '../harness/bank'
import type { Account, BankRefund, Clearing, Fact } from '../server/sandbox/bank/facts'

/** The bank's side of everything, read from its admin routes and, a line at a time, from its journal. */
export interface BankBooks {
  clearings: Map<string, Clearing>
  refunds: Map<string, BankRefund>
  accounts: Map<string, Account>
  /** what each account began with, fen */
  openingFen: Map<string, number>
  /** how often each order, and each refund, was booked */
  booked: Map<string, number>
}

export async function readBank(admin: BankAdmin, dataDir: string): Promise<BankBooks> {
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
  return {
    clearings: new Map(clearings.map((one) => [one.orderNo, one])),
    refunds: new Map(refunds.map((one) => [one.request.refundNo, one])),
    accounts: new Map(accounts.map((one) => [one.account, one])),
    openingFen,
    booked,
  }
}
