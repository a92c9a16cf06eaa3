import { createHash } from 'node:crypto'
import type { WalletAccounts } from '../../domain/channel'
import { type FileFault, noFaults } from '../../domain/file-fault'
import type { Operator } from '../../domain/operator'
import type { BookedMerchant, Imported } from '../ports'
import { merchantSeen } from './book'
import { type ImportDeps, importMerchants } from './import'

export interface MerchantEdit {
  name?: string | undefined
  branchCode?: string | undefined
  account?: string | undefined
  /** of those that are named; an empty text: none any more */
  walletAccounts?: WalletAccounts | undefined
  note?: string | undefined
}

export type MerchantChanged =
  | { kind: 'changed'; merchant: BookedMerchant; review: Imported['review'] }
  | { kind: 'faulty'; fault: FileFault }
  | { kind: 'refused'; code: 'merchant-not-found' | 'change-open' }

/** One merchant as a table of one line: its name changes at once, its accounts and branch take a second operator. */
export async function changeMerchant(
  deps: ImportDeps,
  operator: Operator,
  merchantCode: string,
  { note = null, ...edit }: Omit<MerchantEdit, 'note'> & { note?: string | null },
): Promise<MerchantChanged> {
  const was = await merchantSeen(deps, operator, merchantCode)
  if (!was) return { kind: 'refused', code: 'merchant-not-found' }
  const { name = was.name, branchCode: branch = was.branchCode, account = was.account } = edit
  const line = { line: 1, code: merchantCode, name, branch, account, ...edit.walletAccounts }
  const sha256 = createHash('sha256').update(JSON.stringify(line)).digest('hex')
  const file = { pages: () => [[line]], lines: 1, faults: noFaults(), sha256 }
  const { username: by, branchCode } = operator
  const result = await importMerchants(deps, file, { by, branchCode, dryRun: false, note })
  if (result.kind === 'faulty') return { kind: 'faulty', fault: result.faults.named[0]! }
  if (result.kind === 'refused') return result
  const merchant = (await merchantSeen(deps, operator, merchantCode)) ?? was
  return { kind: 'changed', merchant, review: result.count.review }
}
