import type { MerchantOrderView } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { serverNow } from '../../../api'
import { Box, Press } from '../../../components/base'
import { host } from '../../../platform/host'
import { storage } from '../../../platform/storage'
import { type Announcer, announcer } from './announcer'
import { type Choice, isNews, isNight, SILENT } from './when'
import { arrivalSounds } from './words'

/** ¥10.50 with a reward of ¥1.20: what a shop will hear. */
const SAMPLE = { amountFen: 1_050, merchantRewardFen: 120 }

/** Says what arrives, if the person wants it to. */
export function useVoice() {
  const [choice, setChoice] = useState<Choice>(() => storage.get<Choice>('voice') ?? SILENT)
  const [mute, setMute] = useState(false)
  const chosen = useRef(choice)
  const speaker = useRef<Announcer>()
  const said = useRef(new Set<string>())
  speaker.current ??= announcer(host.play, () => setMute(true))

  const choose = (next: Choice) => {
    chosen.current = next
    setChoice(next)
    storage.set('voice', next)
    if (!next.on) speaker.current?.hush()
  }
  const hear = useCallback((order: MerchantOrderView) => {
    if (!isNews(order, chosen.current, serverNow(), said.current)) return
    said.current.add(order.orderNo)
    speaker.current?.say(arrivalSounds(order))
  }, [])
  const test = () => {
    setMute(false)
    speaker.current?.hush()
    speaker.current?.say(arrivalSounds(SAMPLE))
  }
  useEffect(() => () => speaker.current?.hush(), [])
  // A telephone whose screen goes off hears of nothing: neither WeChat nor a browser lets a page listen then.
  useEffect(() => {
    if (!choice.on) return
    host.keepAwake?.(true)
    return () => host.keepAwake?.(false)
  }, [choice.on])
  return { choice, mute, choose, hear, test }
}

/** 语音播报: on or off, at night too or not, and how it sounds. */
export function Voice({ choice, mute, choose, test }: ReturnType<typeof useVoice>) {
  const toggle = () => {
    choose({ ...choice, on: !choice.on })
    // by the person's own tap: after it a browser lets the page be heard
    if (!choice.on) test()
  }
  return (
    <Box className="voice">
      <Box className="voice__line">
        <Box className="voice__words">
          收款语音播报
          <Box className="voice__note" role="status" live="polite">
            {noteOf(choice, mute)}
          </Box>
        </Box>
        {choice.on && (
          <Press className="voice__press" onPress={test}>
            试听
          </Press>
        )}
        <Press className="voice__press" label={choice.on ? '关闭语音播报' : '打开语音播报'} onPress={toggle}>
          {choice.on ? '关闭' : '打开'}
        </Press>
      </Box>
      {choice.on && (
        <Press
          className="voice__night"
          chosen={choice.night}
          label="夜里也播报"
          onPress={() => choose({ ...choice, night: !choice.night })}
        >
          {choice.night ? '夜里（22 点到 7 点）也播报 · 点一下改为不播' : '夜里（22 点到 7 点）不播报 · 点一下改为也播'}
        </Press>
      )}
    </Box>
  )
}

function noteOf({ on, night }: Choice, mute: boolean): string {
  if (!on) return '收到一笔，报一笔金额和奖励'
  if (mute) return '现在放不出声音，点“试听”打开'
  if (isNight(serverNow()) && !night) return '夜里不播报，早上 7 点恢复'
  return '请停在这个页面，不要锁屏'
}
