import { useState } from 'react'
import { api, type Reader } from '../../api'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { faultLine, faultOf } from '../../sentences'

interface BindProps {
  reader: Reader
  /** the shop that they were a user of until now */
  left: string | undefined
  onBound(): void
}

/** A code has eight characters, a card's twelve; they may be typed with dashes or spaces in them. */
const LONGEST = 16

/** For a person who is no merchant's yet, or no longer: the code that the bank or the owner handed over makes them one. */
export function Bind({ reader, left, onBound }: BindProps) {
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
      setSaid(fault.code === 'binding-refused' ? '绑定码不对或已失效，请重新要一个' : faultLine(fault))
      setBusy(false)
    }
  }
  return (
    <Box className="page" role="main">
      {left && (
        <Box className="left" role="status">
          <Box className="left__title">{`您已不是“${left}”的成员`}</Box>
          这里不再显示它的收款。有疑问请问店主或银行；拿到新的绑定码，可以重新绑定。
        </Box>
      )}
      <Box className="bind__label" silent>
        请输入银行或店主给您的绑定码
      </Box>
      <Field
        label="请输入银行或店主给您的绑定码"
        hint="绑定码，或卡号接激活码"
        value={code}
        maxLength={LONGEST}
        onType={setCode}
      />
      <Button kind="main" disabled={busy || code.length < 8} onPress={() => void bind()}>
        绑定商户
      </Button>
      <Box className="notice__text" live="assertive">
        {said}
      </Box>
    </Box>
  )
}
