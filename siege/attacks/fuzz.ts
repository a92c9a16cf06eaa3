import { attacksOn, type Attack as Hostile } from '../../harness/hostile'
import { type Attack, crowd, type Front, pick } from '../attack'
import { sender } from '../http'

/** What the house's own OpenAPI document says may be sent, with values that nobody honest sends. */

const CONNECTIONS = 12
/** A session or a password that ends would leave the rest without; a socket has attacks of its own. */
const LEFT_OUT = /^\/(admin\/session\/end|admin\/password|api\/merchant\/live)$/
/** Of one address, one after another, before the next is drawn. */
const IN_A_ROW = 12

/** Whoever asks may do little: what somebody may do who means no harm isn't an attack, and would change the house for those after. */
function whose(front: Front, path: string): string | undefined {
  if (front.random() < 0.1) return undefined
  if (path.startsWith('/admin')) return front.auditor
  return path.startsWith('/api/merchant/') ? front.merchants[0] : pick(front, front.payers)
}

/** For ever: an operation drawn, some of what can be done to it, another. */
function* hostilities(front: Front): Generator<Hostile> {
  const { document, examples } = front
  const operations = Object.entries(document.paths)
    .filter(([path]) => !LEFT_OUT.test(path))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method })))
  for (;;) {
    const all = attacksOn({ document, examples, ...pick(front, operations) })
    let skip = Math.floor(front.random() * 100)
    let taken = 0
    for (const one of all) {
      if (skip-- > 0) continue
      yield one
      if (++taken === IN_A_ROW) break
    }
  }
}

export const fuzz: Attack = {
  name: 'fuzz',
  what: 'every address of the OpenAPI document with hostile values',
  async run(front) {
    const send = sender(front, CONNECTIONS)
    const next = hostilities(front)
    await crowd(front, CONNECTIONS, async (nth) => {
      const { method, path, headers, body } = next.next().value as Hostile
      const named: Record<string, string> = {}
      for (let i = 0; i < headers.length; i += 2) named[headers[i]!.toLowerCase()] = headers[i + 1]!
      const { 'content-type': type = '', ...others } = named
      await send(method, path, {
        token: whose(front, path),
        headers: others,
        from: nth,
        ...(body !== null && { raw: { type, text: body } }),
      })
    })
  },
}
