import { importMerchants, type ListImported } from '../../../flow/campaign/campaigns'
import * as contract from '../../contract'
import type { HttpDeps } from '../../deps'
import { type ListFault, merchantList } from '../../merchant-list'
import { HttpProblem } from '../../problem'
import { type Actor, type Route, route } from '../../route'
import { campaignParams, orProblem } from './campaign-answer'

const MOST_LINES = 100_000
/** 100,000 codes of 32 characters are 3.3 MB; a name beside each fits too. */
const FILE_BYTES = 8 * 1024 * 1024
const MOST_NAMED = 1_000

export function campaignImportRoute(deps: HttpDeps): Route {
  return route({
    method: 'POST',
    path: '/admin/campaigns/:id/merchants',
    summary: 'Replace a draft’s merchants, or its controls, by the first column of a CSV file',
    actor: 'operator',
    permission: 'draft',
    params: campaignParams,
    query: contract.campaignImportQuery,
    ifMatch: 'optional',
    csvBytes: FILE_BYTES,
    reply: contract.campaignImport,
    problems: ['campaign-not-found', 'not-a-draft', 'branch-refused', 'import-faulty'],
    async handle({ actor, params, query, csv, ifMatch }) {
      const { lines, codes, faults } = merchantList(csv)
      if (lines > MOST_LINES) throw new HttpProblem('import-faulty', { detail: `at most ${MOST_LINES} lines` })
      // A faulty file is tried all the same, so that its unknown codes are named along with the rest.
      const dryRun = query.dryRun === 'true' || faults.length > 0
      const list = { role: query.role, codes: [...codes.keys()], dryRun }
      return importView(lines, faults, codes, await tried(deps, actor, params.id, ifMatch, list))
    },
  })
}

async function tried(
  deps: HttpDeps,
  actor: Extract<Actor, { kind: 'operator' }>,
  campaignId: string,
  revision: number | undefined,
  list: Parameters<typeof importMerchants>[4],
): Promise<ListImported> {
  return orProblem(await importMerchants(deps, actor, campaignId, revision, list))
}

const WHY = {
  'merchant-unknown': 'there is no such merchant',
  'both-roles': 'named by the campaign and left out of it at once',
} as const

function importView(
  lines: number,
  ofFile: readonly ListFault[],
  codes: ReadonlyMap<string, number>,
  result: ListImported,
): contract.CampaignImport {
  const ofList = (result.kind === 'faulty' ? result.codes : []).map((code): ListFault => {
    const why = (result as Extract<ListImported, { kind: 'faulty' }>).why
    return { line: codes.get(code) ?? 0, field: 'merchantCode', code: why, message: `${code}: ${WHY[why]}` }
  })
  const faults = [...ofFile, ...ofList].sort((a, b) => a.line - b.line)
  const done = result.kind === 'written' && faults.length === 0
  const { added, removed, unchanged } = done ? result : { added: 0, removed: 0, unchanged: 0 }
  const named = faults.slice(0, MOST_NAMED)
  return { lines, added, changed: 0, unchanged, removed, faults: named, faultCount: faults.length }
}
