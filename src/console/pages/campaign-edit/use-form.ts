import type { CampaignDetail, SketchView } from '@contract'
import { useCallback, useMemo, useRef, useState } from 'react'
import { type Content, contentOf, newKey } from './content'
import { type Draft, draftOf } from './draft'

/** What the form holds, beside what it was opened with; as it was left, where something was. */
export function useForm(saved: CampaignDetail | null, first: Draft, sketch: SketchView | null) {
  const [begun] = useState<Content>(() => contentOf(sketch) ?? begin(saved, first))
  const [base, setBase] = useState(saved)
  const [revision, setRevision] = useState(saved && (begun.revision ?? saved.revision))
  const [opened, setOpened] = useState(begun.opened)
  const [draft, setDraft] = useState(begun.draft)
  const change = useCallback((changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes })), [])
  const { key } = begun
  const typed = useTyped(draft, begun.draft)
  /** for the keeper; null: nothing was typed yet */
  const wanted = useMemo(
    () => (typed ? { title: draft.name, draft, opened, revision, key } : null),
    [typed, draft, opened, revision, key],
  )
  return { key, base, setBase, revision, setRevision, opened, setOpened, draft, setDraft, change, wanted }
}

export type FormState = ReturnType<typeof useForm>

function begin(saved: CampaignDetail | null, first: Draft): Content {
  const draft = saved ? draftOf(saved) : first
  return { draft, opened: draft, revision: saved?.revision ?? null, key: newKey() }
}

/** True once anything was touched, and from then on; at once, since who types may leave in the same breath. */
function useTyped(draft: Draft, begun: Draft): boolean {
  const typed = useRef(false)
  typed.current ||= JSON.stringify(draft) !== JSON.stringify(begun)
  return typed.current
}
