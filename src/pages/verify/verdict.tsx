import type { CampaignSecretView } from '@contract'
import { Box, Words } from '../../components/base'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { useAnswer } from '../../use-answer'
import { Cards } from './cards'
import type { Proof, Revealed, Told } from './check'

interface VerdictProps {
  deck: Revealed
  secrets: CampaignSecretView | null
  told: Told | null
}

/**
 * Whether a published deck holds. What deals it anew can't even be loaded by an engine without whole numbers of any size (iOS before 14,
 * Chrome before 67), so it is fetched for itself; everything else of the page is there without.
 */
export function Verdict(props: VerdictProps) {
  const [check, read] = useAnswer(async () => (typeof BigInt === 'function' ? await import('./check') : null), 'check')
  switch (check.kind) {
    case 'waiting':
      return <Skeleton inside heights={[120, 180]} label="正在核对" />
    case 'failed':
      return <Unread inside error={check.error} onRetry={read} />
    case 'ready':
      return check.value ? (
        <Proven {...props} proof={check.value.prove(props.deck, props.told, props.secrets)} />
      ) : (
        <TooOld />
      )
  }
}

function TooOld() {
  return (
    <Box className="verify__verdict verify__verdict--wait" role="status">
      <Box className="verify__word">这台设备不能核对</Box>
      <Box className="verify__text">
        浏览器太旧，算不了核对要用的大数；牌组对不对，这里没有结论。请升级系统，或换一台较新的手机或电脑打开本页。
      </Box>
    </Box>
  )
}

function Proven({ deck, proof }: { deck: Revealed; proof: Proof }) {
  return (
    <>
      <Box className={`verify__verdict verify__verdict--${proof.holds ? 'ok' : 'bad'}`} role="status">
        <Box className="verify__word">{proof.holds ? '验证通过' : '验证不通过'}</Box>
        <Box className="verify__text">
          {proof.holds
            ? '刚刚在您的浏览器里把当天的金额重新排了一遍：和公布凭证时排好的一样，之后没有改过。'
            : '有一项对不上，见下面打叉的一项，请向主办方反映。'}
        </Box>
      </Box>
      <Box className="verify__section">
        {proof.checks.map(({ holds, title, text }) => (
          <Box key={title} className="verify__check">
            <Words
              className={`verify__mark ${holds ? '' : 'verify__mark--bad'}`}
              role="img"
              label={holds ? '通过' : '不通过'}
            >
              {holds ? '✓' : '✗'}
            </Words>
            <Box className="verify__found">
              <Box className="verify__name">{title}</Box>
              <Box className="verify__text">{text}</Box>
            </Box>
          </Box>
        ))}
      </Box>
      <Box className="verify__section">
        <Box className="verify__name" role="heading" level={2}>
          当日的每一份
        </Box>
        <Cards deck={deck} proof={proof} />
      </Box>
    </>
  )
}
