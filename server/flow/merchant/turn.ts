import type { Operator } from '../../domain/operator'
import { type AskResult, askForChange, type ChangeDeps } from '../change/ask'
import { type BookDeps, merchantSeen } from './book'

/**
 * A merchant leaves the house, or comes back: asked for by one operator, approved by another, at once then. To payers it is none from then on; what was
 * paid stays, its users still see and refund it. Whoever must stop discounts now pulls the brake, alone. Undefined: the operator sees no such merchant.
 */
export async function askToTurn(
  deps: ChangeDeps & BookDeps,
  operator: Operator,
  { merchantCode, turn, note }: { merchantCode: string; turn: 'disable' | 'enable'; note: string },
): Promise<AskResult | undefined> {
  const merchant = await merchantSeen(deps, operator, merchantCode)
  if (!merchant) return undefined
  const { branchCode } = merchant
  const after = { disabled: turn === 'disable' }
  return askForChange(deps, operator, {
    kind: `merchant.${turn}`,
    subject: `merchant/${merchantCode}`,
    branchCode,
    after,
    note,
  })
}
