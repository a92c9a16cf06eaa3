import { allRequests, refreshInbox, reviews, waitingRequests } from '../../inbox'
import { setQuery, usePlace } from '../../router'
import { Card, Choices, Empty, Listed, PageHead, Ready } from '../../ui'
import { usePages } from '../../use-pages'
import { useRead } from '../../use-read'
import { CampaignReview } from './campaign'
import './index.scss'
import { RequestCard } from './request'

const LIVE_MS = 30_000

const SHOWN = [
  ['waiting', '待处理'],
  ['all', '变更记录'],
] as const
type Shown = (typeof SHOWN)[number][0]

/**
 * 待复核: all that waits for a second pair of eyes — what is asked for about campaigns, and what moves money or rights —, from what to
 * what; and what became of the latter.
 */
export default function ReviewsPage() {
  const shown: Shown = usePlace().query.shown === 'all' ? 'all' : 'waiting'
  return (
    <>
      <PageHead title="待复核" meta="经办与复核须是不同的人" />
      <div className="reviews__shown">
        <Choices
          label="显示"
          options={SHOWN}
          chosen={shown}
          onChoose={(chosen) => setQuery({ shown: chosen === 'all' ? chosen : undefined })}
        />
      </div>
      {shown === 'waiting' ? <Waiting /> : <Past />}
    </>
  )
}

function Waiting() {
  const { reading, again } = useRead(reviews, 'reviews', LIVE_MS)
  const requests = usePages(waitingRequests, 'waiting')
  const done = (read: () => void) => () => {
    read()
    void refreshInbox()
  }
  return (
    <Ready reading={reading} again={again} lines={6}>
      {({ items: campaigns }) => (
        <div className="c-stack">
          {campaigns.map((item) => (
            <CampaignReview key={item.changeId} item={item} onDone={done(again)} />
          ))}
          <Listed pages={requests} empty={campaigns.length === 0 && <Nothing title="没有等待复核或生效的变更" />}>
            {(items) => (
              <div className="c-stack">
                {items.map((change) => (
                  <RequestCard key={change.changeId} change={change} onDone={done(requests.again)} />
                ))}
              </div>
            )}
          </Listed>
        </div>
      )}
    </Ready>
  )
}

/** Those of campaigns are in each one's own history. */
function Past() {
  const pages = usePages(allRequests, 'all')
  return (
    <Listed pages={pages} empty={<Nothing title="还没有人提交过账户、网点、店主或操作员的变更" />}>
      {(items) => (
        <div className="c-stack">
          {items.map((change) => (
            <RequestCard key={change.changeId} change={change} onDone={pages.again} />
          ))}
        </div>
      )}
    </Listed>
  )
}

const Nothing = ({ title }: { title: string }) => (
  <Card title="变更">
    <Empty title={title} />
  </Card>
)
