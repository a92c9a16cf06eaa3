import type { CampaignDetail, SketchView, TemplateList } from '@contract'
import { ConsoleError, get } from '../../client'
import type { PageProps } from '../../page-props'
import { usePlace } from '../../router'
import { useOperator } from '../../session'
import { Ready } from '../../ui'
import { useRead } from '../../use-read'
import { contentOf, sketchName } from './content'
import { copyOf, type Draft, newDraft, ofTemplate } from './draft'
import { Editor } from './editor'
import './index.scss'
import { listsOf } from './lists'
import { MOST_CODES } from './merchant-codes'
import { readSketch } from './use-sketch'

/** What ids of campaigns are made of. */
const CAMPAIGN = /^[\w-]{1,40}$/

interface Opened {
  /** what was typed here before and not saved */
  sketch: SketchView | null
  /** null for a new campaign, and for a draft that somebody threw away meanwhile */
  saved: CampaignDetail | null
  /** what a new one begins with */
  first: Draft
  /** what was saved is there no longer */
  gone: boolean
}

/** 新建活动, a copy of one and 编辑活动: the same form, as it was left. */
export default function CampaignEditPage({ params: { id } }: PageProps) {
  const operator = useOperator()
  const { query } = usePlace()
  const copied = !id && CAMPAIGN.test(query.from ?? '') ? query.from : undefined
  const name = sketchName(id, copied)
  const { reading, again } = useRead(() => open(name, { id, copied, branchCode: operator.branchCode }), name)
  return (
    <Ready reading={reading} again={again} lines={8}>
      {(opened) => (
        <Editor
          key={`${name} ${opened.saved?.revision} ${opened.sketch?.revision}`}
          name={name}
          {...opened}
          again={again}
        />
      )}
    </Ready>
  )
}

async function open(
  name: string,
  { id, copied, branchCode }: { id?: string; copied?: string; branchCode: string | null },
): Promise<Opened> {
  const sketch = await readSketch(name)
  const known = contentOf(sketch) !== null
  const blank = newDraft(branchCode)
  if (id) {
    const saved = await savedOf(id, known)
    return { sketch, saved, first: blank, gone: saved === null }
  }
  const first = copied && !known ? await copyFrom(copied, branchCode) : blank
  return { sketch, saved: null, first, gone: false }
}

/** Of a draft that is gone there is still what was typed. */
function savedOf(id: string, known: boolean): Promise<CampaignDetail | null> {
  return get<CampaignDetail>(`/admin/campaigns/${id}`).catch((fault) => {
    if (known && fault instanceof ConsoleError && fault.code === 'campaign-not-found') return null
    throw fault
  })
}

const TEMPLATE = 'template-'

/** One that a colleague threw away meanwhile is said to be gone. */
async function fromTemplate(id: string, branchCode: string | null): Promise<Draft> {
  const { items } = await get<TemplateList>('/admin/templates')
  const template = items.find(({ templateId }) => templateId === id)
  if (!template) throw new ConsoleError('problem', 'no-such-template', 404)
  return ofTemplate(template, branchCode)
}

/** Lists that are too long to be shown are left to a file. */
async function copyFrom(id: string, branchCode: string | null): Promise<Draft> {
  if (id.startsWith(TEMPLATE)) return fromTemplate(id.slice(TEMPLATE.length), branchCode)
  const campaign = await get<CampaignDetail>(`/admin/campaigns/${id}`)
  const short = campaign.merchantCount <= MOST_CODES && campaign.controlCount <= MOST_CODES
  return copyOf(campaign, short ? await listsOf(id) : { merchantCodes: [], controlCodes: [] }, branchCode)
}
