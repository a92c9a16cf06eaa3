import { z } from 'zod'
import { timestamp } from './common'

/** Of which form: a new campaign, a copy of one, or one that is there. */
export const sketchName = z.string().regex(/^campaign:[A-Za-z0-9_-]{1,60}$/)

const summary = z.object({
  name: sketchName,
  revision: z.int().describe('for If-Match of the next write'),
  updatedAt: timestamp,
})
/** What the operator typed and hasn't saved; nobody else's. */
export const sketchView = summary
  .extend({ content: z.record(z.string(), z.unknown()).describe('what the form wrote') })
  .meta({ id: 'Sketch' })
export const sketchFound = z.object({ sketch: sketchView.nullable() }).meta({ id: 'SketchFound' })
export const sketchList = z
  .object({ items: z.array(summary.extend({ title: z.string().nullable().describe('of the content') })) })
  .meta({ id: 'SketchList' })
export const sketchBody = z
  .object({
    content: z
      .record(z.string().max(40), z.unknown())
      .describe('the form as it is; `title`: by which its writer knows it again; `key`: with which it will be saved'),
  })
  .meta({ id: 'SketchRequest' })
export const sketchWritten = z.object({ revision: z.int() }).meta({ id: 'SketchWritten' })

export type SketchView = z.infer<typeof sketchView>
export type SketchFound = z.infer<typeof sketchFound>
export type SketchList = z.infer<typeof sketchList>
export type SketchBody = z.input<typeof sketchBody>
export type SketchWritten = z.infer<typeof sketchWritten>
