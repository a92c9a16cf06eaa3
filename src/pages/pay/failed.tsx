import Taro from '@tarojs/taro'
import type { ApiError } from '../../api'
import { Box } from '../../components/base'
import { Notice } from '../../components/notice'
import { readingFault } from '../../sentences'

interface FailedProps {
  error: ApiError
  merchantCode: string
  onRetry(): void
}

/** Instead of the counter: why nobody can pay here now, and the way on. */
export function Failed({ error, merchantCode, onRetry }: FailedProps) {
  const code = isOfCode(error)
  const unknown = error.missing && !code
  const fault = unknown
    ? { title: '没有找到这家商户', text: `商户号 ${merchantCode}，请重新扫码` }
    : isLost(error)
      ? { ...readingFault(error), text: `${readingFault(error).text}。刚才付过款的，付没付成不受影响，登录后能查到` }
      : readingFault(error)
  const own = { label: '我的付款', onPress: () => void Taro.redirectTo({ url: '/pages/orders/index' }) }
  const retry = unknown || code || error.waits ? undefined : { label: '重试', onPress: onRetry }
  return (
    <Box className="page" role="main">
      <Notice mark="!" {...fault} action={error.code === 'pay-code-used' ? own : retry} />
    </Box>
  )
}

/** Somebody may have been paying when their log-in ended. Where nobody can be known, nobody was. */
const isLost = ({ loggedOut, code }: ApiError) => loggedOut && code !== 'login-elsewhere'

/** Of a code for one payment: asking again makes nothing of it. */
export const isOfCode = ({ code }: ApiError) => code.startsWith('pay-code-')
