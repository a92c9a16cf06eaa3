import type { CampaignDetail } from '@contract'
import { type FormEvent, useCallback, useMemo, useRef, useState } from 'react'
import { ConsoleError, get, patch, post } from '../../client'
import { go, useGuard } from '../../router'
import { sentenceOf } from '../../sentences'
import { faultWords } from '../../terms'
import { Button, Confirm, Fault, PageHead, toast } from '../../ui'
import { Conflict } from './conflict'
import { type Draft, draftOf, type Faults, previewOf, termsOf } from './draft'
import { Form } from './form'
import { listsOf } from './lists'
import { Preview, usePreview } from './preview'

interface EditorProps {
  /** null for a new campaign, which begins with `first` */
  saved: CampaignDetail | null
  first?: Draft
}

/** The form and what it would be, side by side; saved in one request, with the revision it was opened at. */
export function Editor({ saved, first }: EditorProps) {
  const [opened] = useState<Draft>(() => (saved ? draftOf(saved) : first!))
  const [base, setBase] = useState(saved)
  const [draft, setDraft] = useState(opened)
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [loading, setLoading] = useState(false)
  const [fault, setFault] = useState<unknown>(null)
  const [theirs, setTheirs] = useState<CampaignDetail | null>(null)
  const [orders, setOrders] = useState('15')
  const leaving = useLeaving(JSON.stringify(draft) !== JSON.stringify(opened))
  const form = useRef<HTMLFormElement>(null)
  const change = useCallback((changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes })), [])

  const counts = { merchants: saved?.merchantCount ?? 0, controls: saved?.controlCount ?? 0 }
  const merchantCount = draft.merchantCodes?.length ?? counts.merchants
  const body = useMemo(
    () => previewOf(draft, merchantCount, /^\d+(\.\d+)?$/.test(orders) ? Number(orders) : 15),
    [draft, merchantCount, orders],
  )
  const preview = usePreview(body)
  const faults = faultsOf(draft, tried, body ? preview.view?.faults : undefined, fault)

  async function save(revision: number | null) {
    const { body: terms } = termsOf(draft)
    setBusy(true)
    setFault(null)
    try {
      const { campaignId } =
        base && revision !== null
          ? await patch<CampaignDetail>(`/admin/campaigns/${base.campaignId}`, terms, revision)
          : await post<CampaignDetail>('/admin/campaigns', terms)
      toast.ok(base ? '已保存' : '草稿已建好，核对以后提交复核')
      leaving.free(() => go(`campaigns/${campaignId}`, { replace: true }))
    } catch (error) {
      await failed(error)
    }
    setBusy(false)
  }

  async function failed(error: unknown) {
    setFault(error)
    const conflict = error instanceof ConsoleError && ['revision-changed', 'not-a-draft'].includes(error.code)
    if (base && conflict) setTheirs(await get<CampaignDetail>(`/admin/campaigns/${base.campaignId}`).catch(() => null))
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (busy) return
    if (Object.keys(termsOf(draft).faults).length > 0) return focusFault(form.current)
    void save(base?.revision ?? null)
  }

  async function loadLists() {
    if (!saved) return
    setLoading(true)
    await listsOf(saved.campaignId).then(change, (error) => toast.fault(error))
    setLoading(false)
  }

  const title = saved ? `编辑：${saved.name}` : '新建活动'
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <PageHead
        title={title}
        trail={[['活动', 'campaigns'], ...(saved ? [[saved.name, `campaigns/${saved.campaignId}`] as const] : [])]}
        keys={
          <>
            <Button onClick={() => go(saved ? `campaigns/${saved.campaignId}` : 'campaigns')}>取消</Button>
            <Button type="submit" kind="main" busy={busy}>
              保存草稿
            </Button>
          </>
        }
      />
      <Fault text={summaryOf(fault, tried, faults)} />
      <div className="c-columns edit">
        <Form {...{ draft, faults, change, counts, loading }} onLoadLists={() => void loadLists()} />
        <Preview state={preview} ready={body !== null} body={body} orders={orders} onOrders={setOrders} />
      </div>
      {leaving.question}
      {theirs && base && (
        <Conflict
          base={base}
          theirs={theirs}
          mine={draft}
          onClose={() => setTheirs(null)}
          onTheirs={() => leaving.free(() => go(`campaigns/${base.campaignId}`))}
          onMine={() => {
            setBase(theirs)
            setTheirs(null)
            void save(theirs.revision)
          }}
        />
      )}
    </form>
  )
}

/** Asks before what was typed is lost. `free` lets go without asking. */
function useLeaving(dirty: boolean) {
  const [leave, setLeave] = useState<(() => void) | null>(null)
  const freed = useRef(false)
  const ask = useCallback((go: () => void) => (freed.current ? go() : setLeave(() => go)), [])
  useGuard(dirty, ask)
  const free = (then: () => void) => {
    freed.current = true
    then()
  }
  const question = leave && (
    <Confirm
      title="还没有保存"
      consequence={<p>离开以后，这一页填写的内容会丢失。</p>}
      verb="不保存，离开"
      danger
      act={async () => leave()}
      onClose={() => setLeave(null)}
    />
  )
  return { question, free }
}

/** Beside each field: what can't be read (once saving was tried), what the rule forbids, what the server refused. */
function faultsOf(
  draft: Draft,
  tried: boolean,
  previewed: readonly { field: string; code: string }[] | undefined,
  fault: unknown,
): Faults {
  const faults: Faults = {}
  for (const { field, code } of previewed ?? []) faults[field] ??= faultWords(code)
  if (fault instanceof ConsoleError && fault.field) faults[fault.field] ??= sentenceOf(fault)
  return tried ? { ...faults, ...termsOf(draft).faults } : faults
}

function summaryOf(fault: unknown, tried: boolean, faults: Faults): string | undefined {
  if (fault) return sentenceOf(fault)
  const unread = Object.keys(faults).length
  return tried && unread > 0 ? `还有 ${unread} 项要修改` : undefined
}

/** The first field with a fault takes the focus, once it is marked. */
function focusFault(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid]')?.focus())
}
