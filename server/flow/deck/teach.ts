import type { DeckId } from '../../domain/deck'
import type { Ledger, Slots, UsedSlot } from '../ports'

/** A slot store that forgot hears from the ledger whose its slots are. */

export interface TeachDeps {
  ledger: Pick<Ledger, 'usedSlots'>
  slots: Slots
  limits: { leaseTtlMs: number }
}

/**
 * Tells the slot store whose the slot is by the ledger. On the way there it may become old news, since the holder's order closes and
 * gives the slot back: so it looks again until both say the same, or a card would stay used that no order uses. Whose it is in the end;
 * undefined: no order's.
 */
export async function teachHolder(
  deps: TeachDeps,
  deck: DeckId,
  slot: number,
  holder: string,
): Promise<string | undefined> {
  const holderNow = async () => (await deps.ledger.usedSlots(deck)).find((one) => one.slot === slot)?.payerId
  let told = ''
  for (let now: string | undefined = holder; now !== undefined && now !== told; now = await holderNow()) {
    told = now
    await deps.slots.confirm(deck, slot, told)
    if ((await holderNow()) !== undefined) continue
    await deps.slots.release(deck, slot, told, deps.limits.leaseTtlMs)
    told = ''
  }
  return told || undefined
}

/**
 * Tells it of every slot that orders hold, where it knows of fewer: it came back as it was some time ago, from a snapshot or a replica
 * that lagged, and would hand out cards that can't be paid with. For how long each was held is forgotten, in the payers' favour.
 */
export async function teachUsed(deps: TeachDeps, deck: DeckId, used: readonly UsedSlot[]): Promise<void> {
  const known = (await deps.slots.count(deck))?.used ?? used.length
  if (known >= used.length) return
  for (const { slot, payerId } of used) {
    const holder = await teachHolder(deps, deck, slot, payerId)
    if (holder !== undefined) await deps.slots.paid(deck, slot, holder)
  }
}
