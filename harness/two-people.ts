import type { AskedChange, JudgedChange, MerchantImportView } from '../server/http/contract'
import type { OperatorSide, TestSystem } from './system'

/** What takes two operators, done by two: one asks, another approves what they see. */

/** @throws Error when it isn't approved */
export async function approve(reviewer: OperatorSide, changeId: string): Promise<JudgedChange> {
  const path = `/admin/changes/${changeId}`
  const { body: seen } = await reviewer.get<{ revision: number }>(path)
  const headers = { 'If-Match': `"${seen.revision}"` }
  const { status, body } = await reviewer.post<JudgedChange>(`${path}/approve`, undefined, { headers })
  if (status !== 200 || body.change.state === 'overtaken') throw new Error(`not approved: ${JSON.stringify(body)}`)
  return body
}

/** Approves what was answered with 202. @throws Error when it was anything else */
export async function approved(reviewer: OperatorSide, asked: { status: number; body: AskedChange }) {
  if (asked.status !== 202) throw new Error(`not asked for: ${JSON.stringify(asked.body)}`)
  return { first: asked.body.half, ...(await approve(reviewer, asked.body.change.changeId)) }
}

/** A table of merchants, sent by the sandbox's maker and approved by its checker. */
export async function importMerchants(system: TestSystem, text: string): Promise<void> {
  const maker = await system.operator('maker')
  const raw = { type: 'text/csv', text }
  const { body } = await maker.post<MerchantImportView>('/admin/merchants/import', undefined, { raw })
  if (body.faultCount > 0) throw new Error(`not imported: ${JSON.stringify(body.faults)}`)
  if (body.review) await approve(await system.operator('checker'), body.review.changeId)
}

export interface Enrolled {
  username: string
  name: string
  roles: string[]
  branchCode?: string | null
}

/** A new operator, asked for by the sandbox's one administrator and approved by the other; its one-time password. */
export async function enrol(system: TestSystem, given: Enrolled): Promise<string> {
  const [admin, other] = [await system.operator('admin'), await system.operator('admin2')]
  const { first, half } = await approved(other, await admin.post<AskedChange>('/admin/operators', given))
  return `${first}-${half}`
}

/** An owner's binding code, asked for by the sandbox's maker and approved by its checker. */
export async function ownersCode(system: TestSystem, merchantCode: string): Promise<string> {
  const [maker, checker] = [await system.operator('maker'), await system.operator('checker')]
  const path = `/admin/merchants/${merchantCode}/binding-codes`
  const { first, half } = await approved(checker, await maker.post<AskedChange>(path, { role: 'owner' }))
  return `${first}${half}`
}
