import type { Invite, StaffList } from '@contract'
import { useRouter } from '@tarojs/taro'
import { useState } from 'react'
import type { Reader } from '../../api'
import { Box, Press } from '../../components/base'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { Notice, Sheet } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { clock } from '../../dates'
import { faultLine, faultOf } from '../../sentences'
import { shop } from '../../shop'
import { useAnswer } from '../../use-answer'
import { ROLE_WORDS } from '../merchant/role'
import './index.scss'

type Person = StaffList['items'][number]

/** To the owner: who may see the shop's receipts, a code for one more, and the end of it. */
export default function MerchantStaffPage() {
  const { merchant } = useRouter().params
  const [reader] = useState<Reader>(() => ({ role: 'merchant', merchantCode: merchant }))
  const [answer, read, readQuietly] = useAnswer(() => shop.staff(reader), 'staff')
  const [leaving, setLeaving] = useState<Person | null>(null)
  const [said, setSaid] = useState('')
  if (answer.kind === 'waiting')
    return (
      <Box className="page" role="main">
        <Skeleton heights={[72, 72, 120]} label="正在载入店员" />
      </Box>
    )
  if (answer.kind === 'failed')
    return (
      <Box className="page" role="main">
        {answer.error.code === 'not-owner' ? (
          <Notice mark="店" title="只有店主可以管理店员" />
        ) : (
          <Unread error={answer.error} onRetry={read} />
        )}
      </Box>
    )
  const dismiss = async ({ bindingId }: Person) => {
    setLeaving(null)
    try {
      await shop.dismissCashier(reader, bindingId)
      setSaid('已移除，对方马上看不到了')
    } catch (thrown) {
      const fault = faultOf(thrown)
      setSaid(fault.code === 'binding-not-found' ? '已经移除了' : sentenceOf(thrown))
    }
    readQuietly()
  }
  const { items } = answer.value
  return (
    <Box className="page" role="main">
      <Box className="heard" role="heading">
        店员
      </Box>
      <Box className="staff__lead">店员能看收款和奖励，不能退款。移除后，对方马上看不到这里的收款。</Box>
      <Box className="staff" role="list" label="店里的人">
        {items.map((person) => (
          <Box key={person.bindingId} className="staff__row" role="listitem">
            <Box className="staff__words">
              <Box className="staff__name">{nameOf(person)}</Box>
              <Box className="staff__note">{`${ROLE_WORDS[person.role]} · ${clock(Date.parse(person.boundAt))} 加入`}</Box>
            </Box>
            {person.role === 'cashier' && (
              <Press className="staff__press" label={`移除 ${nameOf(person)}`} onPress={() => setLeaving(person)}>
                移除
              </Press>
            )}
          </Box>
        ))}
        {items.length === 0 && <Box className="staff__row staff__note">还没有人绑定</Box>}
      </Box>
      <Box className="staff__said" live="polite" role="status">
        {said}
      </Box>
      <InviteCashier reader={reader} />
      {leaving && (
        <Sheet
          title={`移除${nameOf(leaving)}？`}
          main={{ label: '移除', onPress: () => void dismiss(leaving) }}
          other={{ label: '先不移除', onPress: () => setLeaving(null) }}
          onClose={() => setLeaving(null)}
        >
          对方马上看不到这家店的收款。以后要再看，需要新的绑定码。
        </Sheet>
      )}
    </Box>
  )
}

const nameOf = ({ name, role, isSelf }: Person) => `${name ?? ROLE_WORDS[role]}${isSelf ? '（我）' : ''}`

function sentenceOf(thrown: unknown): string {
  const fault = faultOf(thrown)
  if (fault.code === 'too-many-users') return '人数已到上限，请先移除不用的'
  if (fault.code === 'not-owner') return '只有店主可以管理店员'
  if (fault.code === 'invalid-input') return '称呼里有不能用的字符'
  return faultLine(fault)
}

/** As a person is called; the contract takes more. */
const LONGEST_NAME = 12

/** The code is shown once, here: to be read to the one who stands beside. */
function InviteCashier({ reader }: { reader: Reader }) {
  const [name, setName] = useState('')
  const [invite, setInvite] = useState<Invite | null>(null)
  const [said, setSaid] = useState('')
  const [busy, setBusy] = useState(false)
  const ask = async () => {
    setBusy(true)
    setSaid('')
    try {
      setInvite(await shop.inviteCashier(reader, name.trim()))
    } catch (thrown) {
      setSaid(sentenceOf(thrown))
    }
    setBusy(false)
  }
  if (invite)
    return (
      <Box className="invite">
        <Box className="staff__note">{`${name.trim()}的绑定码`}</Box>
        <Box className="invite__code">{`${invite.code.slice(0, 4)} ${invite.code.slice(4)}`}</Box>
        <Box className="staff__note">
          {`只能用一次，${clock(Date.parse(invite.expiresAt))} 前有效。请对方在自己的手机上打开收款记录，输入这个码。不要发到群里。`}
        </Box>
        <Button
          kind="quiet"
          onPress={() => {
            setInvite(null)
            setName('')
          }}
        >
          好了
        </Button>
      </Box>
    )
  return (
    <Box className="invite">
      <Box className="staff__label" silent>
        新店员怎么称呼
      </Box>
      <Field
        label="新店员怎么称呼"
        hint="比如小王"
        kind="note"
        value={name}
        maxLength={LONGEST_NAME}
        onType={setName}
      />
      <Button kind="main" disabled={busy || name.trim() === ''} onPress={() => void ask()}>
        生成绑定码
      </Button>
      <Box className="staff__said" live="assertive">
        {said}
      </Box>
    </Box>
  )
}
