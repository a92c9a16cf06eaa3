import { z } from 'zod'
import { dropSketch, findSketch, listSketches, putSketch } from '../../../flow/campaign/sketches'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { iso } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { nothing, type Route, route } from '../../route'

/** A form with two lists of 5,000 merchants, as it was opened and as it is. */
const SKETCH_BYTES = 512 * 1024

const one = { path: '/admin/sketches/:name', actor: 'operator', permission: 'draft' } as const
const params = z.object({ name: contract.sketchName })

/** What an operator types is kept as they type; each reaches their own alone, and no campaign is changed by it. */
export function sketchRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/sketches',
      summary: 'What the operator typed and hasn’t saved, newest first',
      actor: 'operator',
      permission: 'draft',
      reply: contract.sketchList,
      async handle({ actor }) {
        const items = await listSketches(deps, actor)
        return { items: items.map(({ updatedAt, ...rest }) => ({ ...rest, updatedAt: iso(updatedAt) })) }
      },
    }),
    route({
      ...one,
      method: 'GET',
      summary: 'What the operator typed into one form and hasn’t saved; null when there is nothing',
      params,
      reply: contract.sketchFound,
      problems: ['campaign-not-found'],
      async handle({ actor, params: { name } }) {
        const sketch = await findSketch(deps, actor, name)
        if (sketch === 'campaign-not-found') throw new HttpProblem(sketch)
        return { sketch: sketch && { ...sketch, updatedAt: iso(sketch.updatedAt) } }
      },
    }),
    route({
      ...one,
      method: 'PUT',
      summary: 'Keep what is typed into a form; If-Match "0" where nothing was kept',
      params,
      ifMatch: true,
      body: contract.sketchBody,
      jsonBytes: SKETCH_BYTES,
      reply: contract.sketchWritten,
      problems: ['campaign-not-found', 'too-many-sketches'],
      async handle({ actor, params: { name }, body, ifMatch }) {
        const written = await putSketch(deps, actor, { name, ...body }, ifMatch)
        if (written === 'campaign-not-found') throw new HttpProblem(written)
        if (written.kind === 'too-many') throw new HttpProblem('too-many-sketches')
        if (written.kind !== 'written') throw new HttpProblem(written.kind, { field: 'If-Match' })
        return { revision: written.revision }
      },
    }),
    route({
      ...one,
      method: 'DELETE',
      summary: 'Throw away what was typed into a form and not saved',
      params,
      status: 204,
      reply: nothing,
      async handle({ actor, params: { name } }) {
        await dropSketch(deps, actor, name)
        return undefined
      },
    }),
  ]
}
