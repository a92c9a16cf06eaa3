import { Input } from '@tarojs/components'
import { CodeCells } from './code-cells'
import type { CodeFieldProps } from './field-props'

/** The code of a text message; the keyboard of an iPhone offers it by itself. */
export function CodeField({ label, value, length, onType, onEnter }: CodeFieldProps) {
  return (
    <CodeCells value={value} length={length}>
      <Input
        className="code__input"
        type="number"
        focus
        value={value}
        maxlength={length}
        onInput={({ detail }) => onType(detail.value.replace(/\D/g, '').slice(0, length))}
        onConfirm={onEnter}
        {...{ ariaLabel: label }}
      />
    </CodeCells>
  )
}
