import type { PayerActionView } from '@contract'
import { useEffect, useState } from 'react'
import { serverNow } from '../api'
import { clock } from '../dates'
import { useAnew } from '../use-anew'
import type { Challenge as Answers } from '../use-challenge'
import { Box, Press } from './base'
import { Button } from './button'
import { CodeField } from './code-field'
import './challenge.scss'

/** Banks send six digits. */
const CODE_LENGTH = 6

interface ChallengeProps {
  action: PayerActionView
  answers: Answers
  /** what the button does: 确认付款 */
  label: string
}

/** The bank asks whether it is really the payer: where the code went, the code, another one, how often and how long. */
export function Challenge({ action, answers, label }: ChallengeProps) {
  const { challengeId = '', kinds = 'sms', maskedPhone, attemptsLeft, lastProof } = action.params
  // a wrong one is taken away, so that the next can be typed at once: with each answer, and each new question
  const [code, setCode] = useAnew('', `${challengeId} ${answers.answered}`)
  const whole = code.length === CODE_LENGTH
  const confirm = () => whole && !answers.busy && answers.confirm(challengeId, code)

  if (!kinds.includes('sms'))
    return (
      <Box className="challenge">
        <Box className="challenge__where">{`请打开手机银行确认，${clock(Date.parse(action.expiresAt))} 前有效`}</Box>
        <Box className="challenge__hint">确认后，这里会自动显示结果</Box>
      </Box>
    )
  const wrong = lastProof === 'wrong' && code === '' ? `验证码不对，还可以试 ${attemptsLeft} 次` : ''
  return (
    <Box className="challenge">
      <Box className="challenge__where">{maskedPhone ? `短信验证码已发送到 ${maskedPhone}` : '请输入短信验证码'}</Box>
      <CodeField
        label="6 位短信验证码"
        value={code}
        length={CODE_LENGTH}
        // what is typed while an answer is on its way would be taken away with it
        onType={(typed) => !answers.busy && setCode(typed)}
        onEnter={confirm}
      />
      <Box className="challenge__said" live="assertive" role="status">
        {answers.said || wrong}
      </Box>
      <Box className="challenge__row">
        <Box className="challenge__hint">{`${clock(Date.parse(action.expiresAt))} 前有效`}</Box>
        <Resend at={Math.max(Number(action.params.resendAt) || 0, answers.resendAt)} answers={answers} />
      </Box>
      <Button kind="main" disabled={!whole || answers.busy} onPress={confirm}>
        {answers.busy ? '请稍候…' : label}
      </Button>
    </Box>
  )
}

/** Counts by itself, so that a second passing renders nothing else. */
function Resend({ at, answers }: { at: number; answers: Answers }) {
  const seconds = useSecondsUntil(at)
  return (
    <Press className="challenge__resend" disabled={seconds > 0 || answers.busy} onPress={answers.resend}>
      {seconds > 0 ? `${seconds} 秒后可重新发送` : '重新发送'}
    </Press>
  )
}

function useSecondsUntil(at: number): number {
  const left = () => Math.max(0, Math.ceil((at - serverNow()) / 1_000))
  const [seconds, setSeconds] = useState(left)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the moment decides
  useEffect(() => {
    setSeconds(left())
    if (left() === 0) return
    const timer = setInterval(() => {
      setSeconds(left())
      if (left() === 0) clearInterval(timer)
    }, 1_000)
    return () => clearInterval(timer)
  }, [at])
  return seconds
}
