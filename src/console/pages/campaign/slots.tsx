import type { CampaignDetail, CampaignMerchant, CampaignMerchantList } from '@contract'
import { useEffect, useRef } from 'react'
import { yuan } from '../../../money'
import { get } from '../../client'
import { timeOfDay } from '../../dates'
import { SearchFilter } from '../../filters'
import { count } from '../../format'
import { Link, setQuery, usePlace } from '../../router'
import { Card, Choices, type Column, Empty, Listed, Marks, Pill, Table } from '../../ui'
import { usePages } from '../../use-pages'

type Only = '' | 'short' | 'sold-out' | 'control'

const FILTERS: readonly (readonly [Only, string])[] = [
  ['', '全部'],
  ['short', '名额不足'],
  ['sold-out', '已售罄'],
  ['control', '对照'],
]

const NONE: Record<Only, string> = {
  '': '还没有商户',
  short: '没有名额不足的商户',
  'sold-out': '还没有售罄的商户',
  control: '没有设对照商户；设了才能看出活动本身的作用',
}

/** A day's slots merchant by merchant; `beat` changes when it is time to read them anew. */
export function Slots({ campaign, beat }: { campaign: CampaignDetail; beat: number }) {
  const { query } = usePlace()
  const { only = '', mq = '' } = query
  const { campaignId, today } = campaign
  const pages = usePages(
    (cursor) => get<CampaignMerchantList>(`/admin/campaigns/${campaignId}/merchants`, { only, q: mq, cursor }),
    JSON.stringify([campaignId, only, mq]),
  )
  // Only the first page is read anew by itself: whoever has read on must not lose their place.
  const first = useRef(beat)
  const onFirst = pages.items.length <= 50
  const { again } = pages
  // biome-ignore lint/correctness/useExhaustiveDependencies: a beat is what it waits for
  useEffect(() => {
    if (first.current !== beat && onFirst) again()
    first.current = beat
  }, [beat])
  return (
    <Card
      title="商户名额"
      aside={
        <Choices
          label="只看"
          options={FILTERS}
          chosen={only as Only}
          onChoose={(chosen) => setQuery({ only: chosen })}
        />
      }
    >
      <div className="campaign__search">
        <SearchFilter name="mq" text={mq} label="找商户" placeholder="找商户：名称或商户号" quiet />
      </div>
      <Listed pages={pages} empty={<Empty title={mq ? '没有找到这样的商户' : NONE[only as Only]} />}>
        {(items) => (
          <Table
            caption="商户名额"
            columns={columnsOf(campaignId, today?.businessDate)}
            rows={items}
            keyOf={(merchant) => merchant.code}
          />
        )}
      </Listed>
    </Card>
  )
}

function columnsOf(campaignId: string, date: string | undefined): readonly Column<CampaignMerchant>[] {
  /** to the orders that a figure of the day is made of */
  const led = (words: string, n: number, which: Record<string, string>) =>
    n === 0 || !date ? words : <Link to={`orders?${new URLSearchParams({ ...which, state: 'paid' })}`}>{words}</Link>
  return [
    {
      name: 'merchant',
      head: '商户 · 网点 / 科目',
      cell: ({ code, name, deck, branchName, glAccount }) => (
        <>
          {date && deck ? (
            <Link to={`campaigns/${campaignId}/decks/${code}/${date}`} className="c-table__name">
              {name}
            </Link>
          ) : (
            <span className="c-table__name">{name}</span>
          )}
          <span className="c-small c-quiet">{` ${code}`}</span>
          <span className="c-table__under">{`${branchName} / ${glAccount}`}</span>
        </>
      ),
    },
    { name: 'slots', head: '名额', cell: (merchant) => <SlotCell merchant={merchant} /> },
    {
      name: 'orders',
      head: '订单',
      right: true,
      cell: ({ code, orderCount }) => led(count(orderCount), orderCount, { merchantCode: code, date: date ?? '' }),
    },
    {
      name: 'cost',
      head: '补贴（元）',
      right: true,
      cell: ({ code, costFen }) =>
        led(yuan(costFen), costFen, { merchantCode: code, campaignId, deckFrom: date ?? '', deckTo: date ?? '' }),
    },
    {
      name: 'soldOut',
      head: '售罄',
      right: true,
      cell: ({ soldOutAt }) => (soldOutAt ? timeOfDay(soldOutAt).slice(0, 5) : '—'),
    },
  ]
}

const REASONS = {
  'campaign-budget': '活动预算不够',
  'branch-budget': '网点预算不够',
  'day-budget': '每日预算不够',
} as const

function SlotCell({ merchant: { control, deck, shortage, overruledBy } }: { merchant: CampaignMerchant }) {
  if (control) return <Pill tone="quiet">对照，不发牌</Pill>
  return (
    <span className="campaign__slots">
      {deck ? (
        <>
          <Marks total={deck.total} used={deck.used} held={deck.leased} />
          <span className="c-table__under">
            {`${deck.used} / ${deck.total}${deck.leased ? ` · 预占 ${deck.leased}` : ''}`}
          </span>
        </>
      ) : (
        <span className="c-quiet">{overruledBy ? `由“${overruledBy}”优先` : '还没有发牌'}</span>
      )}
      {shortage && (
        <span className="campaign__short">
          {`应发 ${shortage.wanted} 份，只发 ${shortage.dealt} 份：${REASONS[shortage.reason]}`}
        </span>
      )}
    </span>
  )
}
