import type { AgreementView } from '@contract'
import Taro, { useDidShow } from '@tarojs/taro'
import { useState } from 'react'
import { api } from '../../api'
import { Box, Press, Words } from '../../components/base'
import { Line, Lines } from '../../components/lines'
import { mostFen, yuan } from '../../money'
import { agreementWords, smallWords } from '../../sentences'
import type { QuoteState } from './use-quote'

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

interface MethodProps {
  agreements: ReturnType<typeof useAgreements>
  state: QuoteState
  onSign(): void
}

/** What is paid with. Where small amounts are allowed, it says before the key is pressed that no code will be asked for. */
export function Method({ agreements, state, onSign }: MethodProps) {
  const { items, agreement, choose, choosing, setChoosing } = agreements
  const close = () => setChoosing(false)
  const leave = (then: () => void) => () => {
    close()
    then()
  }
  const quote = state.kind === 'ready' ? state.quote : undefined
  const savedFen = quote?.payerDiscountFen ?? 0
  if (!agreement)
    return (
      <Press className="method" onPress={onSign}>
        <Mark />
        <Box className="method__name">还没有付款账户</Box>
        <Box className="method__go">去签约 ›</Box>
      </Press>
    )
  const small = agreement.small && quote && mostFen(quote) <= agreement.small.maxFen
  return (
    <>
      <Press
        className="method"
        label={`用 ${agreementWords(agreement)} 付款，更换账户`}
        onPress={() => setChoosing(true)}
      >
        <Mark />
        <Box className="method__name">
          {agreement.bankName}
          <Words className="method__tail">{` (${agreement.accountTail})`}</Words>
          {small && <Box className="method__small">免密支付，直接扣款</Box>}
        </Box>
        {savedFen > 0 && <Box className="method__chip">{`立减 ¥${yuan(savedFen)}`}</Box>}
        <Box className="method__go" silent>
          ›
        </Box>
      </Press>
      {choosing && (
        <Accounts
          items={items}
          chosen={agreement}
          onChoose={(agreementId) => leave(() => choose(agreementId))()}
          onSign={leave(onSign)}
          onManage={leave(() => void Taro.navigateTo({ url: '/pages/agreements/index' }))}
          onClose={close}
        />
      )}
    </>
  )
}

function Mark() {
  return (
    <Box className="method__mark" silent>
      行
    </Box>
  )
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
function Accounts({ items, chosen, onChoose, onSign, onManage, onClose }: AccountsProps) {
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
