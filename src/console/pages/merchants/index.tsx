import type { AdminMerchant, AdminMerchantList } from '@contract'
import { get } from '../../client'
import { BranchFilter, SearchFilter } from '../../filters'
import { may } from '../../permissions'
import { Link, usePlace } from '../../router'
import { useOperator } from '../../session'
import { Card, type Column, Empty, Listed, PageHead, Table } from '../../ui'
import { usePages } from '../../use-pages'

/** 商户: every merchant this operator may see, by code. */
export default function MerchantsPage() {
  const operator = useOperator()
  const { query } = usePlace()
  const { q = '', branchCode = '' } = query
  const pages = usePages(
    (cursor) => get<AdminMerchantList>('/admin/merchants', { q, branchCode, cursor }),
    JSON.stringify([q, branchCode]),
  )
  const mayImport = may(operator, 'merchants')
  return (
    <>
      <PageHead
        title="商户"
        keys={
          <>
            <Link to="branches" className="c-button c-button--plain">
              网点
            </Link>
            {mayImport && (
              <Link to="other-counts" className="c-button c-button--plain">
                其他渠道笔数
              </Link>
            )}
            {mayImport && (
              <Link to="merchant-import" className="c-button c-button--main">
                批量导入
              </Link>
            )}
          </>
        }
      />
      <div className="c-filters">
        <SearchFilter text={q} placeholder="名称或商户号" />
        <BranchFilter chosen={branchCode} />
      </div>
      <Card title="商户列表">
        <Listed pages={pages} empty={<None filtered={q !== '' || branchCode !== ''} mayImport={mayImport} />}>
          {(items) => <Table caption="商户列表" columns={COLUMNS} rows={items} keyOf={({ code }) => code} />}
        </Listed>
      </Card>
    </>
  )
}

function None({ filtered, mayImport }: { filtered: boolean; mayImport: boolean }) {
  if (!filtered) return <Empty title={mayImport ? '还没有商户，从右上角批量导入' : '还没有商户'} />
  return (
    <Empty title="没有符合条件的商户">
      <Link to="merchants" className="c-button c-button--plain">
        清除条件
      </Link>
    </Empty>
  )
}

const COLUMNS: readonly Column<AdminMerchant>[] = [
  {
    name: 'merchant',
    head: '商户',
    className: 'c-table__wrap',
    cell: ({ code, name }) => (
      <>
        <Link to={`merchants/${code}`} className="c-table__name">
          {name}
        </Link>
        <span className="c-table__under">{code}</span>
      </>
    ),
  },
  {
    name: 'branch',
    head: '支行 / 科目',
    cell: ({ branchName, branchCode, glAccount }) => (
      <>
        {branchName}
        <span className="c-table__under">{`${branchCode} / ${glAccount}`}</span>
      </>
    ),
  },
  {
    name: 'campaign',
    head: '今日生效的活动',
    className: 'c-table__wrap',
    cell: ({ campaign }) =>
      campaign ? (
        <Link to={`campaigns/${campaign.campaignId}`}>{campaign.name}</Link>
      ) : (
        <span className="c-quiet">没有</span>
      ),
  },
  {
    name: 'users',
    head: '绑定用户',
    right: true,
    cell: ({ userCount }) => (userCount === 0 ? <span className="c-quiet">未绑定</span> : `${userCount} 人`),
  },
]
