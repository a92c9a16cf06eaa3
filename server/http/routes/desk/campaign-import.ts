import { addFault, bothFaults, type FileFaultCode, noFaults } from '../../../domain/file-fault'
import { importMerchants, type ListImported } from '../../../flow/campaign/campaigns'
import * as contract from '../../contract'
import { type CodeList, codesTask } from '../../csv-tasks'
import type { HttpDeps } from '../../deps'
import { type Route, route } from '../../route'
import { campaignParams, orProblem } from './campaign-answer'

/** 100,000 codes of 32 characters are 3.3 MB; a name beside each fits too. */
const FILE_BYTES = 8 << 20

export function campaignImportRoute(deps: HttpDeps): Route {
  return route({
    method: 'POST',
    path: '/admin/campaigns/:id/merchants',
    summary: 'Replace a draft’s merchants, or its controls, by the codes of a CSV file',
    actor: 'operator',
    permission: 'draft',
    dear: true,
    params: campaignParams,
    query: contract.campaignImportQuery,
    ifMatch: true,
    csv: { bytes: FILE_BYTES, read: codesTask },
    reply: contract.campaignImport,
    problems: ['campaign-not-found', 'not-a-draft', 'branch-refused'],
    async handle({ actor, params, query, csv: list, ifMatch }) {
      const codes = list.codes === '' ? [] : list.codes.split(',')
      // A faulty file is tried all the same, so that its unknown codes are named along with the rest.
      const dryRun = query.dryRun === 'true' || list.faults.count > 0
      const input = { role: query.role, codes, dryRun }
      return importView(list, codes, orProblem(await importMerchants(deps, actor, params.id, ifMatch, input)))
    },
  })
}

/** As many as one request may name (contract/campaign.ts). */
const MOST_CODES = 5_000

export function readCodesRoute(): Route {
  return route({
    method: 'POST',
    path: '/admin/merchants/codes',
    summary: 'Read merchant codes from a CSV file, as a campaign’s list is read; nothing is kept',
    actor: 'operator',
    permission: 'draft',
    dear: true,
    csv: { bytes: FILE_BYTES, read: codesTask },
    reply: contract.merchantCodeFile,
    async handle({ csv: { lines, codes: joined, faults } }) {
      const codes = joined === '' ? [] : joined.split(',')
      const named = faults.count > 0 || codes.length > MOST_CODES ? null : codes
      return { lines, count: codes.length, codes: named, faults: faults.named, faultCount: faults.count }
    },
  })
}

const WHY = {
  'merchant-unknown': 'there is no such merchant',
  'both-roles': 'named by the campaign and left out of it at once',
} as const

function importView(list: CodeList, codes: readonly string[], result: ListImported): contract.CampaignImport {
  const { lines } = list
  const ofList = noFaults()
  if (result.kind === 'faulty') {
    const at = new Map(codes.map((code, i) => [code, list.at[i]!]))
    for (const code of result.codes) {
      const alike = result.alike.get(code)
      const fault = (why: FileFaultCode, message: string) =>
        addFault(ofList, at.get(code) ?? 0, 'merchantCode', why, message)
      if (alike) fault('alike', `there is ${alike}: written otherwise, or noughts were lost`)
      else fault(result.why, `${code}: ${WHY[result.why]}`)
    }
  }
  const { named, count } = bothFaults(list.faults, ofList)
  const done = result.kind === 'written' && count === 0
  const { added, removed, unchanged } = done ? result : { added: 0, removed: 0, unchanged: 0 }
  return { lines, added, changed: 0, unchanged, removed, faults: named, faultCount: count }
}
