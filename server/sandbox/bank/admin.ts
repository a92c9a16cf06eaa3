import type { Bank } from './bank'
import type { Account } from './facts'
import { type Faults, faultList } from './faults'
import { openingBalance } from './schema'
import type { Answer } from './views'

/** An account with what its balance is made of. `openingFen` + the entries = `balanceFen`. */
export interface AccountView extends Account {
  openingFen: number
  entries: { orderNo: string; refundNo?: string; businessDate: string; amountFen: number }[]
}

/** The sandbox's own routes: faults, and the books read back. Unsigned; the server checks the admin token. */
export function adminAnswer(method: string, path: string, body: Buffer, bank: Bank, faults: Faults): Answer {
  switch (`${method} ${path}`) {
    case 'PUT /sandbox/faults': {
      const told = faultList.safeParse(jsonOf(body))
      if (!told.success) return { status: 400, body: { code: 'invalid-fault', detail: told.error.message } }
      faults.set(told.data)
      return { status: 200, body: told.data }
    }
    case 'GET /sandbox/faults':
      return { status: 200, body: faults.all }
    case 'DELETE /sandbox/faults':
      faults.set([])
      return { status: 200, body: [] }
    case 'GET /sandbox/accounts':
      return { status: 200, body: [...bank.books.accounts.values()] }
    case 'POST /sandbox/accounts': {
      const balance = openingBalance.safeParse(jsonOf(body))
      if (!balance.success) return { status: 400, body: { code: 'invalid-balance', detail: balance.error.message } }
      const known = bank.books.accounts.get(balance.data.account)
      if (known && known.kind !== balance.data.kind) return { status: 409, body: { code: 'wrong-role' } }
      bank.setBalance(balance.data)
      return { status: 200, body: viewOf(bank, balance.data.account) }
    }
    case 'GET /sandbox/clearings':
      return { status: 200, body: [...bank.books.clearings.values()] }
    case 'GET /sandbox/refunds':
      return { status: 200, body: [...bank.books.refunds.values()] }
  }
  const late = /^\/sandbox\/clearings\/([A-Za-z0-9_-]+)\/book$/.exec(path)?.[1]
  if (method === 'POST' && late)
    return bank.bookAnyway(late)
      ? { status: 200, body: bank.books.clearings.get(late) }
      : { status: 409, body: { code: 'not-bookable' } }
  const account = /^\/sandbox\/accounts\/([A-Za-z0-9_-]+)$/.exec(path)?.[1]
  const view = method === 'GET' && account ? viewOf(bank, account) : undefined
  return view ? { status: 200, body: view } : { status: 404, body: { code: 'not-found' } }
}

function viewOf(bank: Bank, name: string): AccountView | undefined {
  const account = bank.books.accounts.get(name)
  if (!account) return undefined
  const entries: AccountView['entries'] = []
  for (const { state, request } of bank.books.clearings.values()) {
    if (state !== 'succeeded' || !request) continue
    const { orderNo, businessDate, legs } = request
    for (const leg of legs) if (leg.account === name) entries.push({ orderNo, businessDate, amountFen: leg.amountFen })
  }
  for (const { orderNo, state, request } of bank.books.refunds.values()) {
    if (state !== 'succeeded') continue
    const { refundNo, businessDate, legs } = request
    for (const leg of legs)
      if (leg.account === name) entries.push({ orderNo, refundNo, businessDate, amountFen: leg.amountFen })
  }
  const moved = entries.reduce((sum, entry) => sum + entry.amountFen, 0)
  return { ...account, openingFen: account.balanceFen - moved, entries }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
