import type { AgreementView } from '@contract'
import Taro, { useDidShow } from '@tarojs/taro'
import { useState } from 'react'
import { api } from '../../api'
import { Box, Press, Words } from '../../components/base'
import { Button } from '../../components/button'
import { Notice, Sheet } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { useHolder } from '../../holder'
import { agreementWords, deskSentence, faultOf, smallWords } from '../../sentences'
import { useAnswer } from '../../use-answer'
import './index.scss'

const toSign = () => void Taro.navigateTo({ url: '/pages/sign/index' })

/** 付款账户: the accounts that the payer has bound, which one pays, and 免密 of each. */
export default function AgreementsPage() {
  return <Own key={useHolder()} />
}

function Own() {
  const [page, read, readQuietly] = useAnswer(() => api.agreements(), 'agreements')
  useDidShow(readQuietly)
  if (page.kind === 'waiting')
    return (
      <Box className="page" role="main">
        <Skeleton heights={[150, 150]} label="正在载入付款账户" />
      </Box>
    )
  if (page.kind === 'failed')
    return (
      <Box className="page" role="main">
        <Unread error={page.error} onRetry={read} />
      </Box>
    )
  const { items } = page.value
  if (items.length === 0)
    return (
      <Box className="page" role="main">
        <Notice
          mark="行"
          title="还没有付款账户"
          text="添加本行的卡或账户，验证一次就可以付款"
          action={{ label: '添加付款账户', onPress: toSign }}
        />
      </Box>
    )
  return (
    <Box className="page" role="main">
      <Box className="heard" role="heading">
        付款账户
      </Box>
      {items.map((agreement) => (
        <Agreement
          key={agreement.agreementId}
          agreement={agreement}
          several={items.length > 1}
          onChange={readQuietly}
        />
      ))}
      <Button kind="quiet" onPress={toSign}>
        添加付款账户
      </Button>
    </Box>
  )
}

interface AgreementProps {
  agreement: AgreementView
  /** there is another one to choose instead */
  several: boolean
  onChange(): void
}

function Agreement({ agreement, several, onChange }: AgreementProps) {
  const { agreementId, isDefault, small } = agreement
  const [state, setState] = useState({ busy: false, said: '', ending: false })
  const run = async (deed: (agreementId: string) => Promise<void>) => {
    setState({ busy: true, said: '', ending: false })
    const said = await deed(agreementId).then(
      () => '',
      (error) => deskSentence(faultOf(error)),
    )
    setState({ busy: false, said, ending: false })
    onChange()
  }
  const keep = () => setState({ ...state, ending: false })
  const allow = () => void Taro.navigateTo({ url: `/pages/small/index?agreementId=${agreementId}` })
  return (
    <Box className="account">
      <Box className="account__head">
        <Box className="account__mark" silent>
          {[...agreement.bankName][0]}
        </Box>
        <Box className="account__words">
          <Box className="account__name">{agreementWords(agreement)}</Box>
          <Box className="account__small">{smallWords(agreement) || '每笔付款都要验证码'}</Box>
        </Box>
        {isDefault && several && <Words className="account__default">默认</Words>}
      </Box>
      <Box className="account__deeds">
        {several && !isDefault && (
          <Press className="account__deed" disabled={state.busy} onPress={() => void run(api.makeDefault)}>
            设为默认
          </Press>
        )}
        <Press className="account__deed" disabled={state.busy} onPress={small ? () => void run(api.endSmall) : allow}>
          {small ? '关闭免密' : '开通免密'}
        </Press>
        <Press
          className="account__deed"
          disabled={state.busy}
          onPress={() => setState({ busy: false, said: '', ending: true })}
        >
          {state.busy ? '请稍候…' : '解约'}
        </Press>
      </Box>
      {state.ending && (
        <Sheet
          title={`解约 ${agreementWords(agreement)}？`}
          main={{ label: '确认解约', onPress: () => void run(api.endAgreement) }}
          other={{ label: '不解约', onPress: keep }}
          onClose={keep}
        >
          解约后不能再用它付款，免密一并关闭。
        </Sheet>
      )}
      <Box className="account__said" live="polite" role="status">
        {state.said}
      </Box>
    </Box>
  )
}
