import { Text, View } from '@tarojs/components'
import { type CSSProperties, useSyncExternalStore } from 'react'
import { largeType } from '../large-type'
import type { BoxProps, PressProps } from './base-props'

/** The template attributes come from config/aria-plugin.cjs; Taro's own types know only some of them. */
function aria({ role, label, silent, live }: BoxProps): object {
  return {
    ...(role && { ariaRole: role }),
    ...(label && { ariaLabel: label }),
    ...(silent && { ariaHidden: true }),
    ...(live && { ariaLive: live }),
  }
}

/** WeChat knows no landmarks, and has no root that a page could style: its outermost box says how large text is. */
function Main({ className, children }: BoxProps) {
  const size = useSyncExternalStore(largeType.listen, largeType.now)
  return (
    <View
      className={largeType.roomy(size) ? `${className} elder` : className}
      style={{ '--type': size.scale } as CSSProperties}
    >
      {children}
    </View>
  )
}

export function Box({ className, style, children, ...rest }: BoxProps) {
  if (rest.role === 'main') return <Main className={className}>{children}</Main>
  return (
    <View className={className} style={style} {...aria(rest)}>
      {children}
    </View>
  )
}

export function Words({ className, style, children, ...rest }: BoxProps) {
  if (rest.label || rest.silent || rest.live || rest.role)
    return (
      <View className={`words ${className ?? ''}`} style={style} {...aria(rest)}>
        {children}
      </View>
    )
  return (
    <Text className={className} style={style}>
      {children}
    </Text>
  )
}

/** So soon a press is seen, and so long after it; a view's own times are a list's. */
const HOLD_MS = 40

/**
 * No `button` of WeChat's: its styles are stronger than any class. With `style: v2` (app.config.ts) each would be 184 px wide and in the middle,
 * and grey by itself where it can't be pressed.
 */
export function Press({ className = '', children, label, disabled, chosen, onPress }: PressProps) {
  const spoken = label !== undefined && chosen ? `${label}，已选中` : label
  return (
    <View
      className={`press ${disabled ? 'press--off' : ''} ${className}`}
      hoverClass={disabled ? 'none' : 'press--held'}
      hoverStartTime={HOLD_MS}
      hoverStayTime={HOLD_MS}
      onClick={disabled ? undefined : onPress}
      {...aria({ role: 'button', label: spoken })}
      {...(disabled && { ariaDisabled: true })}
    >
      {children}
    </View>
  )
}
