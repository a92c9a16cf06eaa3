import type { Operator } from '../../domain/operator'
import type { CampaignBook, Clock, Desk, Sketch, SketchWritten } from '../ports'

/**
 * Sketches: what an operator has typed into a campaign's form is kept as they type, so that nothing but a decision of theirs loses
 * it. A sketch changes no campaign, is read by nobody else and stands in no log: whoever saves it is the author, then.
 */
export interface SketchDeps {
  desk: Pick<Desk, 'sketches'>
  campaigns: Pick<CampaignBook, 'find'>
  clock: Clock
}

/** Nobody has more forms open; each is bounded by its request. */
const MOST_SKETCHES = 20

const NEW = 'new'
const COPY = /^copy-/

/** Of a campaign that the operator may not see there is no sketch. One that is gone has still theirs, to be saved as another. */
async function hidden(deps: SketchDeps, operator: Operator, name: string): Promise<boolean> {
  const id = name.slice(name.indexOf(':') + 1)
  if (id === NEW || COPY.test(id) || operator.branchCode === null) return false
  if (await deps.campaigns.find(id, operator)) return false
  return (await deps.campaigns.find(id, { branchCode: null })) !== undefined
}

export async function findSketch(
  deps: SketchDeps,
  operator: Operator,
  name: string,
): Promise<Sketch | null | 'campaign-not-found'> {
  if (await hidden(deps, operator, name)) return 'campaign-not-found'
  return (await deps.desk.sketches.find(operator.username, name)) ?? null
}

export async function putSketch(
  deps: SketchDeps,
  operator: Operator,
  sketch: Pick<Sketch, 'name' | 'content'>,
  revision: number,
): Promise<SketchWritten | 'campaign-not-found'> {
  if (await hidden(deps, operator, sketch.name)) return 'campaign-not-found'
  const at = deps.clock.now()
  return deps.desk.sketches.put(operator.username, { ...sketch, revision, at, most: MOST_SKETCHES })
}

export const listSketches = ({ desk }: SketchDeps, { username }: Operator) => desk.sketches.list(username)

export const dropSketch = ({ desk }: SketchDeps, { username }: Operator, name: string) =>
  desk.sketches.drop(username, name)
