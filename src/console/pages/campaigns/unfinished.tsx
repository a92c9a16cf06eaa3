import type { SketchList } from '@contract'
import { useState } from 'react'
import { call, get } from '../../client'
import { Link } from '../../router'
import { Button, Confirm, Notice } from '../../ui'
import { useRead } from '../../use-read'
import { placeOfSketch, sketchWords } from '../campaign-edit/content'
import { allWritten } from '../campaign-edit/use-sketch'

type Sketch = SketchList['items'][number]

/** What the operator typed and didn't save, to go on with or to throw away. Nobody else sees it; while it can't be read nothing is said. */
export function Unfinished() {
  const { reading, again } = useRead(() => allWritten().then(() => get<SketchList>('/admin/sketches')), 'sketches')
  const [dropped, setDropped] = useState<Sketch | null>(null)
  if (reading.kind !== 'ready' || reading.value.items.length === 0) return null
  async function drop({ name }: Sketch) {
    await call<undefined>(`/admin/sketches/${encodeURIComponent(name)}`, { method: 'DELETE' })
    again()
  }
  return (
    <Notice>
      <div className="campaigns__unfinished">
        <p>您有没保存完的内容，只有您看得到：</p>
        <ul>
          {reading.value.items.map((sketch) => (
            <li key={sketch.name} className="c-row">
              <Link to={placeOfSketch(sketch.name)}>{sketchWords(sketch)}</Link>
              <Button kind="text" aria-label={`放弃 ${sketchWords(sketch)}`} onClick={() => setDropped(sketch)}>
                放弃
              </Button>
            </li>
          ))}
        </ul>
      </div>
      {dropped && (
        <Confirm
          title="放弃没保存完的内容"
          consequence={<p>{`${sketchWords(dropped)}：填写的内容会丢失，已保存的草稿不变。`}</p>}
          verb="放弃"
          danger
          act={() => drop(dropped)}
          onClose={() => setDropped(null)}
        />
      )}
    </Notice>
  )
}
