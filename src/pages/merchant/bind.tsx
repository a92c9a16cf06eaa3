import { useState } from 'react'
import { api, type Reader } from '../../api'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { faultOf, faultSentence } from '../../sentences'

/** A bank's code has eight characters; it may be typed with dashes or spaces in it. */
const LONGEST = 12

/** For a person who is no merchant's yet: the code the bank handed over makes them one. */
export function Bind({ reader, onBound }: { reader: Reader; onBound(): void }) {
  const [code, setCode] = useState('')
  const [said, setSaid] = useState('')
  const [busy, setBusy] = useState(false)
  const bind = async () => {
    setBusy(true)
    try {
      await api.bind(reader, code)
      onBound()
    } catch (error) {
      const fault = faultOf(error)
      const { title, text } = faultSentence(fault)
      setSaid(fault.code === 'binding-refused' ? '绑定码不对或已失效，请银行重新发码' : `${title}，${text}`)
      setBusy(false)
    }
  }
  return (
    <Box className="page">
      <Field label="请输入银行给您的 8 位绑定码" value={code} maxLength={LONGEST} onType={setCode} />
      <Button kind="main" disabled={busy || code.length < 8} onPress={() => void bind()}>
        绑定商户
      </Button>
      <Box className="notice__text" live="assertive">
        {said}
      </Box>
    </Box>
  )
}
