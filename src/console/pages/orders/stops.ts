import type { AroundView } from '@contract'

type Stop = AroundView['stops'][number]

/** What stopped discounts or let them go on, in words. */

/** `brake/all` → 全部优惠 */
export function whereWords(subject: string): string {
  const [noun = '', id = ''] = subject.split(/\/(.*)/s)
  if (noun === 'brake') return '全部优惠'
  return noun === 'merchant' ? `商户 ${id}` : `活动 ${id}`
}

/** As the log has each: an action, or an action of a kind. True: discounts stop by it. */
const STEPS: Record<string, [words: string, stops: boolean]> = {
  'brake.pull': ['暂停', true],
  'merchant.pause': ['暂停', true],
  'campaign.pause': ['暂停', true],
  'campaign.start': ['按日期开始', false],
  'campaign.finish': ['按日期结束', true],
  'campaign.approve launch': ['复核通过，可以开始', false],
  'campaign.approve resume': ['复核通过，恢复', false],
  'campaign.approve end': ['复核通过，提前结束', true],
  'campaign.reject pause': ['复核没有同意暂停，恢复', false],
  'change.apply brake.release': ['复核通过，恢复', false],
  'change.apply merchant.resume': ['复核通过，恢复', false],
}

const stepOf = ({ action, kind }: Stop) => STEPS[`${action} ${kind}`] ?? STEPS[action] ?? [action, false]

export const stopWords = (stop: Stop) => `${whereWords(stop.subject)}：${stepOf(stop)[0]}`

/** What was stopped at a moment: of each subject its last step before it counts. */
export function standingOf(stops: readonly Stop[], at: string): string[] {
  const last = new Map<string, boolean>()
  for (const stop of stops) if (Date.parse(stop.at) <= Date.parse(at)) last.set(stop.subject, stepOf(stop)[1])
  return [...last].filter(([, stopped]) => stopped).map(([subject]) => subject)
}
