import type { SketchView } from '@contract'
import { useEffect, useState } from 'react'
import { clock } from '../../dates'
import { Button, Notice, toast } from '../../ui'
import { Merge } from './conflict'
import { contentOf } from './content'
import type { Draft } from './draft'
import { merged, mergeLines } from './merge'
import type { Kept } from './use-sketch'

interface ElsewhereProps {
  kept: Kept
  /** as both tabs had it last */
  shared(): Draft
  draft: Draft
  onDraft(draft: Draft): void
  onTaken(sketch: SketchView): void
}

/** Another tab of the same operator changed the same form: what doesn't clash comes together by itself, what does is asked. */
export function Elsewhere({ kept, shared, draft, onDraft, onTaken }: ElsewhereProps) {
  const [asked, setAsked] = useState(false)
  const sketch = kept.kind === 'elsewhere' ? kept.sketch : null
  const theirs = contentOf(sketch)?.draft ?? null
  const clash = theirs !== null && mergeLines(shared(), theirs, draft).some((line) => line.clash)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each content that was found
  useEffect(() => {
    if (!sketch || clash) return
    if (theirs) onDraft(merged(shared(), theirs, draft))
    onTaken(sketch)
    if (theirs) toast.ok('已并入您在另一个标签页填写的内容')
  }, [sketch, clash])
  if (!sketch || !theirs || !clash) return null
  const settle = (next: Draft) => {
    setAsked(false)
    onDraft(next)
    onTaken(sketch)
  }
  return (
    <>
      <Notice>
        <span>{`您在另一个标签页也改了这一份（${clock(Date.parse(sketch.updatedAt))}），有的项两边填得不一样。`}</span>
        <Button kind="text" onClick={() => setAsked(true)}>
          看两边的不同
        </Button>
      </Notice>
      {asked && (
        <Merge
          base={shared()}
          theirs={theirs}
          mine={draft}
          other="您在另一个标签页"
          verb="合并"
          onMerge={(yielded) => settle(merged(shared(), theirs, draft, yielded))}
          onTheirs={() => settle(theirs)}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}
