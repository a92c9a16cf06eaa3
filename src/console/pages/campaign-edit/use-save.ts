import type { CampaignDetail, Problem } from '@contract'
import { useRef, useState } from 'react'
import { ConsoleError, get, patch, post } from '../../client'
import { go } from '../../router'
import { toast } from '../../ui'
import { type Draft, termsOf } from './draft'
import { type Met, meet } from './meeting'
import type { FormState } from './use-form'

interface Around {
  /** keeps what is typed meanwhile */
  keeper: { settle(): Promise<void>; flush(): Promise<boolean>; saved(): void }
  /** long lists go once the draft is there; false: one has faults */
  lists: { waiting: boolean; send(campaignId: string): Promise<boolean> }
  /** lets go of the page without asking */
  free(then: () => void): void
  /** shows where the fault is */
  onFault(): void
}

/** Which campaign a save is of, as it was looked at; both null for a new one. */
interface On {
  base: CampaignDetail | null
  revision: number | null
}

/** Saves the form once, whatever becomes of the replies; and says what it met when somebody else was first. */
export function useSave(state: FormState, { keeper, lists, free, onFault }: Around) {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<unknown>(null)
  const [met, setMet] = useState<Met | null>(null)
  /** what was sent last: it may have arrived, whatever was heard of it */
  const sent = useRef<Draft | null>(null)

  async function save(mine: Draft, on: On) {
    setBusy(true)
    setFault(null)
    await keeper.settle()
    const before = sent.current ?? mine
    sent.current = mine
    try {
      await done(await request(mine, on), mine, on)
    } catch (error) {
      await failed(error, mine, before, on).catch(setFault)
    }
    setBusy(false)
  }

  function request(mine: Draft, { base, revision }: On): Promise<CampaignDetail> {
    const { body: terms } = termsOf(mine)
    if (base && revision !== null) return patch(`/admin/campaigns/${base.campaignId}`, terms, revision)
    return post('/admin/campaigns', terms, { idempotencyKey: state.key })
  }

  /** The draft is saved; its long lists follow, and may keep the form open. */
  async function done(campaign: CampaignDetail, mine: Draft, on: On) {
    if (lists.waiting) {
      state.setBase(campaign)
      state.setRevision(campaign.revision)
      state.setOpened(mine)
    }
    if (!(await lists.send(campaign.campaignId))) return
    keeper.saved()
    toast.ok(on.base ? '已保存' : '草稿已建好，核对以后提交复核')
    free(() => go(`campaigns/${campaign.campaignId}`, { replace: true }))
  }

  async function failed(error: unknown, mine: Draft, before: Draft, on: On) {
    setFault(error)
    onFault()
    void keeper.flush()
    const id = metAt(error, on)
    if (!id) return
    const theirs = await get<CampaignDetail>(`/admin/campaigns/${id}`)
    const found = await meet(theirs, { opened: state.opened, sent: before, mine })
    if (found.kind === 'met') return setMet(found)
    setFault(null)
    if (found.kind === 'saved') return done(theirs, mine, on)
    await save(found.draft, { base: theirs, revision: theirs.revision })
  }

  return { save, busy, fault, setFault, met, setMet }
}

/** Which campaign is there instead of what was looked at; null: it is another fault. */
function metAt(error: unknown, { base }: On): string | null {
  if (!(error instanceof ConsoleError)) return null
  if (error.code === 'key-reused') return (error.body as Problem).made ?? null
  return ['revision-changed', 'not-a-draft'].includes(error.code) ? (base?.campaignId ?? null) : null
}
