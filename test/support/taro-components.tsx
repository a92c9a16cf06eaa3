import type { ReactNode } from 'react'

/** Mini-program components as plain elements, for tests of what `*.weapp.tsx` hands to them. */
type Props = { children?: ReactNode; onClick?: () => void; disabled?: boolean; className?: string } & Record<
  string,
  unknown
>

const element = (name: string) =>
  // biome-ignore lint/correctness/noComponentHookFactories: made once a name, below
  function Fake({ children, onClick, disabled, className, ...rest }: Props) {
    return (
      // biome-ignore lint/a11y: stands for a component of WeChat's
      <div
        data-taro={name}
        data-props={JSON.stringify(rest)}
        className={className}
        onClick={disabled ? undefined : onClick}
      >
        {children}
      </div>
    )
  }

export const View = element('View')
export const Text = element('Text')
export const Input = element('Input')
export const Picker = element('Picker')
