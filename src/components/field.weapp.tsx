import { Input } from '@tarojs/components'
import type { FieldProps } from './field-props'
import './field.scss'

const KINDS = { code: 'text', account: 'number', name: 'text', phone: 'number', amount: 'digit', note: 'text' } as const

/** One line to type into. */
export function Field({ label, hint = label, kind = 'code', className = '', value, maxLength, ...on }: FieldProps) {
  const { onType, onLeave } = on
  return (
    <Input
      className={`field ${className}`}
      type={KINDS[kind]}
      placeholder={hint}
      value={value}
      maxlength={maxLength}
      onInput={({ detail }) => onType(detail.value)}
      onBlur={() => onLeave?.()}
      {...{ ariaLabel: label }}
    />
  )
}
