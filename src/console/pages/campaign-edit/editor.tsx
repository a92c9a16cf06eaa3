import type { CampaignDetail } from '@contract'
import { type FormEvent, useCallback, useMemo, useRef, useState } from 'react'
import { ConsoleError, get, patch, post } from '../../client'
import { count } from '../../format'
import { go, useGuard } from '../../router'
import { besideField, sentenceOf } from '../../sentences'
import { faultWords } from '../../terms'
import { Button, Confirm, Fault, Notice, PageHead, toast } from '../../ui'
import { Conflict } from './conflict'
import { type Draft, draftOf, type Faults, previewOf, termsOf } from './draft'
import { Form } from './form'
import { ListFaults } from './list-faults'
import { type ListFiles, type ListRole, ROLE_LABELS } from './list-file'
import { listsOf } from './lists'
import { Preview, usePreview } from './preview'
import { type Refused, upload } from './upload'

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
  const lists = useListFiles(setBase)
  const { files } = lists
  const leaving = useLeaving(JSON.stringify(draft) !== JSON.stringify(opened) || Object.keys(files).length > 0)
  const form = useRef<HTMLFormElement>(null)
  const change = useCallback((changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes })), [])

  const counts = { merchants: base?.merchantCount ?? 0, controls: base?.controlCount ?? 0 }
  const merchantCount = files.merchant?.count ?? draft.merchantCodes?.length ?? counts.merchants
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
      const campaign =
        base && revision !== null
          ? await patch<CampaignDetail>(`/admin/campaigns/${base.campaignId}`, terms, revision)
          : await post<CampaignDetail>('/admin/campaigns', terms)
      setBase(campaign)
      if (await lists.send(campaign.campaignId)) {
        toast.ok(base ? '已保存' : '草稿已建好，核对以后提交复核')
        leaving.free(() => go(`campaigns/${campaign.campaignId}`, { replace: true }))
      }
    } catch (error) {
      await failed(error)
    }
    setBusy(false)
  }

  async function failed(error: unknown) {
    setFault(error)
    focusFault(form.current)
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
    if (!base) return
    setLoading(true)
    await listsOf(base.campaignId).then(change, (error) => toast.fault(error))
    setLoading(false)
  }

  const title = saved ? `编辑：${saved.name}` : '新建活动'
  // dialogs stand beside the form, not in it: they have forms of their own
  return (
    <>
      <form ref={form} onSubmit={submit} noValidate>
        <PageHead
          title={title}
          trail={[['活动', 'campaigns'], ...(base ? [[base.name, `campaigns/${base.campaignId}`] as const] : [])]}
          keys={
            <>
              <Button onClick={() => go(base ? `campaigns/${base.campaignId}` : 'campaigns')}>取消</Button>
              <Button type="submit" kind="main" busy={busy}>
                保存草稿
              </Button>
            </>
          }
        />
        <Fault text={summaryOf(fault, tried, faults)} />
        {lists.sending && <Sending role={lists.sending} files={files} />}
        {lists.refused && <ListFaults refused={lists.refused} />}
        <div className="c-columns edit">
          <Form
            {...{ draft, faults, change, counts, loading, files }}
            onFiles={lists.setFiles}
            onLoadLists={() => void loadLists()}
          />
          <Preview state={preview} ready={body !== null} body={body} orders={orders} onOrders={setOrders} />
        </div>
      </form>
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
    </>
  )
}

/** Lists too long for the form itself, which go up once the draft is there to take them. */
function useListFiles(onDraft: (campaign: CampaignDetail) => void) {
  const [files, setFiles] = useState<ListFiles>({})
  const [sending, setSending] = useState<ListRole>()
  const [refused, setRefused] = useState<Refused>()
  /** False when one has faulty lines; those that were taken are done with. */
  async function send(campaignId: string): Promise<boolean> {
    setRefused(undefined)
    if (Object.keys(files).length === 0) return true
    try {
      const result = await upload(campaignId, files, setSending)
      onDraft(result.campaign)
      setFiles(Object.fromEntries(Object.entries(files).filter(([role]) => !result.taken.includes(role as ListRole))))
      setRefused(result.refused)
      return !result.refused
    } finally {
      setSending(undefined)
    }
  }
  return { files, setFiles, sending, refused, send }
}

function Sending({ role, files }: { role: ListRole; files: ListFiles }) {
  return (
    <Notice kind="plain">
      <span role="status">{`草稿已保存，正在上传${ROLE_LABELS[role]}名单：${count(files[role]?.count ?? 0)} 家…`}</span>
    </Notice>
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
  if (fault instanceof ConsoleError && fault.field) faults[fault.field] ??= besideField(fault)
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
