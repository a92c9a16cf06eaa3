import type { SavingsView } from '@contract'
import { useDidShow } from '@tarojs/taro'
import { useCallback, useEffect, useState } from 'react'
import { Box } from '../../components/base'
import { Money } from '../../components/money'
import { payerApi } from '../../payer-api'

/** What was saved in all; nothing while nobody knows, or nothing was. */
export function Saved() {
  const [savings, setSavings] = useState<SavingsView>()
  const read = useCallback(() => void payerApi.savings().then(setSavings, () => {}), [])
  useEffect(read, [read])
  useDidShow(read)
  if (!savings?.savedFen) return null
  return (
    <Box className="saved" role="status">
      <Box className="saved__words">{`${savings.orderCount} 笔付款，一共省了`}</Box>
      <Money fen={savings.savedFen} className="saved__amount" />
    </Box>
  )
}
