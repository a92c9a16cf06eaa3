import type { CampaignDetail } from '@contract'
import { Merge } from './conflict'
import { type Draft, draftOf, plain } from './draft'
import { listsOf } from './lists'
import { merged, mergeLines, touched } from './merge'

/** A save that met another's: what the campaign is now, and what both began with. */
export interface Met {
  kind: 'met'
  theirs: CampaignDetail
  /** theirs, as this form would hold it */
  draft: Draft
  base: Draft
}

type Found =
  | Met
  /** all of it is there: an earlier request had arrived, and its reply was lost */
  | { kind: 'saved'; theirs: CampaignDetail }
  /** so is what was sent before, and nobody has touched it since */
  | { kind: 'goes-on'; theirs: CampaignDetail; draft: Draft }

/** What to make of a campaign that isn't as it was opened. `sent`: what this form had sent before. */
export async function meet(theirs: CampaignDetail, forms: { opened: Draft; sent: Draft; mine: Draft }): Promise<Found> {
  const [opened, sent, mine] = [plain(forms.opened), plain(forms.sent), plain(forms.mine)]
  const listed = mine.merchantCodes !== null || mine.controlCodes !== null
  const draft = plain({ ...draftOf(theirs), ...(listed && (await listsOf(theirs.campaignId))) })
  const arrived = mergeLines(opened, draft, sent).length === 0
  const base = arrived ? sent : opened
  if (theirs.state !== 'draft') return { kind: 'met', theirs, draft, base }
  if (mergeLines(base, draft, mine).length === 0 && touched(draft, mine).length === 0) return { kind: 'saved', theirs }
  if (arrived && touched(base, draft).length === 0) return { kind: 'goes-on', theirs, draft: merged(base, draft, mine) }
  return { kind: 'met', theirs, draft, base }
}

/** A colleague, or another tab, saved meanwhile. */
export function Meeting({
  met,
  mine,
  onMerged,
  onTheirs,
  onClose,
}: {
  met: Met
  mine: Draft
  onMerged(draft: Draft): void
  onTheirs(): void
  onClose(): void
}) {
  const { base, draft: theirs } = met
  const own = plain(mine)
  return (
    <Merge
      base={base}
      theirs={theirs}
      mine={own}
      other="另一位同事（或另一个标签页）"
      verb="合并后保存"
      onMerge={(yielded) => onMerged(merged(base, theirs, own, yielded))}
      onTheirs={onTheirs}
      onClose={onClose}
    />
  )
}
