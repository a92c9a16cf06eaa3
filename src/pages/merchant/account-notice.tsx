import type { MerchantSummaryView } from '@contract'
import { Box } from '../../components/base'
import { dateTime } from '../../dates'

/** To the owner: where the money goes from now on, or from when, and whom to call if it wasn't them. */
export function AccountNotice({ change }: { change: NonNullable<MerchantSummaryView['accountChange']> }) {
  const { fromTail, toTail, effectiveAt, inForce, phone } = change
  const when = `${inForce ? '已于' : '将于'} ${dateTime(effectiveAt)} `
  return (
    <Box className="account-notice" role="alert">
      <Box className="account-notice__title">结算账户变更</Box>
      {`${when}由尾号 ${fromTail} 变更为尾号 ${toTail}，之后的收款进入新账户。`}
      {`不是您本人办理的，请马上联系${phone ? `银行：${phone}` : '您的开户网点'}。`}
    </Box>
  )
}
