import type { AgreementView } from '@contract'
import { useDidShow } from '@tarojs/taro'
import { useState } from 'react'
import { api } from '../../api'
import { Box, Press } from '../../components/base'
import { Line, Lines } from '../../components/lines'
import { agreementWords, smallWords } from '../../sentences'

export type Agreements = ReturnType<typeof useAgreements>

/** The payer's accounts, and the one that pays: the default one until they choose another, or add one, for this payment. */
export function useAgreements(opened: AgreementView[]) {
  const [items, setItems] = useState(opened)
  const [chosenId, choose] = useState<string>()
  const [choosing, setChoosing] = useState(false)
  const read = async () => {
    const list = await api.agreements().catch(() => null)
    if (!list) return
    const added = list.items.find(({ agreementId }) => !items.some((known) => known.agreementId === agreementId))
    if (added) choose(added.agreementId)
    setItems(list.items)
  }
  // one may have been signed, ended or made the default on another page
  useDidShow(() => void read())
  const byDefault = items.find(({ isDefault }) => isDefault) ?? items[0]
  const agreement = items.find(({ agreementId }) => agreementId === chosenId) ?? byDefault
  return { items, agreement, choose, choosing, setChoosing, read }
}

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
    <Box className="sheet" role="dialog" label="选择付款账户">
      <Box className="sheet__panel accounts">
        <Box className="accounts__head">
          <Box className="accounts__title" role="heading">
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
      </Box>
    </Box>
  )
}
