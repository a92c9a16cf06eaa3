import Taro from '@tarojs/taro'
import { Press } from './base'
import type { FieldProps } from './field-props'
import './field.scss'

/** WeChat's own dialogue does the typing: the template of its input would be 2.5 KB of every package. */
export function Field({ label, value, onType }: FieldProps) {
  const ask = async () => {
    // `editable` is WeChat's alone, so Taro's types don't know it
    const asked = { title: label, content: value, editable: true } as Taro.showModal.Option
    const answer = (await Taro.showModal(asked)) as { confirm: boolean; content?: string }
    if (answer.confirm) onType(answer.content ?? '')
  }
  return (
    <Press className="field" onPress={() => void ask()}>
      {value || label}
    </Press>
  )
}
