import type { SketchView } from '@contract'
import { type Asked, type Given, type Routes, refusal } from './console-bff'

/** The server's keeping of one form, with its revisions; `sketch` is what lies there. */
export interface Keeping {
  sketch: SketchView | null
  routes: Routes
  /** another tab writes */
  write(content: SketchView['content']): void
}

export function keepingOf(name: string): Keeping {
  const path = `/admin/sketches/${encodeURIComponent(name)}`
  let last = 0
  const keeping: Keeping = {
    sketch: null,
    write(content) {
      keeping.sketch = { name, content, revision: ++last, updatedAt: new Date().toISOString() }
    },
    routes: {
      [`GET ${path}`]: () => ({ data: { sketch: keeping.sketch } }),
      [`PUT ${path}`]({ headers, body }: Asked): Given {
        if (headers.get('If-Match') !== `"${keeping.sketch?.revision ?? 0}"`) return refusal(412, 'revision-changed')
        keeping.write((body as SketchView).content)
        return { data: { revision: last } }
      },
      [`DELETE ${path}`]() {
        keeping.sketch = null
        return { status: 204, data: undefined }
      },
    },
  }
  return keeping
}
