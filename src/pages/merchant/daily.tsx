import type { MessagesView } from '@contract'
import { useEffect, useState } from 'react'
import type { Reader } from '../../api'
import { Box, Press } from '../../components/base'
import { host } from '../../platform/host'
import { shop } from '../../shop'

/** To a user in WeChat: yesterday's receipts each morning, a message for each time they agreed. WeChat asks; nothing is sent but that. */
export function Daily({ reader }: { reader: Reader }) {
  const [asked, setAsked] = useState<MessagesView | null>(null)
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (host.agreeTo) shop.messages(reader).then(setAsked, () => {})
  }, [reader])
  const templateId = asked?.templateId
  if (!host.agreeTo || !templateId) return null

  const agree = async () => {
    setSaid('')
    if (!(await host.agreeTo?.(templateId))) return setSaid('没有开启。在微信的提示里点“允许”才会提醒')
    await shop.agreedTo(reader, templateId).then(setAsked, () => setSaid('没有记上，请再点一次'))
  }
  const words = asked.unused > 0 ? `还会提醒 ${asked.unused} 次，点一次加一次` : '每点一次，提醒一个早上'
  return (
    <Box className="daily">
      <Box className="daily__words">
        每天早上在微信里收到昨日收款
        <Box className="daily__note" role="status" live="polite">
          {said || words}
        </Box>
      </Box>
      <Press className="daily__press" onPress={() => void agree()}>
        {asked.unused > 0 ? '再加一次' : '提醒我'}
      </Press>
    </Box>
  )
}
