import { type ReactNode, useEffect } from 'react'
import { type AmountKey, amountKey, readAmount } from '../amount'
import { host } from '../platform/host'
import { Box, Press } from './base'
import './keypad.scss'

interface KeypadProps {
  /** false: keys do nothing (a payment is under way) */
  enabled: boolean
  /** the amount is another's to say: there is nothing but the key that pays */
  fixed?: boolean
  onKey(key: AmountKey): void
  /** an amount that was pasted takes the place of what was typed */
  onPaste(amount: string): void
  /** the key that pays: what it says, and whether it may be pressed */
  pay: { content: ReactNode; label: string; enabled: boolean; onPress(): void }
}

const ROWS: AmountKey[] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '.']

/** The number keys as people know them from WeChat, with the paying key beside them; a physical keyboard works too. */
export function Keypad({ enabled, fixed = false, onKey, onPaste, pay }: KeypadProps) {
  const press = (key: AmountKey) => {
    host.buzz()
    onKey(key)
  }
  useEffect(() =>
    host.onKey((pressed) => {
      const key = amountKey(pressed)
      if (key && enabled && !fixed) onKey(key)
      if (pressed === 'Enter' && pay.enabled) pay.onPress()
    }),
  )
  useEffect(() =>
    host.onPaste((pasted) => {
      const amount = readAmount(pasted)
      if (amount !== null && enabled && !fixed) onPaste(amount)
    }),
  )
  const payKey = (
    <Press className="key key--pay" label={pay.label} disabled={!pay.enabled} onPress={pay.onPress}>
      {pay.content}
    </Press>
  )
  if (fixed) return <Box className="keypad keypad--fixed">{payKey}</Box>
  return (
    <Box className="keypad" role="group" label="金额键盘">
      <Box className="keypad__grid">
        {ROWS.map((key) => (
          <Press
            key={key}
            className={`key key--${key === '.' ? 'point' : key}`}
            label={key === '.' ? '点' : key}
            disabled={!enabled}
            onPress={() => press(key)}
          >
            {key}
          </Press>
        ))}
        <Press className="key key--back" label="退格" disabled={!enabled} onPress={() => press('back')}>
          <Box className="key__back" silent />
        </Press>
        {payKey}
      </Box>
    </Box>
  )
}
