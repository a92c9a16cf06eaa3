import type { AdminMerchant, AskedChange, BindingCode, MerchantUser, MerchantUserList } from '@contract'
import { useState } from 'react'
import { get, post } from '../../client'
import { dateTime } from '../../dates'
import { may } from '../../permissions'
import { HalfOnce } from '../../second-person'
import { useOperator } from '../../session'
import { Button, Card, type Column, Confirm, Empty, Once, Pill, Ready, Table, toast } from '../../ui'
import { useRead } from '../../use-read'
import { IssueCode } from './issue-code'
import { USER_ROLE_RIGHTS, USER_ROLE_WORDS } from './words'

/** Who may see the merchant's orders: bound users, the codes to bind more, and who was bound before. */
export function Users({ merchant, onChanged }: { merchant: AdminMerchant; onChanged(): void }) {
  const mayChange = may(useOperator(), 'merchants')
  const path = `/admin/merchants/${merchant.code}`
  const { reading, again } = useRead(() => get<MerchantUserList>(`${path}/users`), merchant.code)
  const [issuing, setIssuing] = useState(false)
  const [issued, setIssued] = useState<BindingCode | AskedChange>()
  const [leaving, setLeaving] = useState<MerchantUser>()
  const refresh = () => {
    again()
    onChanged()
  }
  async function unbind({ bindingId }: MerchantUser) {
    await post(`${path}/users/${bindingId}/unbind`)
    toast.ok('已解除绑定')
    refresh()
  }
  return (
    <Card title="绑定用户" aside={mayChange && <Button onClick={() => setIssuing(true)}>发绑定码</Button>}>
      <Ready reading={reading} again={again}>
        {({ items, card }) => (
          <>
            {card && <CardNote card={card} />}
            <UserTable items={items} onUnbind={mayChange ? setLeaving : undefined} />
          </>
        )}
      </Ready>
      {issuing && (
        <IssueCode
          merchant={merchant}
          onClose={() => setIssuing(false)}
          onIssued={(code) => {
            setIssuing(false)
            setIssued(code)
          }}
        />
      )}
      {issued && 'change' in issued && (
        <HalfOnce
          what="店主绑定码"
          about={merchant.name}
          half={issued.half ?? ''}
          which="first"
          onClose={() => setIssued(undefined)}
        />
      )}
      {issued && 'code' in issued && (
        <Once
          title={`${merchant.name} · ${USER_ROLE_WORDS[issued.role]}绑定码`}
          label="绑定码"
          text={issued.code}
          expiresAt={issued.expiresAt}
          lines={[
            `请告诉商户：在商户小程序里输入，绑定后即为${USER_ROLE_WORDS[issued.role]}，${USER_ROLE_RIGHTS[issued.role]}。`,
            '只能用一次，关闭后不能再看到；丢了就再发一个。',
          ]}
          onClose={() => {
            setIssued(undefined)
            refresh()
          }}
        />
      )}
      {leaving && (
        <Confirm
          title={`解除绑定：${USER_ROLE_WORDS[leaving.role]} …${leaving.userTail}`}
          consequence={
            <>
              <p>该用户将立即看不到本商户的订单，正在打开的页面也会退出。</p>
              <p>{`“${merchant.name}”的收款和优惠不受影响。要再绑定须重新发绑定码。`}</p>
            </>
          }
          verb="解除绑定"
          danger
          act={() => unbind(leaving)}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </Card>
  )
}

/** Of the printed card that its owner hasn't used. */
const CardNote = ({ card: { expiresAt, dead } }: { card: NonNullable<MerchantUserList['card']> }) => (
  <p className="c-card__note">
    {dead ? '绑定卡输错次数已满，已作废，请重新制卡。' : `绑定卡已发出，还没有用，${dateTime(expiresAt)} 到期。`}
  </p>
)

function UserTable({ items, onUnbind }: { items: MerchantUser[]; onUnbind?: (user: MerchantUser) => void }) {
  if (items.length === 0)
    return <Empty title={onUnbind ? '还没有绑定用户。发一个绑定码，商户在小程序里输入即可绑定。' : '还没有绑定用户'} />
  const columns: Column<MerchantUser>[] = [
    {
      name: 'user',
      head: '用户',
      cell: ({ userTail, role }) => (
        <>
          <span className="c-table__name">{USER_ROLE_WORDS[role]}</span>
          <span className="c-table__under">{`编号尾号 ${userTail}`}</span>
        </>
      ),
    },
    { name: 'since', head: '绑定时间', cell: ({ boundAt }) => dateTime(boundAt) },
    {
      name: 'state',
      head: '状态',
      cell: ({ unboundAt }) =>
        unboundAt ? (
          <>
            <Pill tone="quiet">已解除</Pill>
            <span className="c-table__under">{dateTime(unboundAt)}</span>
          </>
        ) : (
          <Pill tone="ok" sign="✓">
            已绑定
          </Pill>
        ),
    },
  ]
  if (onUnbind)
    columns.push({
      name: 'keys',
      head: '操作',
      right: true,
      cell: (user) =>
        user.unboundAt ? null : (
          <Button
            kind="text"
            aria-label={`解除绑定：${USER_ROLE_WORDS[user.role]}，尾号 ${user.userTail}`}
            onClick={() => onUnbind(user)}
          >
            解除绑定
          </Button>
        ),
    })
  return <Table caption="绑定用户" columns={columns} rows={items} keyOf={({ bindingId }) => bindingId} />
}
