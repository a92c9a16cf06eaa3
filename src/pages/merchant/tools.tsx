import type { MerchantSummaryView } from '@contract'
import Taro from '@tarojs/taro'
import { useState } from 'react'
import { Box, Press } from '../../components/base'
import { Sheet } from '../../components/notice'
import { host } from '../../platform/host'

interface ToolsProps {
  shop: Pick<MerchantSummaryView, 'role' | 'merchantCode'>
  /** names the shop in an address, where one has to */
  of: string
}

/** What else a shop's people do here. */
export function Tools({ shop: { role, merchantCode }, of }: ToolsProps) {
  const [telling, setTelling] = useState(false)
  const go = (page: string, search = of) => void Taro.navigateTo({ url: `/pages/${page}/index?${search}` })
  // the mini-program neither prints nor hands out a PDF: it says where that can be done
  const poster = () => (host.apiOrigin ? setTelling(true) : go('poster', `merchant=${merchantCode}`))
  return (
    <Box className="tools">
      <Press className="tools__one" onPress={() => go('merchant-charge')}>
        指定金额收款
      </Press>
      {role === 'owner' && (
        <>
          <Press className="tools__one" onPress={poster}>
            打印收款码
          </Press>
          <Press className="tools__one" onPress={() => go('merchant-staff')}>
            管理店员
          </Press>
        </>
      )}
      {telling && (
        <Sheet
          title="在电脑上打印收款码"
          main={{ label: '知道了', onPress: () => setTelling(false) }}
          onClose={() => setTelling(false)}
        >
          {`用电脑或手机的浏览器打开 ${host.apiOrigin}/q/${merchantCode}/poster ，可以保存图片，和 A6、A4 大小的 PDF。`}
        </Sheet>
      )}
    </Box>
  )
}
