import { Button, Text, View } from '@tarojs/components'
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

export function Box({ className, style, children, ...rest }: BoxProps) {
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

export function Press({ className = '', children, label, disabled, chosen, onPress }: PressProps) {
  const spoken = label !== undefined && chosen ? `${label}，已选中` : label
  return (
    <Button
      className={`press ${className}`}
      hoverClass="press--held"
      disabled={disabled}
      onClick={onPress}
      {...aria({ label: spoken })}
    >
      {children}
    </Button>
  )
}
