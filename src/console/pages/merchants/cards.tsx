import type { AdminMerchant, AdminMerchantList, BindingCards } from '@contract'
import { useState } from 'react'
import { get, post } from '../../client'
import { BranchFilter, SearchFilter } from '../../filters'
import { count } from '../../format'
import { usePlace } from '../../router'
import { Submitted } from '../../second-person'
import { Button, Card, type Column, Confirm, Empty, PageHead, Ready, SelectField, Table } from '../../ui'
import { useRead } from '../../use-read'
import { PrintSheets } from './print-sheets'

/** As many as the server makes at once. */
const MOST = 500
const DAYS = [
  ['3', '3 天'],
  ['7', '7 天'],
  ['14', '14 天'],
] as const

/** 批量发绑定卡: a sheet with poster and card for each shop to which nobody is bound. */
export default function BindingCardsPage() {
  const { q = '', branchCode = '' } = usePlace().query
  const wanted = { q, branchCode, bound: 'false', disabled: 'false', limit: MOST }
  const { reading, again } = useRead(
    () => get<AdminMerchantList>('/admin/merchants', wanted),
    JSON.stringify([q, branchCode]),
  )
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [days, setDays] = useState('7')
  const [asked, setAsked] = useState(false)
  const [batch, setBatch] = useState<BindingCards>()
  const [submitted, setSubmitted] = useState(false)
  const found = reading.kind === 'ready' ? reading.value.items : []
  const chosen = found.filter(({ code }) => !left.has(code)).map(({ code }) => code)
  return (
    <>
      <PageHead
        title="批量发绑定卡"
        trail={[['商户', 'merchants']]}
        keys={
          chosen.length > 0 && (
            <Button kind="main" onClick={() => setAsked(true)}>
              {`制卡 ${count(chosen.length)} 家`}
            </Button>
          )
        }
      />
      {submitted && <Submitted what="绑定卡" />}
      <div className="c-filters">
        <SearchFilter text={q} placeholder="名称或商户号" />
        <BranchFilter chosen={branchCode} />
        <SelectField label="有效期" value={days} options={DAYS} onText={setDays} />
      </div>
      <Card
        title="未绑定的商户"
        aside={found.length > 0 && <Chosen all={found} chosen={chosen.length} onLeft={setLeft} />}
      >
        <Ready reading={reading} again={again} lines={6}>
          {({ items, nextCursor }) =>
            items.length === 0 ? (
              <Empty title="没有未绑定的商户" />
            ) : (
              <>
                <Table
                  caption="未绑定的商户"
                  columns={columnsOf(left, setLeft)}
                  rows={items}
                  keyOf={({ code }) => code}
                />
                {nextCursor && <p className="c-card__note">{`一次最多 ${MOST} 家，其余的请再制一批。`}</p>}
              </>
            )
          }
        </Ready>
      </Card>
      {asked && (
        <Confirm
          title={`制卡：${count(chosen.length)} 家`}
          consequence={<Consequence days={days} />}
          verb="提交复核并制卡"
          note={{ label: '说明', required: false }}
          act={async (note) => {
            const body = { merchantCodes: chosen, days: Number(days), ...(note && { note }) }
            setBatch(await post<BindingCards>('/admin/merchants/binding-cards', body))
            setSubmitted(true)
          }}
          onClose={() => setAsked(false)}
        />
      )}
      {batch && <PrintSheets batch={batch} days={Number(days)} onClose={() => setBatch(undefined)} />}
    </>
  )
}

const Consequence = ({ days }: { days: string }) => (
  <>
    <p>{`每家一张 A4：上面是收款码海报，下面是店主绑定卡。同事复核通过后 ${days} 天内有效，每张只能用一次；以前没用过的卡作废。`}</p>
    <p>
      光有卡绑不了：还要 4 位激活码，只有复核的同事看得到，由他安排网点当面或电话告诉店主本人。印卡的人不要经手激活码。
    </p>
  </>
)

interface ChosenProps {
  all: readonly AdminMerchant[]
  chosen: number
  onLeft(codes: ReadonlySet<string>): void
}

function Chosen({ all, chosen, onLeft }: ChosenProps) {
  return (
    <span className="c-row">
      {`已选 ${count(chosen)} / ${count(all.length)} 家`}
      <Button kind="text" onClick={() => onLeft(chosen === 0 ? new Set() : new Set(all.map(({ code }) => code)))}>
        {chosen === 0 ? '全选' : '全不选'}
      </Button>
    </span>
  )
}

function columnsOf(
  left: ReadonlySet<string>,
  setLeft: (codes: ReadonlySet<string>) => void,
): readonly Column<AdminMerchant>[] {
  const turn = (code: string) => {
    const next = new Set(left)
    if (!next.delete(code)) next.add(code)
    setLeft(next)
  }
  return [
    {
      name: 'merchant',
      head: '商户',
      className: 'c-table__wrap',
      cell: ({ code, name }) => (
        <label className="c-pick">
          <input type="checkbox" checked={!left.has(code)} onChange={() => turn(code)} />
          <span className="c-table__name">{name}</span>
          <span className="c-quiet">{code}</span>
        </label>
      ),
    },
    { name: 'branch', head: '网点', cell: ({ branchName }) => branchName },
    {
      name: 'campaign',
      head: '今日生效的活动',
      cell: ({ campaign }) => campaign?.name ?? <span className="c-quiet">没有</span>,
    },
  ]
}
