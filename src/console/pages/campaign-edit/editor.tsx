import type { CampaignDetail, SketchView } from '@contract'
import { type FormEvent, useMemo, useRef, useState } from 'react'
import { ConsoleError } from '../../client'
import { ordersOf } from '../../format'
import { go } from '../../router'
import { PageHead, toast, useLeaving } from '../../ui'
import { Bar } from './bar'
import { Submitted } from './conflict'
import { type Content, contentOf } from './content'
import { type Draft, previewOf, termsOf } from './draft'
import { Elsewhere } from './elsewhere'
import { faultsOf, summaryOf, useFaultFocus, useLeft } from './faults'
import { Form } from './form'
import { ListFaults } from './list-faults'
import { listsOf } from './lists'
import { Meeting } from './meeting'
import { Preview, usePreview } from './preview'
import { Gone, Restored, Sending } from './said'
import { useForm } from './use-form'
import { useListFiles } from './use-list-files'
import { useSave } from './use-save'
import { dropSketch, useSketch } from './use-sketch'

interface EditorProps {
  /** of the sketch that the form is kept as */
  name: string
  /** null for a new campaign, which begins with `first` */
  saved: CampaignDetail | null
  first: Draft
  /** what was typed here before and not saved */
  sketch: SketchView | null
  /** what was saved is there no longer */
  gone: boolean
  /** opens it anew */
  again(): void
}

const UNSAVED = {
  title: '还没有保存',
  text: '离开以后，这一页填写的内容会丢失：它还没有自动保存，或者选好的文件还没有上传。',
  verb: '不保存，离开',
}

/** The form and what it would be, side by side; kept as it is typed, and saved in one request, with the revision it was opened at. */
export function Editor({ name, saved, first, sketch, gone, again }: EditorProps) {
  const state = useForm(saved, first, sketch)
  const { base, draft, setDraft, change } = state
  const [tried, setTried] = useState(false)
  const { left, onBlur } = useLeft()
  const [loading, setLoading] = useState(false)
  const [orders, setOrders] = useState('15')
  const form = useRef<HTMLFormElement>(null)
  const lists = useListFiles((campaign) => {
    state.setBase(campaign)
    state.setRevision(campaign.revision)
  })
  const { files } = lists
  const keeper = useSketch(name, sketch, state.wanted)
  const lying = keeper.kept.kind !== 'nothing' && keeper.kept.kind !== 'kept'
  const unsent = Object.keys(files).length > 0
  const keep = async () => !unsent && keeper.flush()
  const leaving = useLeaving(state.wanted !== null || unsent, UNSAVED, keep, lying || unsent)
  const onFault = useFaultFocus(form)
  const sent = { waiting: unsent, send: lists.send }
  const saving = useSave(state, { keeper, lists: sent, free: leaving.free, onFault })
  const { fault, met, setMet } = saving

  const counts = { merchants: base?.merchantCount ?? 0, controls: base?.controlCount ?? 0 }
  const merchantCount = files.merchant?.count ?? draft.merchantCodes?.length ?? counts.merchants
  // what is no number has no forecast: the one that is asked for then is of another, and isn't shown
  const perDay = ordersOf(orders)
  const body = useMemo(() => previewOf(draft, merchantCount, perDay ?? 15), [draft, merchantCount, perDay])
  const preview = usePreview(body)
  const faults = faultsOf(draft, tried, left, body ? preview.view?.faults : undefined, fault)

  function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (saving.busy) return
    if (Object.keys(termsOf(draft).faults).length > 0) return onFault()
    void saving.save(draft, { base, revision: state.revision })
  }

  async function loadLists() {
    if (!base) return
    setLoading(true)
    const take = (found: Awaited<ReturnType<typeof listsOf>>) => {
      state.setOpened((before) => ({ ...before, ...found }))
      change(found)
    }
    await listsOf(base.campaignId).then(take, (error) => toast.fault(error))
    setLoading(false)
  }

  /** From now on it is another campaign. */
  function asNew() {
    state.setBase(null)
    state.setRevision(null)
    saving.setFault(null)
    change({ merchantCodes: draft.merchantCodes ?? [], controlCodes: draft.controlCodes ?? [] })
  }

  const discard = (then: () => void) => void dropSketch(name).then(then, (error) => toast.fault(error))
  const home = base ? `campaigns/${base.campaignId}` : 'campaigns'
  const lost = fault instanceof ConsoleError && fault.code === 'campaign-not-found'
  // dialogs stand beside the form, not in it: they have forms of their own
  return (
    <>
      <form ref={form} onSubmit={submit} onBlur={onBlur} noValidate>
        <PageHead
          title={saved ? `编辑：${saved.name}` : '新建活动'}
          trail={[['活动', 'campaigns'], ...(base ? [[base.name, home] as const] : [])]}
        />
        {sketch && contentOf(sketch) && <Restored sketch={sketch} onDiscard={() => discard(again)} />}
        {(gone || lost) && <Gone ready={base === null} onNew={asNew} />}
        <Elsewhere
          kept={keeper.kept}
          shared={() => (keeper.stored() as Content | null)?.draft ?? state.opened}
          draft={draft}
          onDraft={setDraft}
          onTaken={keeper.takeOver}
        />
        {lists.sending && <Sending role={lists.sending} files={files} />}
        {lists.refused && <ListFaults refused={lists.refused} />}
        <div className="c-columns edit">
          <Form
            {...{ draft, faults, change, counts, loading, files, merchantCount }}
            forecast={body && perDay !== null && preview.view ? preview.view.forecast : null}
            onFiles={lists.setFiles}
            onLoadLists={() => void loadLists()}
          />
          <Preview state={preview} ready={body !== null} body={body} orders={orders} onOrders={setOrders} />
        </div>
        <Bar kept={keeper.kept} fault={summaryOf(fault, tried, faults)} busy={saving.busy} onBack={() => go(home)} />
      </form>
      {leaving.question}
      {met?.theirs.state === 'draft' && (
        <Meeting
          met={met}
          mine={draft}
          onClose={() => setMet(null)}
          onTheirs={() => discard(() => leaving.free(() => go(`campaigns/${met.theirs.campaignId}`)))}
          onMerged={(next) => {
            setMet(null)
            setDraft(next)
            void saving.save(next, { base: met.theirs, revision: met.theirs.revision })
          }}
        />
      )}
      {met && met.theirs.state !== 'draft' && (
        <Submitted
          theirs={met.theirs}
          onTheirs={() => leaving.free(() => go(`campaigns/${met.theirs.campaignId}`))}
          onClose={() => setMet(null)}
        />
      )}
    </>
  )
}
