import { agreed, asked } from '../../../flow/merchant/messages'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { HttpProblem } from '../../problem'
import { type Route, route } from '../../route'

/** What a merchant's user agreed to be told in WeChat (订阅消息). */
export function messageRoutes(deps: HttpDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/merchant/messages',
      summary: 'How many messages of the day’s receipts are agreed to, and by which template',
      actor: 'merchant',
      reply: contract.messagesView,
      handle: ({ actor }) => asked(deps, actor),
    }),
    route({
      method: 'POST',
      path: '/api/merchant/messages',
      summary: 'The user has agreed in WeChat to one more message',
      actor: 'merchant',
      body: contract.messagesBody,
      reply: contract.messagesView,
      problems: ['template-not-found'],
      async handle({ actor, body }) {
        const now = await agreed(deps, { ...actor, ...body })
        if (!now) throw new HttpProblem('template-not-found', { field: 'templateId' })
        return now
      },
    }),
  ]
}
