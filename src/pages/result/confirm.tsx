import type { OrderView } from '@contract'
import Taro from '@tarojs/taro'
import { useEffect, useState } from 'react'
import { api } from '../../api'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { Challenge } from '../../components/challenge'
import { Money } from '../../components/money'
import { yuan } from '../../money'
import { accountWords, faultOf } from '../../sentences'
import { useChallenge } from '../../use-challenge'

interface ConfirmProps {
  order: OrderView & { action: NonNullable<OrderView['action']> }
  onOrder(order: OrderView): void
  onLook(): void
}

/** The bank asks the payer before it debits: to whom, from which account, how much. It stands as long as the server says so. */
export function Confirm({ order, onOrder, onLook }: ConfirmProps) {
  const { orderNo, action } = order
  const answers = useChallenge<OrderView>({
    confirm: (answer) => api.confirmOrder(orderNo, answer),
    resend: () => api.resendOrder(orderNo),
    onAnswer: onOrder,
    look: onLook,
  })
  useEffect(() => {
    void Taro.setNavigationBarTitle({ title: '确认付款' })
    return () => void Taro.setNavigationBarTitle({ title: '付款结果' })
  }, [])
  return (
    <Box className="page confirm" role="main">
      <Box className="confirm__head">
        <Box className="confirm__payee" role="heading">{`向 ${order.merchantName} 付款`}</Box>
        <Money fen={order.payableFen} className="money--big" />
        {order.payerDiscountFen > 0 && (
          <Box className="verdict__saved">
            {`订单 ¥${yuan(order.amountFen)}，已优惠 ¥${yuan(order.payerDiscountFen)}`}
          </Box>
        )}
        <Box className="confirm__account">
          <Box className="confirm__mark" silent>
            {[...accountWords(order)][0]}
          </Box>
          <Box>{`付款账户 ${accountWords(order)}`}</Box>
        </Box>
      </Box>
      <Challenge action={action} answers={answers} label={`确认付款 ¥${yuan(order.payableFen)}`} />
      <Cancel orderNo={orderNo} busy={answers.busy} onOrder={onOrder} onLook={onLook} />
    </Box>
  )
}

interface CancelProps {
  orderNo: string
  busy?: boolean
  onOrder(order: OrderView): void
  onLook(): void
}

/** Closes the order at the bank; only the bank's word that it is closed ends it. */
export function Cancel({ orderNo, busy = false, onOrder, onLook }: CancelProps) {
  const [state, setState] = useState({ busy: false, said: '' })
  const cancel = async () => {
    setState({ busy: true, said: '' })
    try {
      const order = await api.closeOrder(orderNo)
      setState({ busy: false, said: '' })
      onOrder(order)
    } catch (error) {
      const { unsure } = faultOf(error)
      setState({ busy: false, said: unsure ? '还不知道取消了没有，正在查询' : '现在不能取消，请稍后再试' })
      onLook()
    }
  }
  return (
    <Box className="confirm__cancel">
      <Button kind="plain" disabled={busy || state.busy} onPress={() => void cancel()}>
        {state.busy ? '正在取消…' : '取消付款'}
      </Button>
      <Box className="confirm__said" live="polite" role="status">
        {state.said}
      </Box>
    </Box>
  )
}
