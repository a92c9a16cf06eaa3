import { z } from 'zod'
import type { Operator } from '../../../domain/operator'
import { dropTemplate, keepTemplate, listTemplates, mayDrop } from '../../../flow/campaign/templates'
import type { CampaignTemplate } from '../../../flow/ports'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentWindows } from '../../present/campaign'
import { iso } from '../../present/iso'
import { HttpProblem } from '../../problem'
import { nothing, type Route, route } from '../../route'

/** Terms under a name, which the makers of a branch begin campaigns with. */
export function templateRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/templates',
      summary: 'Terms that campaigns may begin with: those of the operator’s branch and of the whole bank',
      actor: 'operator',
      permission: 'draft',
      reply: contract.templateList,
      handle: async ({ actor }) => ({ items: (await listTemplates(deps, actor)).map((one) => present(one, actor)) }),
    }),
    route({
      method: 'POST',
      path: '/admin/templates',
      summary: 'Keep a campaign’s terms under a name',
      actor: 'operator',
      permission: 'draft',
      body: contract.templateBody,
      status: 201,
      reply: contract.templateView,
      problems: ['campaign-not-found', 'template-exists', 'too-many-templates'],
      async handle({ actor, body }) {
        const kept = await keepTemplate(deps, actor, body)
        if (typeof kept === 'string') throw new HttpProblem(kept, kept === 'template-exists' ? { field: 'name' } : {})
        return present(kept, actor)
      },
    }),
    route({
      method: 'DELETE',
      path: '/admin/templates/:id',
      summary: 'Throw a template away; campaigns that began with it stay as they are',
      actor: 'operator',
      permission: 'draft',
      params: z.object({ id: contract.templateId }),
      status: 204,
      reply: nothing,
      problems: ['no-such-template', 'branch-refused'],
      async handle({ actor, params }) {
        const dropped = await dropTemplate(deps, actor, params.id)
        if (dropped !== 'dropped') throw new HttpProblem(dropped)
        return undefined
      },
    }),
  ]
}

function present(template: CampaignTemplate, operator: Operator): contract.TemplateView {
  const { terms, madeAt, ...rest } = template
  const copied = { ...terms, windows: presentWindows(terms.windows), channels: [...terms.channels] }
  return { ...rest, terms: copied, madeAt: iso(madeAt), mayDelete: mayDrop(operator, template) }
}
