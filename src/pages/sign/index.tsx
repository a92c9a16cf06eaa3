import Taro, { useRouter } from '@tarojs/taro'
import { useState } from 'react'
import { api } from '../../api'
import { Box } from '../../components/base'
import { SigningSteps, SigningUnread } from '../../components/signing-steps'
import { counterSearch, type PageParams } from '../../entry'
import { useHolder } from '../../holder'
import { host } from '../../platform/host'
import { deskSentence, signRefusalSentence } from '../../sentences'
import { useSigning } from '../../use-signing'
import { EMPTY, SignForm, type Typed } from './form'

/**
 * 签约: binds an account of the payer's, confirmed by the bank's code or on the bank's own page. Opened from the counter it leads back
 * there, with the amount.
 */
export default function SignPage() {
  return <Sign key={useHolder()} />
}

function Sign() {
  const { params } = useRouter()
  const [typed, setTyped] = useState<Typed>(EMPTY)
  const [busy, setBusy] = useState(false)
  const signing = useSigning('sign', () => goOn(params))
  const { view, looking, error } = signing

  const begin = async () => {
    setBusy(true)
    // pages in a browser have an address that the bank's page can lead back to
    const returnTo = host.apiOrigin === '' ? { returnTo: `/#/pages/sign/index${searchOf(params)}` } : {}
    await signing.begin(() => api.sign({ ...typed, name: typed.name.trim(), ...returnTo }))
    setBusy(false)
  }
  if (looking) return <SigningUnread signing={signing} />
  if (view && view.state !== 'refused')
    return <SigningSteps signing={signing} view={view} title="确认是您本人的账户" label="确认签约" leave="换一个账户" />
  const said = view?.refusal ? signRefusalSentence(view.refusal) : error ? deskSentence(error) : ''
  return (
    <Box className="page" role="main">
      <SignForm typed={typed} onType={setTyped} busy={busy} said={said} onReady={() => void begin()} />
    </Box>
  )
}

const AMOUNT = /^\d{1,7}(\.\d{1,2})?$/

/** What leads back to the counter: its code and the amount typed there. */
function searchOf(params: PageParams): string {
  const counter = counterSearch(params)
  return counter && `${counter}${AMOUNT.test(params.amount ?? '') ? `&amount=${params.amount}` : ''}`
}

/** Back to where the payer came from; after a way over the bank's page nothing lies below this page any more. */
function goOn(params: PageParams) {
  const search = searchOf(params)
  if (Taro.getCurrentPages().length > 1) void Taro.navigateBack()
  else void Taro.redirectTo({ url: search ? `/pages/pay/index${search}` : '/pages/agreements/index' })
}
