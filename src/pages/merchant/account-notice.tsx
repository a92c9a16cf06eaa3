import type { MerchantSummaryView } from '@contract'
import { Box } from '../../components/base'
import { dateTime } from '../../dates'

type Change = NonNullable<MerchantSummaryView['accountChange']>

const NAMES: Record<Change['channel'], string> = {
  bank: '结算账户',
  wechatpay: '微信支付商户号',
  alipay: '支付宝商户号',
  unionpay: '云闪付商户号',
}

/** To the owner: where the money goes from now on, or from when, and whom to call if it wasn't them. */
export function AccountNotice({ change }: { change: Change }) {
  const { channel, fromTail, toTail, effectiveAt, inForce, phone } = change
  const when = `${inForce ? '已于' : '将于'} ${dateTime(effectiveAt)} `
  const to = toTail ? `变更为尾号 ${toTail}，之后的收款进入新账户` : '停用，之后不再用它收款'
  return (
    <Box className="account-notice" role="alert">
      <Box className="account-notice__title">{`${NAMES[channel]}变更`}</Box>
      {fromTail ? `${when}由尾号 ${fromTail} ${to}。` : `${when}开通，尾号 ${toTail}，之后的收款进入这个账户。`}
      {`不是您本人办理的，请马上联系${phone ? `银行：${phone}` : '您的开户网点'}。`}
    </Box>
  )
}
