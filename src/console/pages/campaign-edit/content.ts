import type { SketchList, SketchView } from '@contract'
import { dateTime } from '../../dates'
import { type Draft, newDraft } from './draft'

/** What a campaign's form keeps of itself (use-sketch.ts). */
export interface Content {
  draft: Draft
  /** as the form was opened: by it is known what was touched */
  opened: Draft
  /** of the campaign that was opened; null for a new one */
  revision: number | null
  /** with which a new one is made once */
  key: string
}

/** A sketch as its form wrote it; null when it is none of this form's, e.g. an older one's. */
export function contentOf(sketch: SketchView | null): Content | null {
  if (!sketch) return null
  const { revision = null, key, ...kept } = sketch.content as Partial<Content>
  const [draft, opened] = [whole(kept.draft), whole(kept.opened)]
  if (!isDraft(draft) || !isDraft(opened) || typeof key !== 'string') return null
  return { draft, opened, revision, key }
}

const EMPTY = newDraft(null)

/** One from before the form had some of its fields has them as a new one has. */
const whole = (value: unknown) => (typeof value === 'object' && value !== null ? { ...EMPTY, ...value } : value)

/** All its fields, each of its kind. */
function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false
  const given = value as Record<string, unknown>
  return Object.entries(EMPTY).every(([field, of]) =>
    typeof of === 'string' ? typeof given[field] === 'string' : given[field] === null || Array.isArray(given[field]),
  )
}

export const newKey = () => `draft-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`

export const sketchName = (id: string | undefined, copied: string | undefined) =>
  `campaign:${id ?? (copied ? `copy-${copied}` : 'new')}`

/** `campaign:copy-food-street` → `campaigns/new?from=food-street` */
export function placeOfSketch(name: string): string {
  const id = name.slice('campaign:'.length)
  if (id === 'new') return 'campaigns/new'
  return id.startsWith('copy-') ? `campaigns/new?from=${id.slice('copy-'.length)}` : `campaigns/${id}/edit`
}

/** As who wrote it knows it again. */
export function sketchWords({ name, title, updatedAt }: SketchList['items'][number]): string {
  const what = /^campaign:(new$|copy-)/.test(name) ? '新活动' : '草稿'
  return `${what}${title ? `“${title}”` : ''}，${dateTime(updatedAt).replace(/^\d{4}年|:\d\d$/g, '')}`
}
