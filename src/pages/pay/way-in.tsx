import Taro, { useRouter } from '@tarojs/taro'
import { useEffect, useState } from 'react'
import { api, knownShop } from '../../api'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { Line, Lines } from '../../components/lines'
import { pageOfScan } from '../../entry'
import { host } from '../../platform/host'
import './way-in.scss'

const go = (url: string) => () => void Taro.navigateTo({ url })

/** Opened without a code: how to get to one, and what is the person's own. Nobody is logged in only to see it. */
export function WayIn() {
  const known = useKnown()
  // an address of ours that leads to no page (app.ts)
  const { lost } = useRouter().params
  const shop = knownShop()
  // in WeChat a person can be made a merchant's user, and may have nothing but the bank's binding code
  const mayBind = !shop && (host.scan !== undefined || host.platform === 'wechat-h5')
  return (
    <Box className="page way" role="main">
      <Box className="way__mark" silent>
        <Box className="way__frame" />
      </Box>
      <Box className="way__title" role="heading">
        扫店里的收款码付款
      </Box>
      {lost && (
        <Box className="way__lost" role="status">
          没有您要找的页面，地址可能不完整
        </Box>
      )}
      {host.scan ? <Scan scan={host.scan} /> : <How />}
      {(known || shop) && (
        <Lines>
          {known && <Line title="我的付款" text="付过的款、退款、还没付完的" onPress={go('/pages/orders/index')} />}
          {known && <Line title="付款账户" text="签约、解约、免密" onPress={go('/pages/agreements/index')} />}
          {shop && (
            <Line
              title="收款记录"
              text={shop.name}
              onPress={go(`/pages/merchant/index?merchant=${encodeURIComponent(shop.code)}`)}
            />
          )}
        </Lines>
      )}
      {mayBind && (
        <Button kind="plain" onPress={go('/pages/merchant/index')}>
          我是商户
        </Button>
      )}
    </Box>
  )
}

/** Whether a payer can be known here at all; where not, there is nothing of theirs to lead to. */
function useKnown(): boolean {
  const [known, setKnown] = useState(!host.pageLogin)
  useEffect(() => {
    if (!host.pageLogin) return
    let wanted = true
    const tell = ({ way }: { way: string }) => wanted && setKnown(way !== 'none')
    api.loginWay().then(tell, () => {})
    return () => {
      wanted = false
    }
  }, [])
  return known
}

function Scan({ scan }: { scan: NonNullable<typeof host.scan> }) {
  const [foreign, setForeign] = useState(false)
  const read = async () => {
    setForeign(false)
    const scanned = await scan()
    if (!scanned) return
    const url = pageOfScan(scanned, host.apiOrigin)
    if (url) void Taro.redirectTo({ url })
    else setForeign(true)
  }
  return (
    <Box className="way__act">
      <Button kind="main" onPress={() => void read()}>
        扫一扫
      </Button>
      <Box className="way__said" live="assertive">
        {foreign && '这不是本行商户的收款码，没有打开。请扫店里带本行标志的收款码'}
      </Box>
    </Box>
  )
}

/** Where a page can't scan: the app that can, by its own names. */
const APPS: Partial<Record<typeof host.platform, string>> = {
  'wechat-h5': '回到微信，点“+”里的“扫一扫”',
  'alipay-h5': '回到支付宝首页，点“扫一扫”',
  'unionpay-h5': '回到云闪付首页，点“扫一扫”',
  'bank-h5': '回到手机银行首页，点“扫一扫”',
}

function How() {
  const steps = [APPS[host.platform] ?? '打开微信，点“+”里的“扫一扫”', '对准店里的收款码', '输入金额，核对后付款']
  return (
    <Box className="way__steps" role="list">
      {steps.map((step, i) => (
        <Box key={step} className="way__step" role="listitem">
          <Box className="way__number" silent>
            {i + 1}
          </Box>
          <Box>{step}</Box>
        </Box>
      ))}
    </Box>
  )
}
