import type { AgreementView, SmallTermsView } from '@contract'
import Taro, { useRouter } from '@tarojs/taro'
import { useState } from 'react'
import { api } from '../../api'
import { Box, Press } from '../../components/base'
import { Button } from '../../components/button'
import { Consent } from '../../components/consent'
import { Notice } from '../../components/notice'
import { SigningSteps, SigningUnread } from '../../components/signing-steps'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { agreementWords, deskSentence, signRefusalSentence, wholeYuan } from '../../sentences'
import { useAnswer } from '../../use-answer'
import { useSigning } from '../../use-signing'
import './index.scss'

/** 小额免密: what it means, how much and how often, and the payer's own yes, confirmed by a code of its own. */
export default function SmallPage() {
  const agreementId = useRouter().params.agreementId ?? ''
  const [page, read] = useAnswer(() => Promise.all([api.smallTerms(), api.agreements()]), agreementId)
  const signing = useSigning(`small.${agreementId}`, goBack)
  if (page.kind === 'failed')
    return (
      <Box className="page" role="main">
        <Unread error={page.error} onRetry={read} />
      </Box>
    )
  if (page.kind === 'waiting')
    return (
      <Box className="page" role="main">
        <Skeleton heights={[60, 260, 120]} label="正在载入免密说明" />
      </Box>
    )
  const [terms, { items }] = page.value
  const agreement = items.find((one) => one.agreementId === agreementId)
  if (!agreement)
    return (
      <Box className="page" role="main">
        <Notice mark="!" title="这个账户已经解约" action={{ label: '返回', onPress: goBack }} />
      </Box>
    )
  if (signing.looking) return <SigningUnread signing={signing} />
  const { view } = signing
  if (view && view.state !== 'refused')
    return <SigningSteps signing={signing} view={view} title="确认开通免密" label="确认开通" leave="不开通了" />
  const anew = () => {
    signing.forget()
    read()
  }
  return <Consents terms={terms} agreement={agreement} signing={signing} onChanged={anew} />
}

function goBack() {
  if (Taro.getCurrentPages().length > 1) void Taro.navigateBack()
  else void Taro.redirectTo({ url: '/pages/agreements/index' })
}

interface ConsentsProps {
  terms: SmallTermsView
  agreement: AgreementView
  signing: ReturnType<typeof useSigning>
  /** the terms are to be shown anew */
  onChanged(): void
}

function Consents({ terms, agreement, signing, onChanged }: ConsentsProps) {
  const { version, sha256, perDay: most } = terms
  const [maxFen, setMaxFen] = useState(terms.maxFenChoices[0] ?? 0)
  const [perDay, setPerDay] = useState(Math.min(3, most))
  const [agreed, setAgreed] = useState(false)
  const [busy, setBusy] = useState(false)
  const begin = async () => {
    setBusy(true)
    const body = { maxFen, perDay, terms: { version, sha256 } }
    await signing.begin(() => api.allowSmall(agreement.agreementId, body))
    setBusy(false)
  }
  const { view, error } = signing
  const said = view?.refusal ? signRefusalSentence(view.refusal) : error ? deskSentence(error) : ''
  return (
    <Box className="page" role="main">
      <Box className="small__title" role="heading">
        {terms.title}
      </Box>
      <Box className="small__account">{agreementWords(agreement)}</Box>
      <Box className="small__lines">
        {terms.lines.map((line) => (
          <Box key={line} className="small__line">
            {line}
          </Box>
        ))}
        <Box className="small__version">{`版本 ${version}`}</Box>
      </Box>
      <Choice
        name="每笔不超过"
        choices={terms.maxFenChoices.map((fen) => [fen, `${wholeYuan(fen)} 元`])}
        chosen={maxFen}
        onChoose={setMaxFen}
      />
      <Choice
        name="每天最多"
        choices={[...new Set([1, Math.min(3, most), most])].map((times) => [times, `${times} 笔`])}
        chosen={perDay}
        onChoose={setPerDay}
      />
      <Box className="small__said" live="assertive">
        {said}
      </Box>
      {error?.code === 'terms-changed' ? (
        <Button kind="main" onPress={onChanged}>
          看新的说明
        </Button>
      ) : (
        <>
          <Consent agreed={agreed} onChange={setAgreed}>
            我已看过以上说明，同意为这个账户开通小额免密
          </Consent>
          <Button kind="main" disabled={!agreed || busy} onPress={() => void begin()}>
            {busy ? '请稍候…' : '下一步：验证码确认'}
          </Button>
        </>
      )}
    </Box>
  )
}

interface ChoiceProps {
  name: string
  choices: [value: number, words: string][]
  chosen: number
  onChoose(value: number): void
}

function Choice({ name, choices, chosen, onChoose }: ChoiceProps) {
  return (
    <Box className="choice" role="group" label={name}>
      <Box className="choice__name">{name}</Box>
      <Box className="choice__chips">
        {choices.map(([value, words]) => (
          <Press
            key={value}
            className={`choice__chip ${value === chosen ? 'choice__chip--chosen' : ''}`}
            chosen={value === chosen}
            onPress={() => onChoose(value)}
          >
            {words}
          </Press>
        ))}
      </Box>
    </Box>
  )
}
