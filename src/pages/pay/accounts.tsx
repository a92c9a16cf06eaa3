import type { AgreementView } from '@contract'
import { useDidShow } from '@tarojs/taro'
import { useEffect, useRef, useState } from 'react'
import { api } from '../../api'
import { Box, Press } from '../../components/base'
import { Line, Lines } from '../../components/lines'
import { Over } from '../../components/over'
import { agreementWords, smallWords } from '../../sentences'
import { useAnswer } from '../../use-answer'

export type Agreements = ReturnType<typeof useAgreements>

/**
 * The payer's accounts, and the one that pays: the default one until they choose another, or add one, for this payment. The page
 * doesn't wait for them: `known` is false until they are read, `fault` why they couldn't be.
 */
export function useAgreements() {
  const [answer, read, readQuietly] = useAnswer(() => api.agreements(), 'agreements')
  const [chosenId, choose] = useState<string>()
  const [choosing, setChoosing] = useState(false)
  const known = answer.kind === 'ready'
  const items = known ? answer.value.items : NONE
  const before = useRef<AgreementView[]>()
  useEffect(() => {
    if (!known) return
    const added =
      before.current && items.find(({ agreementId }) => !before.current?.some((one) => one.agreementId === agreementId))
    if (added) choose(added.agreementId)
    before.current = items
  }, [known, items])
  // one may have been signed, ended or made the default on another page
  useDidShow(() => known && readQuietly())
  const byDefault = items.find(({ isDefault }) => isDefault) ?? items[0]
  const agreement = items.find(({ agreementId }) => agreementId === chosenId) ?? byDefault
  const fault = answer.kind === 'failed' ? answer.error : null
  return { known, fault, items, agreement, choose, choosing, setChoosing, read: known ? readQuietly : read }
}

const NONE: AgreementView[] = []

interface AccountsProps {
  items: AgreementView[]
  chosen: AgreementView
  onChoose(agreementId: string): void
  onSign(): void
  onManage(): void
  onClose(): void
}

/** Another account for this payment, one more, or what else there is to do with them. */
export function Accounts({ items, chosen, onChoose, onSign, onManage, onClose }: AccountsProps) {
  return (
    <Over title="选择付款账户" className="sheet__panel accounts" onClose={onClose}>
      <Box className="accounts__head">
        <Box className="accounts__title" role="heading" level={2}>
          选择付款账户
        </Box>
        <Press className="accounts__close" onPress={onClose}>
          关闭
        </Press>
      </Box>
      <Lines>
        {items.map((item) => (
          <Line
            key={item.agreementId}
            title={agreementWords(item)}
            text={smallWords(item) || undefined}
            chosen={item.agreementId === chosen.agreementId}
            onPress={() => onChoose(item.agreementId)}
          >
            <Box className={item.agreementId === chosen.agreementId ? 'method__chosen' : 'method__other'} silent />
          </Line>
        ))}
        <Line title="添加付款账户" onPress={onSign} />
        <Line title="管理付款账户" onPress={onManage} />
      </Lines>
    </Over>
  )
}
