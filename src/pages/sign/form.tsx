import { useState } from 'react'
import { digitsOf, fitsCard, grouped, mobileOf } from '../../account'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { Consent } from '../../components/consent'
import { Field } from '../../components/field'
import './form.scss'

/** What the payer types, for the bank alone: nothing of it is kept on this device or in an address. */
export interface Typed {
  account: string
  name: string
  phone: string
}
export const EMPTY: Typed = { account: '', name: '', phone: '' }

/** 32 digits in groups of four. */
const ACCOUNT_LENGTH = 39
const MOBILE_LENGTH = 11
/** With a country and signs between: cut, it would be another number. */
const PHONE_LENGTH = 30

interface SignFormProps {
  typed: Typed
  onType(typed: Typed): void
  busy: boolean
  /** why the last try came to nothing */
  said: string
  onReady(): void
}

export function SignForm({ typed, onType, busy, said, onReady }: SignFormProps) {
  const [agreed, setAgreed] = useState(false)
  const [left, setLeft] = useState<Partial<Record<keyof Typed, boolean>>>({})
  const { account, name, phone } = typed
  const leave = (field: keyof Typed) => () => setLeft((was) => ({ ...was, [field]: true }))
  const whole = account.length >= 8 && name.trim() !== '' && phone.length >= 8
  return (
    <Box>
      <Box className="sign__title" role="heading">
        添加付款账户
      </Box>
      <Box className="sign__text">信息只交给银行核对，这里不保存</Box>
      <Box className="sign__lines">
        <Box className="sign__line">
          <Box className="sign__name" silent>
            卡号
          </Box>
          <Field
            className="field--bare"
            kind="account"
            label="卡号或账号"
            hint="银行卡号或账号"
            value={grouped(account)}
            maxLength={ACCOUNT_LENGTH}
            onType={(text) => onType({ ...typed, account: digitsOf(text) })}
            onLeave={leave('account')}
          />
        </Box>
        <Box className="sign__line">
          <Box className="sign__name" silent>
            姓名
          </Box>
          <Field
            className="field--bare"
            kind="name"
            label="姓名"
            hint="账户本人姓名"
            value={name}
            maxLength={64}
            onType={(text) => onType({ ...typed, name: text })}
          />
        </Box>
        <Box className="sign__line">
          <Box className="sign__name" silent>
            手机号
          </Box>
          <Field
            className="field--bare"
            kind="phone"
            label="银行预留手机号"
            value={phone}
            maxLength={PHONE_LENGTH}
            onType={(text) => onType({ ...typed, phone: mobileOf(text) })}
            onLeave={leave('phone')}
          />
        </Box>
      </Box>
      <Box className="sign__hint" live="polite" role="status">
        {left.account && !fitsCard(account) && <Box>卡号好像不对，请再核对一遍</Box>}
        {left.phone && phone !== '' && phone.length !== MOBILE_LENGTH && <Box>手机号一般是 11 位，请核对</Box>}
        {said && <Box className="sign__said">{said}</Box>}
      </Box>
      <Consent agreed={agreed} onChange={setAgreed}>
        同意把以上信息交给银行核对，并在我每次确认后从该账户付款。可随时解约
      </Consent>
      <Button kind="main" disabled={!whole || !agreed || busy} onPress={onReady}>
        {busy ? '正在请银行核对…' : '下一步'}
      </Button>
    </Box>
  )
}
