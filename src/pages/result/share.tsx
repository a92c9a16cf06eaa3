import type { OrderView } from '@contract'
import { useCallback, useState } from 'react'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { host } from '../../platform/host'
import { ForShop } from './for-shop'
import { receiptText } from './receipt-text'

const SAID = { shared: '', copied: '小票已复制，可以粘贴给别人', not: '' } as const

/** What a payer does with a receipt: holds it up across the counter, or sends it on. */
export function Share({ order }: { order: OrderView }) {
  const [shown, setShown] = useState(false)
  const [said, setSaid] = useState('')
  const { share } = host
  const close = useCallback(() => setShown(false), [])
  return (
    <>
      <Box className="share">
        <Button kind="quiet" className="share__deed" onPress={() => setShown(true)}>
          给店家看
        </Button>
        {/* and nothing of it is in the mini-program's package */}
        {process.env.TARO_ENV !== 'weapp' && share && (
          <Button
            kind="quiet"
            className="share__deed"
            onPress={() => void share(receiptText(order)).then((how) => setSaid(SAID[how]))}
          >
            分享小票
          </Button>
        )}
      </Box>
      <Box className="share__said" live="polite" role="status">
        {said}
      </Box>
      {shown && <ForShop order={order} onClose={close} />}
    </>
  )
}
