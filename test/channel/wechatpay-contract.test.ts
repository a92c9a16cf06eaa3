import { channelContract } from './channel-contract'
import { noticeContract, statementContract } from './news-contract'
import { refundContract } from './refund-contract'
import { wechatpay } from './wechatpay-subject'

const NAME = 'WeChat Pay'
channelContract(NAME, wechatpay)
refundContract(NAME, wechatpay)
noticeContract(NAME, wechatpay)
statementContract(NAME, wechatpay)
noticeContract('WeChat Pay by platform certificates', () => wechatpay('certificate'))
