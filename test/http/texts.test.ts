import type { z } from 'zod'
import { apiRoutes } from '../../server/http/app'
import { httpDepsOf, startFlow } from '../support/flow'

/** What programs make and nobody reads: compared or opened, never shown. */
const OPAQUE =
  /(^|\.)(code|bindingCode|payCode|quoteId|agreementId|password|current|next|username|refreshToken|ticket|proof)$/

const routes = apiRoutes(httpDepsOf(startFlow())).filter((route) => route.body)
const texts = routes.flatMap((route) =>
  leaves(route.body, '').map(([path, leaf]) => [`${route.method} ${route.path}`, path, leaf] as const),
)

/** Every text below a schema, with its path. */
function leaves(schema: z.ZodType, path: string): [string, z.ZodType][] {
  const { type, innerType, in: from } = schema.def as z.core.$ZodTypeDef & { innerType?: z.ZodType; in?: z.ZodType }
  if (innerType ?? from) return leaves((innerType ?? from)!, path)
  if (type === 'object')
    return Object.entries((schema as z.ZodObject).shape).flatMap(([name, one]) =>
      leaves(one as z.ZodType, path ? `${path}.${name}` : name),
    )
  if (type === 'array') return leaves((schema as z.ZodArray).element as z.ZodType, `${path}.*`)
  return type === 'string' ? [[path, schema]] : []
}

describe('texts that people write', () => {
  it('are found: names, organisers, notes and reasons', () => {
    const found = texts.map(([route, path]) => `${route} ${path}`)
    expect(found).toEqual(
      expect.arrayContaining([
        'POST /admin/campaigns name',
        'POST /admin/campaigns organiser',
        'PATCH /admin/campaigns/:id name',
        'POST /admin/campaigns/:id/reject note',
        'POST /admin/branches name',
        'POST /admin/operators name',
        'POST /admin/differences/:id/reject note',
        'POST /api/merchant/orders/:orderNo/refunds reason',
      ]),
    )
  })

  it.each(texts.filter(([, path]) => !OPAQUE.test(path)))('%s refuses hidden characters in %s', (_, __, leaf) => {
    for (const text of ['aa\u202ebb', 'aa\u200bbb', 'aa\u0007bb', 'aa\u00a0bb', '\u200b\u200b'])
      expect(leaf.safeParse(text).success).toBe(false)
  })

  it.each(texts.filter(([, path]) => /(^|\.)(name|organiser|note|reason)$/.test(path)))(
    '%s keeps %s in one spelling, and counts characters',
    (_, __, leaf) => {
      expect(leaf.safeParse('\u3000cafe\u0301 ').data).toBe('caf\u00e9')
      expect(leaf.safeParse('𠮷'.repeat(40)).success).toBe(true)
      expect(leaf.safeParse('长'.repeat(201)).success).toBe(false)
    },
  )
})
