import type { SignView } from '@contract'
import { useEffect, useState } from 'react'
import { api } from '../api'
import { host } from '../platform/host'
import { deskSentence } from '../sentences'
import { useChallenge } from '../use-challenge'
import type { Signing } from '../use-signing'
import { Box } from './base'
import { Button } from './button'
import { Challenge } from './challenge'
import { Notice } from './notice'
import { Skeleton } from './skeleton'
import './signing-steps.scss'

interface SigningStepsProps {
  signing: Signing
  view: SignView
  title: string
  /** what the code confirms */
  label: string
  /** how to leave it and begin with another */
  leave: string
}

/** What the bank asks before an account is bound, or small amounts are allowed. */
export function SigningSteps({ signing, view, title, label, leave }: SigningStepsProps) {
  const { signNo, action } = view
  const answers = useChallenge<SignView>({
    confirm: (answer) => api.confirmSigning(signNo, answer),
    resend: () => api.resendSigning(signNo),
    onAnswer: signing.take,
    look: signing.look,
  })
  useLooking(action !== null && !(action.kind === 'challenge' && action.params.kinds === 'sms'), signing.look)
  if (view.state === 'signed')
    return (
      <Box className="page" role="main">
        <Notice mark="✓" title="办好了" />
      </Box>
    )
  return (
    <Box className="page steps" role="main">
      <Box className="steps__title" role="heading">
        {title}
      </Box>
      {action?.kind === 'challenge' && <Challenge action={action} answers={answers} label={label} />}
      {action?.kind === 'redirect' && <AtBank action={action} />}
      {!action && <Box className="steps__text">确认的时间已过，或者银行还没有回应。可以重新查询，或者重新开始。</Box>}
      {action?.kind !== 'challenge' && (
        <Button kind="quiet" onPress={signing.look}>
          {action ? '我已确认，查询结果' : '重新查询'}
        </Button>
      )}
      <Button kind="plain" className="steps__leave" onPress={signing.forget}>
        {leave}
      </Button>
    </Box>
  )
}

function AtBank({ action }: { action: NonNullable<SignView['action']> }) {
  const [unavailable, setUnavailable] = useState(false)
  const go = async () => setUnavailable((await host.payBy(action, 'bank')) === 'unavailable')
  return (
    <Box>
      <Box className="steps__text">银行请您在它自己的页面上确认，确认后会回到这里。</Box>
      <Button kind="main" className="steps__go" onPress={() => void go()}>
        去银行页面确认
      </Button>
      {unavailable && <Box className="steps__text">小程序里打不开银行页面，请换一个账户。</Box>}
    </Box>
  )
}

/** Of a signing begun before: it isn't known how it stands. */
export function SigningUnread({ signing }: { signing: Signing }) {
  const { error, look } = signing
  return (
    <Box className="page" role="main">
      {error ? (
        <Notice
          mark="!"
          title="还不知道办好了没有"
          text={deskSentence(error)}
          action={{ label: '重新查询', onPress: look }}
        />
      ) : (
        <Skeleton heights={[60, 220, 50]} label="正在查询" />
      )}
    </Box>
  )
}

const LOOK_MS = 3_000

/** The payer confirms elsewhere: somebody has to ask. */
function useLooking(on: boolean, look: () => void) {
  useEffect(() => {
    if (!on) return
    const timer = setInterval(() => host.visible() && look(), LOOK_MS)
    return () => clearInterval(timer)
  }, [on, look])
}
